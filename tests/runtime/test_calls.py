"""The same calls on real servers, blocking and asyncio."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import kitchen_app
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.conftest import App, Shell, needs
from spacegen_runtime import Call, Endpoint, UnexpectedOutputWarning, endpoint, errors
from spacegen_runtime.protocol.drift import only_way
from spacegen_runtime.values import published

Apps = Callable[[str], App]


class Greeting(NamedTuple):
    greeting: str
    fahrenheit: float


class Countdown(NamedTuple):
    left: Any
    length: float


def test_one_output_is_the_value(shell: Shell, app: Apps) -> None:
    text = "hé 東京 \U0001f600 \u2028\u2029\x85 'q' \"d\" \\"

    assert shell.call(app("text")("/echo"), text) == text


def test_several_outputs_are_a_named_tuple(shell: Shell, app: Apps) -> None:
    greet = app("text")("/greet", Greeting)

    assert shell.call(greet, "Ada", True, 10) == Greeting(greeting="Hello, Ada!", fahrenheit=50.0)


def test_no_outputs_are_none(shell: Shell, app: Apps) -> None:
    assert shell.call(app("text")("/forget", None), "x") is None


def test_no_inputs(shell: Shell, app: Apps) -> None:
    assert shell.call(app("text")("/hello")) == "hello"


def test_unqueued_endpoints_answer_at_once(shell: Shell, app: Apps) -> None:
    fast = app("text")("/fast", queued=False)

    assert shell.call(fast, "now") == "now"
    assert shell.stream(fast, "now") == ["now"]


def test_numbers_become_the_promised_type(shell: Shell, app: Apps) -> None:
    total = shell.call(app("text")("/add", float), 1, 2)

    assert (total, type(total)) == (3.0, float)


def test_an_endpoint_by_its_number(shell: Shell, app: Apps) -> None:
    text = app("text")
    config = text.config()
    number = next(
        entry.get("id", at) for at, entry in enumerate(config["dependencies"]) if entry["api_name"] == "echo"
    )

    assert shell.call(text(number), "by number") == "by number"


@pytest.mark.parametrize("name", ["/with/slash", "/two words", "/per%cent", "/what?", "/東京", "/1st"])
def test_names_that_need_care(shell: Shell, app: Apps, name: str) -> None:
    assert shell.call(app("awkward")(name, Any), "[1]") == [1]


def test_every_step_comes_once_and_whole(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("4", gradio_version, "streams to browsers only")
    steps = ["Once", "Once upon", "Once upon a", "Once upon a time"]
    story = app("streaming")("/story")

    assert shell.stream(story, "Once") == steps
    assert shell.call(story, "Once") == steps[-1]
    assert shell.job(story, "Once") == (steps, steps[-1])


def test_streams_that_gradio_3_does_not_announce_are_refused(shell: Shell, app: Apps, gradio_version: str) -> None:
    """Those that it announces are refused when a package is written."""
    if gradio_version >= "4":
        pytest.skip("its streams are spoken")
    with pytest.raises(errors.Unsupported, match="streams to browsers only"):
        shell.call(app("streaming")("/story_async"), "Once")


def test_cancelling_where_the_version_can(app: Apps, gradio_version: str, tmp_path: Path) -> None:
    """Before 4.44 it is refused in so many words, and the caller may leave the job alone."""
    job = app("streaming")("/sleep_async", Any).submit(2, str(tmp_path / "mark"))
    if gradio_version < "4.44":
        with pytest.raises(errors.Unsupported, match=r"sleep_async: .* before 4\.44 cannot cancel"):
            job.cancel()
        assert not job.done()
        assert job.abandon()
    else:
        assert job.cancel()
    with pytest.raises(errors.CallCancelled):
        job.result(10)


def test_shrinking_lists_arrive_whole(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("4", gradio_version, "streams to browsers only")
    countdown = app("streaming")("/countdown", Countdown)

    assert shell.stream(countdown, 3) == [Countdown({"left": list(range(n))}, n) for n in (3, 2, 1, 0)]


def test_a_function_that_does_not_stream_gives_one_step(shell: Shell, app: Apps) -> None:
    assert shell.stream(app("text")("/echo"), "only") == ["only"]


def test_streaming_from_a_camera(shell: Shell, app: Apps, gradio_version: str) -> None:
    """Endpoints of `.stream()` events send messages of another kind from 5.0 on."""
    needs("4.20", gradio_version, "no camera streams (see apps/streaming.py)")
    frame = app("streaming")("/frame", Any, files=("a",))
    picture = Path(__file__).parent / "pixel.png"

    assert len(shell.stream(frame, picture)) >= 1


def test_separators_in_text(shell: Shell, app: Apps) -> None:
    odd = shell.call(app("streaming")("/separators"), "x")

    assert odd == "\u2028x\u2029\x85\x0b\x0c\x1c\r\n\0\U0001f600"


def test_large_values(shell: Shell, app: Apps) -> None:
    assert len(shell.call(app("streaming")("/large"), 10_000)) == 10_240_000


def test_not_a_number(shell: Shell, app: Apps) -> None:
    odd = shell.call(app("streaming")("/nothing_is_a_number", Any))

    assert set(odd) == {"nan", "infinity"}
    assert all(value is None or not math.isfinite(value) for value in odd.values())


def test_batched_endpoints(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("4.20", gradio_version, "a batched event stops the queue of 4.0 for good")
    assert shell.call(app("streaming")("/batched"), "word") == "WORD"


def test_progress_and_logs(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("4", gradio_version, "progress goes to browsers only")
    seen: list[Any] = []
    streaming = app("streaming")
    shell.job(streaming("/log"), "tea", then=lambda job: seen.extend(job.logs))
    shell.job(streaming("/progress"), 3, then=lambda job: seen.append(job.status()))

    assert [(log.level, log.message) for log in seen[:2]] == [
        ("info", "about tea"),
        ("warning", "careful with tea"),
    ]
    assert seen[2].stage == "done"
    assert seen[2].progress[0].unit == "steps"


def test_map_keeps_the_order(shell: Shell, app: Apps) -> None:
    words = [str(number) for number in range(40)]

    assert shell.map(app("text")("/echo"), words, concurrency=5) == words


def test_the_words_of_the_app(shell: Shell, app: Apps, gradio_version: str) -> None:
    with pytest.raises(errors.AppError) as caught:
        shell.call(app("errors")("/refuse"), "tea")

    assert caught.value.args == ("cannot do 'tea'\nat all",)
    assert (caught.value.endpoint, caught.value.hidden) == ("/refuse", False)
    assert caught.value.event_id or gradio_version < "4"  # which answers in one request


def test_hidden_errors(shell: Shell, app: Apps) -> None:
    with pytest.raises(errors.AppError) as caught:
        shell.call(app("errors")("/crash"), "tea")

    assert caught.value.hidden
    assert "secret" not in str(caught.value)


def test_steps_before_an_error_are_not_lost(app: Apps, gradio_version: str) -> None:
    needs("4", gradio_version, "streams to browsers only")
    happening = app("errors")("/crash_later").stream("x")

    assert [next(happening), next(happening)] == ["x 1", "x 2"]
    with pytest.raises(errors.AppError, match="third step failed"):
        next(happening)


def test_updates_are_their_value(shell: Shell, app: Apps) -> None:
    troubled = app("errors")

    assert shell.call(troubled("/update"), "x") == "x"
    with pytest.warns(UnexpectedOutputWarning, match="'result' has no new value; the Space changed its choices="):
        assert shell.call(troubled("/update_choices"), "x") is None
    assert shell.call(troubled("/skip"), "x") is None
    with pytest.warns(UnexpectedOutputWarning, match="output 'result' is not str but NoneType"):
        assert shell.call(troubled("/nothing"), "x") is None


def test_a_misfit_is_handed_over_with_one_warning(shell: Shell, app: Apps) -> None:
    odd = app("errors")("/off_schema", Literal["left", "right"])
    with pytest.warns(UnexpectedOutputWarning, match="/off_schema: output 'result'") as caught:
        assert [shell.call(odd, "up"), shell.call(odd, "down")] == ["up", "down"]

    assert len(caught) == 1


def test_a_misfit_under_strict(shell: Shell, app: Apps) -> None:
    odd = app("errors")("/off_schema", Literal["left", "right"]).with_options(strict=True)
    with pytest.raises(errors.UnexpectedOutput) as caught:
        shell.call(odd, "up")

    assert caught.value.raw == "up"
    assert shell.call(odd, "left") == "left"


def test_refused_choices(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("5", gradio_version, "choices are not checked")
    with pytest.raises(errors.InputRefused, match="list of choices"):
        shell.call(app("errors")("/pick", float), "2", 5)


def test_validators(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("6", gradio_version, "no validators")
    with pytest.raises(errors.InputRefused) as caught:
        shell.call(app("errors")("/validated"), "x", 99)

    assert caught.value.problems == {"text": "text too short", "number": "number too big"}
    assert caught.value.status == 422


def test_unknown_endpoints_suggest_a_name(shell: Shell, app: Apps) -> None:
    with pytest.raises(errors.EndpointChanged, match="Did you mean /echo"):
        shell.call(app("text")("/ecko"), "x")


def test_another_number_of_inputs(shell: Shell, app: Apps) -> None:
    """Too few values: the app hides the reason, /config tells it."""
    with pytest.raises(errors.SpaceError):
        shell.call(app("text")("/greet", Greeting), "Ada")


def greeting_with(app: Apps, **values: Any) -> Endpoint[[], Any]:
    """The endpoint as a stub knows it that was written when it took just these parameters."""
    space = app("text").space

    @endpoint
    def greet() -> Call[Greeting]:
        return space.call("/greet", values)

    return greet


def test_optional_parameters_that_are_new(shell: Shell, app: Apps, gradio_version: str) -> None:
    """The stub was written before the endpoint took `excited`, which stands between the others."""
    needs("4.44", gradio_version, "info has no names")
    greet = greeting_with(app, name="Ada", celsius=0)

    assert [shell.call(greet), shell.call(greet)] == [("Hello, Ada.", 32.0)] * 2


def test_parameters_that_no_default_fills(shell: Shell, app: Apps, gradio_version: str) -> None:
    needs("4.44", gradio_version, "info has no names")
    with pytest.raises(errors.EndpointChanged, match="needs `name` now, without a default"):
        shell.call(greeting_with(app, excited=True))
    with pytest.raises(errors.EndpointChanged, match="no longer takes `nom`; run `spacegen update`"):
        shell.call(greeting_with(app, nom="Ada", excited=True))


def everything_before(
    app: Apps, monkeypatch: pytest.MonkeyPatch, without: int, **renamed: str
) -> Endpoint[..., Any]:
    """kitchen's `everything`, whose parameters Gradio counts, as it was before one of them came."""
    said: list[Any] = published.parameters("kitchen_app", "/everything")
    left = [one for place, one in enumerate(said) if place != without]
    known = [{**one, "name": f"param_{place}", **renamed} for place, one in enumerate(left)]
    monkeypatch.setattr(published, "load", lambda _: {"endpoints": {"/everything": {"parameters": known}}})
    values = {str(one["name"]): "words" if one["component"] == "Textbox" else one.get("default") for one in known}
    space = app("kitchen").space
    space.package = "kitchen_app"

    @endpoint
    def everything() -> Call[dict[str, Any]]:
        return space.call("/everything", values)

    return everything


