"""Whole runs over the fake Space, blocking and asyncio in one body: surface, outcomes, checkpoints."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import files_app
import httpx
import pytest
import text_app
from runtime.rows.conftest import Drain, blocking
from spacegen_runtime import FileData, Outcome, SpaceError, errors
from spacegen_runtime.shells import background
from spacegen_runtime.testing import fake_space
from support.waiting import until
from text_app import echo, greet, hello, order


def bad_at(*bad: str) -> Callable[[str], str]:
    def does(text: str) -> str:
        if text in bad:
            raise errors.AppError(f"no {text}")
        return text.upper()

    return does


def test_map_takes_the_endpoints_own_arguments(drain: Drain, fake: Any) -> None:
    assert drain(echo, "map", list("abc")) == ["A", "B", "C"]
    assert drain(order, "map", ["small", "large"], count=2) == ["2 small", "2 large"]
    assert drain(echo.rows(concurrency=(2, 3)), "map", iter("abc")) == ["A", "B", "C"]
    assert drain(echo, "map", []) == []
    assert drain(order.records(), "map", [{"size": "small", "count": 3}, ("large",)], extras=()) == [
        "3 small",
        "1 large",
    ]


def test_wrong_constants_are_refused_at_the_callers_line(drain: Drain, fake: Any) -> None:
    for mistake in ({"cuont": 2}, {"size": "small"}):
        with pytest.raises(TypeError):
            order.map(["small"], **mistake)
        with pytest.raises(TypeError):
            order.amap(["small"], **mistake)
    with pytest.raises(TypeError, match=r"write f.rows\(concurrency=...\)"):
        order.map(["small"], concurrency=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="takes no parameters"):
        hello.map([1])
    assert fake.calls(order) == []


def test_a_failed_row_is_named(drain: Drain, fake: Any) -> None:
    fake.on(echo).does(bad_at("c"))
    with pytest.raises(errors.AppError, match="/echo, row 2: no c") as caught:
        drain(echo, "map", list("abcd"))
    assert caught.value.row == 2


def test_outcomes_go_on_after_a_failure(drain: Drain, fake: Any) -> None:
    fake.on(echo).does(bad_at("b"))
    outcomes: list[Outcome[str]] = drain(echo.rows(), "outcomes", list("abc"))
    assert [(one.number, one.row, one.value, one.tries) for one in outcomes] == [
        (0, "a", "A", 1),
        (1, "b", None, 1),
        (2, "c", "C", 1),
    ]
    assert isinstance(outcomes[1].error, errors.AppError)
    with pytest.raises(errors.AppError, match="row 1"):
        _ = outcomes[1].result
    assert outcomes[0].result == "A"
    assert outcomes[0].times.total > 0


def test_a_row_that_describes_no_call_fails_alone(drain: Drain, fake: Any) -> None:
    rows: list[Any] = [{"size": "small"}, {"sise": "small"}, 3, {"count": 2}, {"size": "large"}]
    outcomes = drain(order.records(), "outcomes", rows)
    said = [str(one.error) for one in outcomes if one.error]
    assert [one.value for one in outcomes] == ["1 small", None, None, None, "1 large"]
    assert "row 1: not sent: the row has no parameter 'sise'; did you mean 'size'?" in said[0]
    assert "row 2" in said[1]
    assert "row 3" in said[2]
    assert "size" in said[2]


def test_an_input_that_breaks_loses_no_outcome(drain: Drain, fake: Any) -> None:
    def rows() -> Iterator[str]:
        yield from "ab"
        raise KeyError("the input broke")

    seen: list[Any] = []
    run = echo.rows()
    with pytest.raises(KeyError, match="the input broke"):
        _watched(drain, run, rows(), seen)
    assert seen == ["A", "B"]


def _watched(drain: Drain, run: Any, rows: Any, seen: list[Any]) -> None:
    if drain is blocking:
        for one in run.map(rows):
            seen.append(one)
        return

    async def collect() -> None:
        async for one in run.amap(rows):
            seen.append(one)

    asyncio.run(collect())


def test_an_asynchronous_input() -> None:
    async def rows() -> AsyncIterator[str]:
        for letter in "abc":
            await asyncio.sleep(0)
            yield letter

    async def collect() -> list[str]:
        return [one async for one in echo.amap(rows())]

    with fake_space(text_app) as fake:
        fake.on(echo).does(lambda text: text.upper())
        assert asyncio.run(collect()) == ["A", "B", "C"]


def test_limits_of_the_space_lose_no_row(drain: Drain, fake: Any) -> None:
    waits: list[str] = []
    answer = fake.on(echo).raises(errors.QueueFull("full"))
    answer.then.raises(errors.RateLimited("slow down", retry_after=0.1)).then.returns("X")
    run = echo.rows(concurrency=2, on_wait=lambda words, seconds: waits.append(words))
    assert drain(run, "map", list("abcdef")) == ["X"] * 6
    assert any("full" in words for words in waits) or any("too many" in words for words in waits)


def test_an_error_of_every_row_ends_the_run(drain: Drain, fake: Any) -> None:
    fake.on(echo).raises(errors.LoginRequired("who are you?"))
    with pytest.raises(errors.LoginRequired):
        drain(echo.rows(), "outcomes", map(str, range(100000)))
    assert len(fake.calls(echo)) < 100


def test_too_many_failures_and_too_late(drain: Drain, fake: Any) -> None:
    fake.on(echo).raises(errors.AppError("no"))
    with pytest.raises(errors.TooManyFailures, match="3 rows failed, 2 may"):
        drain(echo.rows(max_failures=2, concurrency=1), "outcomes", list("abcdef"))
    fake.on(echo).pauses(30).returns("late")
    with pytest.raises(errors.CallTimeout, match=r"the deadline of 0\.2 s passed with 0 rows done") as caught:
        drain(echo.rows(deadline=0.2), "outcomes", list("ab"))
    assert caught.value.limit == "deadline"


def test_leaving_early_cancels_what_runs(drain: Drain, fake: Any) -> None:
    fake.on(echo).returns("first").then.pauses(60).returns("never")
    assert len(drain(echo.rows(concurrency=4, ordered=False), "outcomes", list("abcdef"), stop_after=1)) == 1


def test_a_checkpoint_calls_only_the_rest(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    rows = [*"abcab"]
    run = echo.rows(checkpoint=path)
    assert len(drain(run, "outcomes", rows[:3])) == 3
    outcomes = drain(run, "outcomes", rows)
    assert [one.value for one in outcomes] == ["A", "B", "C", "A", "B"]
    assert [one.restored for one in outcomes] == [True, True, True, False, False]
    assert len(fake.calls(echo)) == 5, "a row that comes twice is called twice"
    assert [one.value for one in drain(run, "outcomes", ["b", "a", "d"])] == ["B", "A", "D"]
    assert len(fake.calls(echo)) == 6, "rows are known by what they hold, not by their place"


def test_typed_results_come_back_from_a_checkpoint(drain: Drain, fake: Any, tmp_path: Path) -> None:
    fake.on(greet).returns(text_app.GreetResult("hi", 3.5))
    run = greet.rows(checkpoint=tmp_path / "done.jsonl")
    first, again = drain(run, "map", ["Ada"], excited=True), drain(run, "map", ["Ada"], excited=True)
    assert first == again == [text_app.GreetResult("hi", 3.5)]
    assert type(again[0]) is text_app.GreetResult
    drain(run, "map", ["Ada"], excited=False)
    assert len(fake.calls(greet)) == 2, "another constant is another call"


def test_failures_are_remembered_until_they_are_called_again(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    fake.on(echo).does(bad_at("b"))
    drain(echo.rows(checkpoint=path), "outcomes", list("abc"))
    fake.on(echo).does(lambda text: text.upper())
    kept = drain(echo.rows(checkpoint=path), "outcomes", list("abc"))
    assert isinstance(kept[1].error, errors.AppError)
    assert str(kept[1].error) == "/echo, row 1: no b"
    assert kept[1].restored
    with pytest.raises(errors.AppError, match="no b"):
        drain(echo.rows(checkpoint=path), "map", list("abc"))
    mended = drain(echo.rows(checkpoint=path, retry_failed=True), "map", list("abc"))
    assert mended == ["A", "B", "C"]
    assert drain(echo.rows(checkpoint=path), "map", list("abc")) == ["A", "B", "C"]
    assert len(fake.calls(echo)) == 4


def test_rows_in_flight_at_a_kill_are_called_again_and_reported(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    drain(echo.rows(checkpoint=path), "outcomes", list("abc"))
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"row":1' not in line]
    path.write_bytes(b"".join(kept) + b'{"key":"torn')
    outcomes = drain(echo.rows(checkpoint=path), "outcomes", list("abc"))
    assert [one.value for one in outcomes] == ["A", "B", "C"]
    assert [one.interrupted for one in outcomes] == [False, True, False]
    assert all(json.loads(line) for line in path.read_bytes().splitlines()), "the torn line is gone"
    assert [one.interrupted for one in drain(echo.rows(checkpoint=path), "outcomes", list("abc"))][1]


def test_a_checkpoint_of_something_else_is_refused_by_name(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    drain(echo.rows(checkpoint=path), "outcomes", ["a"])
    with pytest.raises(errors.ConfigurationError, match="endpoint '/echo', and this is '/order'"):
        drain(order.rows(checkpoint=path), "outcomes", ["small"])
    lines = path.read_bytes().split(b"\n", 1)
    head = json.loads(lines[0])
    for name in ("schema", "identity", "space"):
        path.write_bytes(json.dumps({**head, name: "another"}).encode() + b"\n" + lines[1])
        with pytest.raises(errors.ConfigurationError, match="another"):
            drain(echo.rows(checkpoint=path), "outcomes", ["a"])
    for text in ("my notes", '{"a": 1}\n', "first\nsecond\n"):
        path.write_text(text)
        with pytest.raises(errors.ConfigurationError, match="is not a checkpoint"):
            drain(echo.rows(checkpoint=path), "outcomes", ["a"])
        assert path.read_text() == text
    path.write_bytes(b"\n".join([json.dumps(head).encode(), b"damage", lines[1]]))
    with pytest.raises(errors.ConfigurationError, match="damaged"):
        drain(echo.rows(checkpoint=path), "outcomes", ["a"])


def test_the_second_run_on_a_checkpoint_is_told(drain: Drain, fake: Any, tmp_path: Path) -> None:
    run = echo.rows(checkpoint=tmp_path / "done.jsonl")
    with run.outcomes(iter("ab")) as first:
        next(first)
        with pytest.raises(errors.ConfigurationError, match="another run writes to"):
            drain(run, "outcomes", ["c"])
    assert drain(run, "map", ["a", "c"]) == ["A", "C"]


def test_what_cannot_be_told_apart_is_no_row_of_a_checkpoint(drain: Drain, fake: Any, tmp_path: Path) -> None:
    outcomes = drain(echo.rows(checkpoint=tmp_path / "done.jsonl"), "outcomes", [object(), deep(), "a"])
    assert [type(one.error) for one in outcomes[:2]] == [errors.InputRefused] * 2
    assert outcomes[2].value == "A"


def deep() -> list[Any]:
    made: list[Any] = []
    for _ in range(100_000):
        made = [made]
    return made


def test_files_are_saved_by_row_and_found_again(drain: Drain, tmp_path: Path) -> None:
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: FileData.of(image.read()[::-1], "../../x.png"))
        names = []
        for number in range(3):
            names.append(tmp_path / f"{number}.png")
            names[-1].write_bytes(b"%d12" % number)
        run = files_app.flip.rows(save_to=tmp_path / "out", checkpoint=tmp_path / "done.jsonl")
        first = drain(run, "outcomes", names)
        again = drain(run, "outcomes", names)
        names[1].write_bytes(b"changed")
        changed = drain(run, "outcomes", names)
    paths = [next(iter(one.files.values())) for one in first]
    assert [path.read_bytes() for path in paths[::2]] == [b"210", b"212"]
    assert [path.name[:6] for path in paths] == ["000000", "000001", "000002"]
    assert {path.suffix for path in paths} == {".png"}
    assert [one.files for one in again] == [one.files for one in first]
    assert [one.restored for one in changed] == [True, False, True], "a file that changed is another row"
    assert next(iter(changed[1].files.values())).read_bytes() == b"degnahc"
    assert not list((tmp_path / "out").glob(".*")), "nothing is left of what was being written"


def test_a_file_that_is_gone_or_was_never_saved_is_made_again(drain: Drain, tmp_path: Path) -> None:
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: FileData.of(image.read()[::-1], "x.png"))
        (tmp_path / "a.png").write_bytes(b"12")
        done = tmp_path / "done.jsonl"

        def restored(**options: Any) -> bool:
            [outcome] = drain(files_app.flip.rows(checkpoint=done, **options), "outcomes", [tmp_path / "a.png"])
            assert all(path.read_bytes() == b"21" for path in outcome.files.values())
            assert bool(outcome.files) is bool(options)
            return bool(outcome.restored)

        assert [restored(), restored(save_to=tmp_path / "out")] == [False, False]
        assert [restored(save_to=tmp_path / "out"), restored()] == [True, True]
        next((tmp_path / "out").iterdir()).unlink()
        assert [restored(save_to=tmp_path / "out"), restored(save_to=tmp_path / "out")] == [False, True]


def test_a_checkpoint_is_refused_before_the_first_row_is_taken(fake: Any, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("my notes")
    run = echo.rows(checkpoint=tmp_path / "notes")
    with pytest.raises(errors.ConfigurationError, match="is not a checkpoint"), run.outcomes(["a"]):
        pytest.fail("nothing was opened")

    async def opened() -> None:
        async with run.aoutcomes(["a"]):
            pytest.fail("nothing was opened")

    with pytest.raises(errors.ConfigurationError, match="is not a checkpoint"):
        asyncio.run(opened())


def test_a_line_of_a_checkpoint_is_there_as_a_whole_or_not_at_all(fake: Any, tmp_path: Path) -> None:
    """A disk that is nearly full takes a part of what is written, and then nothing."""
    path = tmp_path / "done.jsonl"
    run = echo.rows(checkpoint=path, concurrency=1)
    outcomes = run.outcomes(list("abcdef"))
    next(outcomes)
    journal = outcomes._reader._journal
    assert journal is not None
    journal._file = cast(Any, NearlyFull(journal._file, room=70))
    with pytest.raises(OSError, match="full"):
        list(outcomes)
    assert path.read_bytes().endswith(b"}\n")
    assert all(json.loads(line) for line in path.read_bytes().splitlines())
    assert list(run.map("abcdef")) == list("ABCDEF")


class NearlyFull:
    """A file that takes so many bytes more, some at a time."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        taken = data[: min(30, self._room)]
        if not taken:
            raise OSError("the disk is full")
        self._room -= len(taken)
        return int(self._file.write(taken))


