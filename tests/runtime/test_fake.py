"""A fake Space: what tests say is what the runtime gets, in every way of calling."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import chat_app
import files_app
import files_on_3_app
import kitchen_app
import pages_app
import pytest
import streaming_app
import text_app
import text_on_4_app
from chat_app.models import Message, TextMessage
from runtime.conftest import Shell
from spacegen_runtime import FileData, Space, Timeouts, errors
from spacegen_runtime.testing import FakeSpace, RealCall, allow_real, fake_space
from support.waiting import until
from text_app import GreetResult

AT_ONCE: Any = {"retries": 0}


@pytest.fixture
def text() -> Iterator[FakeSpace]:
    with fake_space(text_app) as fake:
        yield fake


@pytest.fixture
def streaming() -> Iterator[FakeSpace]:
    with fake_space(streaming_app) as fake:
        yield fake


def test_results_and_arguments(shell: Shell, text: FakeSpace) -> None:
    text.on(text_app.echo).returns("Bonjour")
    text.on(text_app.greet).returns(GreetResult("Salut", 41))
    text.on(text_app.forget).returns(None)

    assert shell.call(text_app.echo, "Hello") == "Bonjour"
    assert shell.call(text_app.greet, "Ada") == GreetResult("Salut", 41)
    assert shell.call(text_app.forget, "x") is None
    assert text.calls(text_app.echo) == [{"text": "Hello"}]
    assert text.calls(text_app.greet) == [{"name": "Ada", "excited": False, "celsius": 5}]


def test_every_way_of_calling(shell: Shell, text: FakeSpace) -> None:
    text.on(text_app.echo).does(lambda text: text.upper())

    assert shell.call(text_app.echo, "a") == "A"
    assert shell.stream(text_app.echo, "a") == ["A"]
    assert shell.job(text_app.echo, "a") == (["A"], "A")
    assert shell.map(text_app.echo, list("abcdef"), concurrency=3) == list("ABCDEF")


def test_endpoints_outside_of_the_queue(shell: Shell, text: FakeSpace) -> None:
    text.on(text_app.fast).returns("now")

    assert shell.call(text_app.fast, "x") == "now"
    assert shell.stream(text_app.fast, "x") == ["now"]


def test_steps_logs_and_progress(shell: Shell, streaming: FakeSpace) -> None:
    seen: list[Any] = []
    answer = streaming.on(streaming_app.story).progress(0.5, "half").logs("hi").yields("a", "ab")
    answer.logs("careful", "warning")
    happened = shell.job(streaming_app.story, then=seen.append)

    assert happened == (["a", "ab"], "ab")
    assert [(log.message, log.level) for log in seen[0].logs] == [("hi", "info"), ("careful", "warning")]
    assert seen[0].status().progress[0].desc == "half"


def test_what_is_written_after_a_result_happens_before_it(text: FakeSpace) -> None:
    text.on(text_app.echo).returns("x").logs("first")
    job = text_app.echo.submit("x")

    assert (job.result(), [log.message for log in job.logs]) == ("x", ["first"])


def test_the_place_in_the_queue(text: FakeSpace) -> None:
    text.on(text_app.echo).queued(3, eta=7).pauses(600).returns("x")
    job = text_app.echo.submit("x")
    until(job.status, lambda status: status.position == 3 or job.done())

    assert job.status().eta == 7
    assert job.cancel()


def generator(start: str = "") -> Iterator[str]:
    for end in ("b", "c"):
        yield start + end


async def agenerator(start: str = "") -> AsyncIterator[str]:
    for end in ("b", "c"):
        await asyncio.sleep(0)
        yield start + end


@pytest.mark.parametrize("function", [generator, agenerator])
def test_generators_stand_in(shell: Shell, streaming: FakeSpace, function: Any) -> None:
    streaming.on(streaming_app.story).does(function)

    assert shell.stream(streaming_app.story, "a") == ["ab", "ac"]
    assert shell.call(streaming_app.story, "a") == "ac"
    assert shell.job(streaming_app.story, "a") == (["ab", "ac"], "ac")


def test_coroutines_stand_in(shell: Shell, text: FakeSpace) -> None:
    async def slowly(text: str) -> str:
        await asyncio.sleep(0)
        return text * 2

    text.on(text_app.echo).does(slowly)

    assert shell.call(text_app.echo, "a") == "aa"
    assert shell.job(text_app.echo, "b") == (["bb"], "bb")


def test_leaving_a_stream_stops_the_generator(shell: Shell, streaming: FakeSpace) -> None:
    stopped = threading.Event()

    def endless(start: str = "") -> Iterator[str]:
        try:
            while True:
                yield start
        finally:
            stopped.set()

    streaming.on(streaming_app.story).does(endless)

    assert shell.stream(streaming_app.story, "a", leave_after=2) == ["a", "a"]
    assert stopped.wait(10)


def test_a_job_can_be_cancelled(text: FakeSpace) -> None:
    running, go_on = threading.Event(), threading.Event()

    def work(text: str) -> str:
        running.set()
        go_on.wait(10)
        return text

    text.on(text_app.echo).does(work)
    job = text_app.echo.submit("x")
    assert running.wait(10)
    assert job.cancel()
    go_on.set()

    with pytest.raises(errors.CallCancelled):
        job.result(10)


def test_limits_pass(shell: Shell, text: FakeSpace) -> None:
    text.on(text_app.echo).pauses(600).returns("late")
    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(text_app.echo.with_options(timeout=0.05), "x")
    assert caught.value.limit == "total"

    text.on(text_app.echo).queued(1).pauses(600).returns("late")
    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(text_app.echo.with_options(timeout=Timeouts(queue=0.05)), "x")
    assert caught.value.limit == "queue"


ERRORS: list[errors.SpaceError] = [
    errors.AppError("cannot do that", title="Sorry"),
    errors.AppError("", hidden=True),
    errors.InputRefused("x is not in the list of choices"),
    errors.InputRefused("no", problems={"text": "too short"}),
    errors.InputRefused("too long"),
    errors.QuotaExceeded("", requested=60, left=3, retry_after=90),
    errors.QueueFull("busy"),
    errors.RateLimited("slow down", retry_after=0),
    errors.LoginRequired(""),
    errors.NotAllowed("not you"),
    errors.CannotConnect(""),
    errors.ConnectionLost(""),
    errors.CallTimeout(""),
    errors.CallCancelled(""),
    errors.EndpointChanged(""),
    errors.FileRefused(""),
    errors.BadStatus("gone", status=410),
    errors.ProtocolError(""),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_arrive_as_themselves(shell: Shell, text: FakeSpace, error: errors.SpaceError) -> None:
    text.on(text_app.echo).raises(error).then.returns("well")
    with pytest.raises(type(error)) as caught:
        shell.call(text_app.echo.with_options(**AT_ONCE), "x")

    assert type(caught.value) is type(error)
    assert caught.value.endpoint == "/echo"
    for name in ("title", "hidden", "problems", "requested", "left", "retry_after"):
        if error.__dict__.get(name):
            assert getattr(caught.value, name) == getattr(error, name)
    assert shell.call(text_app.echo, "x") == "well"


@pytest.mark.parametrize("limit", ["connect", "queue", "total", "upload", "idle", "client"])
@pytest.mark.parametrize("own", [None, Timeouts(total=600), Timeouts(queue=600, idle=600, upload=600)], ids=repr)
def test_a_limit_that_passes_is_the_one_that_the_test_asked_for(shell: Shell, limit: str, own: Timeouts) -> None:
    """Whatever limits the code under test has, and at once: nobody waits for them."""
    error = errors.CallTimeout("slow", limit=limit)
    with fake_space(files_app) as fake:
        fake.on(files_app.pixels).raises(error).then.returns("4x3")
        with pytest.raises(errors.CallTimeout) as caught:
            shell.call(files_app.pixels.with_options(timeout=own), b"a picture")

        assert caught.value.limit == limit
        assert limit == "connect" or "slow" in str(caught.value)
        assert caught.value is not error
        assert len(fake.calls(files_app.pixels)) == (limit != "upload")
        assert shell.call(files_app.pixels, b"a picture") == "4x3"


def test_a_limit_passes_after_steps(shell: Shell, streaming: FakeSpace) -> None:
    streaming.on(streaming_app.story).yields("a", "b").raises(errors.CallTimeout("slow", limit="idle"))
    with pytest.raises(errors.CallTimeout, match="slow") as caught:
        shell.call(streaming_app.story.with_options(timeout=600))

    assert caught.value.limit == "idle"


@pytest.mark.parametrize(
    ("limit", "advice"),
    [("wake", "SpaceAsleep"), ("result", "pauses"), ("deadline", "pauses"), ("q", "queue, total")],
)
def test_a_limit_that_no_answer_passes_is_refused_at_once(text: FakeSpace, limit: str, advice: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=advice):
        text.on(text_app.echo).raises(errors.CallTimeout("slow", limit=limit))


def subclasses(kind: type[Any]) -> set[type[Any]]:
    ours = {one for one in kind.__subclasses__() if one.__module__.startswith("spacegen_runtime")}
    return {kind}.union(*(subclasses(one) for one in ours)) if ours else {kind}


@pytest.mark.parametrize("kind", sorted(subclasses(errors.SpaceError), key=str))
def test_an_error_arrives_as_itself_or_is_refused_at_once(text: FakeSpace, kind: type[errors.SpaceError]) -> None:
    """Also those that need a Space of the Hub, a login, or that the runtime raises by itself."""

    def fail() -> None:
        text.on(text_app.echo).raises(kind("words"))
        text_app.echo.with_options(**AT_ONCE)("x")

    with pytest.raises(errors.SpaceError) as caught:
        fail()
    told = isinstance(caught.value, errors.ConfigurationError) and caught.value.endpoint is None
    assert told or isinstance(caught.value, kind)


def test_a_full_queue_is_tried_again(shell: Shell, text: FakeSpace) -> None:
    text.on(text_app.echo).raises(errors.QueueFull("busy")).then.returns("1")

    assert shell.call(text_app.echo, "x") == "1"


def test_steps_before_an_error(shell: Shell, streaming: FakeSpace) -> None:
    streaming.on(streaming_app.story).yields("a", "b").raises(errors.ConnectionLost("cut"))
    seen: list[str] = []
    with pytest.raises(errors.ConnectionLost) as caught:
        seen.extend(streaming_app.story.stream())

    assert (seen, caught.value.may_have_run) == (["a", "b"], True)


def test_errors_of_the_app_keep_their_words_to_themselves(shell: Shell, text: FakeSpace) -> None:
    text.on(text_app.echo).raises(ValueError("secret"))
    with pytest.raises(errors.AppError) as caught:
        shell.call(text_app.echo, "x")

    assert caught.value.hidden
    assert "secret" not in str(caught.value)


HUB = Space("ada/app", url="https://ada-app.hf.space", prefix="/gradio_api", package="text_app")


def hub_endpoint() -> Any:
    from runtime.conftest import function

    return function(HUB, "/echo")


@pytest.mark.parametrize(
    "kind",
    [errors.SpaceAsleep, errors.SpaceBuilding, errors.SpacePaused, errors.SpaceBroken, errors.SpaceNotFound],
)
def test_a_space_that_does_not_run(shell: Shell, kind: type[errors.SpaceUnavailable]) -> None:
    echo = hub_endpoint().with_options(timeout=Timeouts(wake=0))
    with fake_space(HUB) as fake:
        fake.on(echo).raises(kind)
        with pytest.raises(kind) as caught:
            shell.call(echo, "x")

    assert type(caught.value) is kind


def test_a_space_wakes_up(shell: Shell) -> None:
    stages: list[str] = []
    echo = hub_endpoint().with_options(on_stage=stages.append)
    with fake_space(HUB) as fake:
        fake.on(echo).raises(errors.SpaceAsleep).then.returns("awake")
        assert shell.call(echo, "x") == "awake"

    assert stages == ["SLEEPING", "RUNNING"]


def test_what_the_space_published_is_refused_in_its_words(shell: Shell, text: FakeSpace) -> None:
    with pytest.raises(errors.InputRefused, match=r"Value: 'huge' .* is not in the list of choices"):
        shell.call(text_app.order, "huge")
    with pytest.raises(errors.InputRefused, match="Value 99 is greater than maximum value 40"):
        text_app.greet("Ada", celsius=99)


@pytest.mark.parametrize(
    "package",
    [chat_app, files_app, files_on_3_app, kitchen_app, pages_app, streaming_app, text_app, text_on_4_app],
)
def test_examples_are_of_the_promised_types_and_always_the_same(package: Any) -> None:
    with fake_space(package):
        for name, endpoint in vars(package).items():
            if hasattr(endpoint, "api_name"):
                arguments = needed(package, name)
                first, second = (endpoint.with_options(strict=True)(**arguments) for _ in range(2))
                assert first == second


def needed(package: Any, name: str) -> dict[str, Any]:
    """Values for what an endpoint cannot do without: examples as well."""
    import json

    from spacegen_runtime.testing._examples import example

    manifest = json.loads(Path(package.__file__).with_name("spacegen.json").read_text())
    entry = next(one for one in manifest["endpoints"].values() if one["function"] == name)
    return {
        one["argument"]: example(one["type"], one["component"], lambda _, content: content)
        if "choices" not in one
        else one["choices"][:1]
        if one["type"].get("type") == "array"
        else one["choices"][0]
        for one in (*entry["parameters"], *([entry["event"]] if "event" in entry else []))
        if one["required"]
    }


def test_files_go_in_and_come_out(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"small\r\n--words")
    with fake_space(files_app) as fake:
        fake.on(files_app.shout).does(lambda file: FileData.of(read(file).upper(), name="b.txt"))
        made = shell.call(files_app.shout, tmp_path / "a.txt")
        assert (made.name, shell.read(made)) == ("b.txt", b"SMALL\r\n--WORDS")
        [call] = fake.calls(files_app.shout)
        assert (call["file"].name, call["file"].read()) == ("a.txt", b"small\r\n--words")
    assert call["file"].read() == b"small\r\n--words"


def read(file: Any) -> bytes:
    return bytes(file.read())


def test_models_come_out() -> None:
    with fake_space(chat_app) as fake:
        message = Message(role="assistant", content=[TextMessage(text="hi")])
        fake.on(chat_app.reply).returns(chat_app.ReplyResult("", [message]))
        result = chat_app.reply("hello", history=[{"role": "user", "content": [{"text": "a", "type": "text"}]}])

        assert result.history == [message]
        assert fake.calls(chat_app.reply)[0]["history"][0]["role"] == "user"


def test_a_login(shell: Shell) -> None:
    with fake_space(text_app, auth=("ada", "pw")) as fake:
        fake.on(text_app.echo).returns("in")
        with pytest.raises(errors.LoginRequired):
            shell.call(text_app.echo, "x")
        with pytest.raises(errors.LoginFailed):
            shell.call(text_app.echo.with_options(auth=("ada", "wrong")), "x")
        assert shell.call(text_app.echo.with_options(auth=("ada", "pw")), "x") == "in"


def test_nothing_was_said_of_an_endpoint(shell: Shell) -> None:
    fake = fake_space(text_app, default="error")
    with pytest.raises(AssertionError, match=r"/echo answers: write fake\.on\(echo\)"), fake:
        shell.call(text_app.echo, "x")


def test_a_mistake_in_a_function_of_the_test_is_not_lost(shell: Shell, text: FakeSpace) -> None:
    def wrong(text: str) -> str:
        assert text == "expected"
        return text

    fake = fake_space(text_app)
    fake.on(text_app.echo).does(wrong)
    with pytest.raises(AssertionError, match="expected"), fake, suppress(errors.AppError):
        shell.call(text_app.echo, "other")


def test_mistakes_are_told_at_once(text: FakeSpace) -> None:
    wrong: Any = text.on(text_app.echo)
    with pytest.raises(TypeError, match="'result' is not str but int: 3"):
        wrong.returns(3)
    with pytest.raises(errors.ConfigurationError, match=r"/echo does not stream.*\.returns"):
        wrong.yields("a")
    with pytest.raises(TypeError, match=r"cannot take the place of echo\(text: 'str'\)|for echo\(text: str\)"):
        wrong.does(lambda: "x")
    with pytest.raises(errors.ConfigurationError, match="leads to Unsupported"):
        wrong.raises(errors.Unsupported("x"))
    with pytest.raises(
        errors.ConfigurationError, match=r"SpaceAsleep is raised only for Spaces on the Hub.* BadStatus"
    ):
        wrong.raises(errors.SpaceAsleep)
    with pytest.raises(errors.ConfigurationError, match=r"\.then"):
        wrong.returns("a").returns("b")
    with pytest.raises(errors.ConfigurationError, match="belongs to streaming_app"):
        text.on(streaming_app.story)
    with pytest.raises(errors.ConfigurationError, match="not an endpoint"):
        text.on("echo")  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="not a package that spacegen wrote"):
        fake_space(pytest)


def test_a_text_is_no_file(shell: Shell) -> None:
    with fake_space(files_app) as fake:
        one: Any = fake.on(files_app.flip)
        several: Any = fake.on(files_app.split)
        gallery: Any = fake.on(files_app.hang)
        for script, value in ((one, "cat.png"), (several, ["cat.png"]), (gallery, [{"image": "cat.png"}])):
            with pytest.raises(TypeError, match=r"returns a file, not 'cat.png'; make one: FileData\.of\("):
                script.returns(value)
        one.returns(FileData.of(b"meow", name="cat.png"))
        assert shell.read(shell.call(files_app.flip, b"x")) == b"meow"


def test_other_spaces_are_out_of_reach(shell: Shell, text: FakeSpace) -> None:
    streaming_app.space.configure(base_url="http://127.0.0.1:9")
    with pytest.raises(RealCall, match=r"127\.0\.0\.1:9.*fake_space.*allow_real"):
        shell.call(streaming_app.story)
    with pytest.raises(errors.CannotConnect), allow_real(streaming_app):
        shell.call(streaming_app.story.with_options(**AT_ONCE))
    streaming_app.space.configure(base_url=None)


def test_the_space_is_as_before_afterwards() -> None:
    text_app.space.configure(base_url="http://127.0.0.1:9", timeout=30)
    before = (text_app.space.options, text_app.space.base_url)
    with fake_space(text_app):
        text_app.space.configure(timeout=3, base_url="http://127.0.0.1:10")
        with fake_space(text_app) as inner:
            inner.on(text_app.echo).returns("inner")
            assert text_app.echo("x") == "inner"
        assert text_app.echo("x") == "example"

    assert (text_app.space.options, text_app.space.base_url) == before
    text_app.space.configure(base_url=None, timeout=None)


def test_sessions_and_threads(text: FakeSpace) -> None:
    text.on(text_app.echo).does(lambda text: text)
    results: list[str] = []

    def work(number: int) -> None:
        with text_app.space.session():
            results.append(text_app.echo(str(number)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == list("01234567")


def test_nothing_is_left_behind(shell: Shell) -> None:
    """The runtime's own loop may stay, once in a process."""
    import gc

    with fake_space(text_app) as fake:  # starts what stays
        fake.on(text_app.echo).does(lambda text: text)
        shell.call(text_app.echo, "x")
    before = threading.active_count(), files()
    for _ in range(50):
        with fake_space(text_app) as fake:
            fake.on(text_app.echo).does(lambda text: text)
            assert shell.call(text_app.echo, "x") == "x"
    gc.collect()

    assert (threading.active_count(), files()) <= before


def files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_a_coroutine_that_stands_in_is_cancelled(text: FakeSpace) -> None:
    running, cancelled = threading.Event(), threading.Event()

    async def work(text: str) -> str:
        running.set()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return text

    text.on(text_app.echo).does(work)
    job = text_app.echo.submit("x")
    assert running.wait(10)
    assert job.cancel()
    assert cancelled.wait(10)


def test_nothing_of_it_is_loaded_with_a_package() -> None:
    """Nor with the plugin, which every run of pytest loads: neither httpx nor pydantic."""
    code = "import sys, spacegen_runtime, spacegen_runtime.testing.plugin; print(*sys.modules)"
    plain = "import sys, text_app; print(*sys.modules)"
    for what, unwanted in ((plain, "spacegen_runtime.testing"), (code, "httpx"), (code, "pydantic")):
        loaded = subprocess.run(
            [sys.executable, "-c", what], env=environment(), capture_output=True, text=True, check=True
        )
        assert unwanted not in loaded.stdout.split()


def environment() -> dict[str, str]:
    root = Path(__file__).parents[2]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (root / "generated_examples", root / "runtime")))}