def test_counted_parameters_keep_their_values_where_one_is_new_before_them(
    shell: Shell, app: Apps, gradio_version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was `param_20` is `param_21` now, and what is `param_20` now takes no text."""
    needs("6", gradio_version, "the package of kitchen is of Gradio 6")
    said = published.parameters("kitchen_app", "/everything")
    blank = [place for place, one in enumerate(said) if one.get("default") is None and place != 21]

    assert shell.call(everything_before(app, monkeypatch, 2)) == {"count": 25, "empty": blank}


def test_what_is_left_out_is_sent_as_the_page_sends_what_nobody_touched(app: Apps, gradio_version: str) -> None:
    needs("6", gradio_version, "the package of kitchen is of Gradio 6")
    everything = kitchen_app.everything.at(app("kitchen").space)
    files: Any = dict.fromkeys(["model", "picture", "sound", "upload", "video"])

    left_out = everything(text="words", drawing=None)

    assert left_out == everything(text="words", drawing=None, date=None, number=0, **files)
    order = list(inspect.signature(everything).parameters)
    assert left_out["empty"] == sorted(map(order.index, [*files, "date", "drawing"]))


@pytest.mark.parametrize("other", [{"component": "Textbox"}, {"label": "Another"}])
def test_counted_parameters_that_nothing_tells_apart_are_refused(
    shell: Shell, app: Apps, gradio_version: str, monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    needs("6", gradio_version, "the package of kitchen is of Gradio 6")
    with pytest.raises(errors.EndpointChanged, match="25 values now, not 24, and nothing tells which"):
        shell.call(everything_before(app, monkeypatch, 2, **other))


@given(st.lists(st.sampled_from("abc"), max_size=6), st.data())
def test_values_find_their_places_in_the_only_possible_way_or_not_at_all(
    now: list[str], data: st.DataObject
) -> None:
    kept = data.draw(st.sets(st.sampled_from(range(len(now))) if now else st.nothing(), max_size=len(now)))
    before = [now[place] for place in sorted(kept)]
    ways = [list(way) for way in combinations(range(len(now)), len(before)) if [now[at] for at in way] == before]

    assert only_way(before, now) == (ways[0] if len(ways) == 1 else None)


def test_a_hidden_input_that_is_new(shell: Shell, app: Apps, gradio_version: str) -> None:
    """The stub was written before the endpoint touched gr.State."""
    needs("4.20", gradio_version, "the stream ends without a word, so it may have run")
    count = app("chat")("/count", float, stateful=True)

    assert [shell.call(count), shell.call(count)] == [1.0, 1.0]