def test_frames_are_rows_by_name(drain: Drain, fake: Any) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"size": ["small", "large"], "count": [1, 2]})
    assert drain(order.records(), "map", frame) == ["1 small", "2 large"]
    assert drain(order.rows(), "map", frame["size"]) == ["1 small", "1 large"]
    with pytest.raises(TypeError, match=r"records\(\)\.map"):
        drain(order.rows(), "map", frame)


def test_progress_says_how_it_goes(fake: Any) -> None:
    fake.on(echo).does(bad_at("b"))
    outcomes = echo.rows(concurrency=(1, 4)).outcomes(list("abc"))
    assert [one.number for one in outcomes] == [0, 1, 2]
    progress = outcomes.progress()
    assert (progress.taken, progress.done, progress.failed, progress.running) == (3, 3, 1, 0)
    assert 1 <= progress.pace <= 4


def test_a_run_that_is_stopped_hands_over_what_ran(fake: Any) -> None:
    outcomes = echo.rows(concurrency=2).outcomes(map(str, range(10**9)))
    first = next(outcomes)
    outcomes.stop()
    rest = list(outcomes)
    assert first.number == 0
    assert len(rest) < 100


def test_a_run_that_nobody_holds_leaves_nothing(fake: Any) -> None:
    outcomes = echo.rows(patience=math.inf).outcomes(map(str, range(10**9)))
    next(outcomes)
    del outcomes
    gc.collect()
    assert echo("x") == "X"
    until(lambda: not asyncio.all_tasks(background.loop()))  # calls that were in flight wind up


def test_outcomes_and_errors_pickle() -> None:
    outcome: Outcome[str] = Outcome(number=3, row="a", error=SpaceError("no", row=3))
    assert str(pickle.loads(pickle.dumps(outcome)).error) == "row 3: no"


def test_a_client_of_the_callers_own_is_refused_by_blocking_runs(
    make: Callable[..., Any], at: Callable[..., Any]
) -> None:
    space = at("http://127.0.0.1:9")
    with httpx.Client() as client:
        space.configure(http_client=client)
        with pytest.raises(errors.ConfigurationError, match="client_options"):
            next(make(space, "/echo").map(["a"]))
