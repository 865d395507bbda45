"""What a call shows of itself: errors at the caller's line, the log, details, callbacks and bars."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import spacegen_runtime
import streaming_app
import text_app
from runtime.conftest import function, space_at
from spacegen_runtime import FileData, Log, ProgressUnit, Status, errors
from spacegen_runtime.protocol.actions import Progressed, Queued
from spacegen_runtime.shells import log, progress
from spacegen_runtime.testing import FakeSpace, fake_space
from streaming_app import story
from text_app import echo

OURS = str(Path(spacegen_runtime.__file__).parent)


@pytest.fixture
def fake() -> Iterator[FakeSpace]:
    with fake_space(text_app) as made:
        yield made


async def _alist(steps: Any) -> list[Any]:
    return [step async for step in steps]


async def _job() -> Any:
    return await (await echo.asubmit("a"))


WAYS: dict[str, Callable[[], Any]] = {
    "call": lambda: echo("a"),
    "aio": lambda: asyncio.run(echo.aio("a")),
    "stream": lambda: list(echo.stream("a")),
    "astream": lambda: asyncio.run(_alist(echo.astream("a"))),
    "submit": lambda: echo.submit("a").result(),
    "iteration": lambda: list(echo.submit("a")),
    "asubmit": lambda: asyncio.run(_job()),
    "detail": lambda: echo.detail("a"),
    "adetail": lambda: asyncio.run(echo.adetail("a")),
    "map": lambda: list(echo.map(["a"])),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_error_shows_the_caller_s_frames_and_one_of_ours(fake: FakeSpace, way: str) -> None:
    fake.on(echo).raises(errors.AppError("boom"))

    with pytest.raises(errors.AppError, match="boom") as caught:
        WAYS[way]()

    frames = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert sum(name.startswith(OURS) for name in frames) == 1
    assert frames[-1].startswith(OURS)


@pytest.mark.parametrize("way", WAYS)
def test_an_exception_that_the_caller_handles_meanwhile_stays_whole(fake: FakeSpace, way: str) -> None:
    fake.on(echo).raises(errors.AppError("boom"))
    own = KeyError("own")
    try:
        try:
            raise ValueError("before it")
        except ValueError as before:
            raise own from before
    except KeyError:
        with pytest.raises(errors.AppError, match="boom"):
            WAYS[way]()

    assert own.__traceback__ is not None
    assert own.__cause__ is not None
    assert own.__cause__.__traceback__ is not None


NOWHERE = FileData("", url="http://127.0.0.1:9/cat.png", orig_name="cat.png")
NO_LINK = errors.RealCall  # the fake lets nobody out
WRONG = errors.ConfigurationError
OTHER_WAYS: dict[str, tuple[type[Exception], Callable[[], Any]]] = {
    "save": (NO_LINK, lambda: NOWHERE.save("unsaved.png")),
    "read": (NO_LINK, lambda: NOWHERE.read()),
    "open": (NO_LINK, lambda: NOWHERE.open()),
    "image": (NO_LINK, lambda: NOWHERE.image()),
    "array": (NO_LINK, lambda: NOWHERE.array()),
    "sound": (NO_LINK, lambda: NOWHERE.sound()),
    "asave": (NO_LINK, lambda: asyncio.run(NOWHERE.asave("unsaved.png"))),
    "aread": (NO_LINK, lambda: asyncio.run(NOWHERE.aread())),
    "aopen": (NO_LINK, lambda: asyncio.run(NOWHERE.aopen())),
    "aimage": (NO_LINK, lambda: asyncio.run(NOWHERE.aimage())),
    "aarray": (NO_LINK, lambda: asyncio.run(NOWHERE.aarray())),
    "asound": (NO_LINK, lambda: asyncio.run(NOWHERE.asound())),
    "configure": (WRONG, lambda: text_app.space.configure(timeout=-1)),
    "another client": (WRONG, lambda: text_app.space.configure(http_client=cast(Any, 3))),
    "copy": (WRONG, lambda: text_app.space.copy(base_url="nowhere")),
    "deployed": (WRONG, lambda: spacegen_runtime.deployed(text_app, base_url="nowhere")),
    "no package": (WRONG, lambda: spacegen_runtime.deployed(asyncio)),
    "with_options": (WRONG, lambda: echo.with_options(retries=-1)),
    "rows": (WRONG, lambda: echo.rows(concurrency=0)),
    "records": (WRONG, lambda: echo.records(attempts=0)),
}


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_all_else_that_can_fail_shows_no_more_either(fake: FakeSpace, way: str) -> None:
    kind, act = OTHER_WAYS[way]

    with pytest.raises(kind) as caught:
        act()

    frames = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [name.startswith(OURS) for name in frames].count(True) == 1
    assert frames[-1].startswith(OURS)


RUNS: dict[str, Callable[[Any], Any]] = {
    "outcomes": lambda run: list(run.outcomes(["a", "b"])),
    "aoutcomes": lambda run: asyncio.run(_alist(run.aoutcomes(["a", "b"]))),
    "map": lambda run: list(run.map(["a", "b"])),
    "amap": lambda run: asyncio.run(_alist(run.amap(["a", "b"]))),
}


@pytest.mark.parametrize("way", RUNS)
def test_a_run_that_fails_as_a_whole_shows_no_more_either(fake: FakeSpace, way: str) -> None:
    fake.on(echo).raises(errors.AppError("boom"))

    with pytest.raises(errors.SpaceError) as caught:
        RUNS[way](echo.rows(max_failures=0, attempts=1))

    frames = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [name.startswith(OURS) for name in frames].count(True) == 1


def test_waiting_too_short_for_a_job_shows_no_more_either(fake: FakeSpace) -> None:
    go_on = threading.Event()
    fake.on(echo).does(lambda text: str(go_on.wait()))
    job = echo.submit("a")

    with pytest.raises(errors.CallTimeout) as caught:
        job.result(0)

    go_on.set()
    job.result()
    assert len(traceback.extract_tb(caught.value.__traceback__)) == 2


async def _saved(file: FileData, to: Path) -> Path:
    return await file.asave(to)


@pytest.mark.parametrize("way", [FileData.save, lambda file, to: asyncio.run(_saved(file, to))])
def test_a_warning_is_about_the_caller_s_line(way: Callable[[FileData, Path], Path], tmp_path: Path) -> None:
    file = FileData("", url="data:image/png;base64,iVBORw0KGgo=")

    with pytest.warns(errors.UnexpectedOutputWarning, match=r"is \.png") as told:
        way(file, tmp_path / "cat.webp")

    assert told[0].filename == __file__


def test_asking_a_job_twice_shows_no_more(fake: FakeSpace) -> None:
    fake.on(echo).raises(errors.AppError("boom"))
    job = echo.submit("a")

    for _ in range(3):
        with pytest.raises(errors.AppError) as caught:
            job.result()
        assert len(traceback.extract_tb(caught.value.__traceback__)) == 2


def test_who_debugs_sees_every_frame(fake: FakeSpace, caplog: pytest.LogCaptureFixture) -> None:
    fake.on(echo).raises(errors.AppError("boom"))

    with caplog.at_level(logging.DEBUG, "spacegen_runtime"), pytest.raises(errors.AppError) as caught:
        echo("a")

    assert len(traceback.extract_tb(caught.value.__traceback__)) > 5


@pytest.mark.parametrize("way", WAYS)
def test_the_log_has_a_line_for_each_call(fake: FakeSpace, way: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "spacegen_runtime"):
        WAYS[way]()

    (line,) = [record.getMessage() for record in caplog.records if record.name == "spacegen_runtime"]
    assert line.startswith("/echo ")
    assert " ok; " in line
    assert line.endswith(" ms run")


def test_the_log_says_what_went_wrong(fake: FakeSpace, caplog: pytest.LogCaptureFixture) -> None:
    fake.on(echo).raises(errors.AppError("boom"))

    with caplog.at_level(logging.INFO, "spacegen_runtime"), pytest.raises(errors.AppError):
        echo("a")

    assert "AppError: boom" in caplog.records[-1].getMessage()


def test_debugging_logs_requests_and_nothing_secret(fake: FakeSpace, caplog: pytest.LogCaptureFixture) -> None:
    secret = echo.with_options(token="hf_secret", headers={"x-key": "hidden"}, auth=None)

    with caplog.at_level(logging.DEBUG, "spacegen_runtime"):
        secret("private words")

    said = "\n".join(record.getMessage() for record in caplog.records if record.name == "spacegen_runtime")
    assert "POST " in said
    assert "HTTP 200" in said
    assert not any(word in said for word in ("hf_secret", "hidden", "private words", "session_hash"))


def test_an_environment_variable_writes_the_log(tmp_path: Path) -> None:
    code = "import text_app; from spacegen_runtime.testing import fake_space as fake\n"
    code += "with fake(text_app): text_app.echo('a')"
    path = os.pathsep.join(sys.path)

    def run(level: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "SPACEGEN_LOG": level, "PYTHONPATH": path}
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)

    assert "spacegen_runtime /echo" in run("info").stderr
    assert "ConfigurationError: SPACEGEN_LOG must be info or debug, not 'loud'" in run("loud").stderr


@pytest.mark.parametrize("ask", [lambda: echo.detail("a"), lambda: asyncio.run(echo.adetail("a"))])
def test_a_detail_has_all_that_is_known_of_a_call(fake: FakeSpace, ask: Callable[[], Any]) -> None:
    fake.on(echo).returns("b").logs("careful")

    found = ask()

    assert (found.value, found.raw) == ("b", ["b"])
    assert [log.message for log in found.logs] == ["careful"]
    assert found.event_id
    assert found.times.total >= found.times.ran >= 0


@pytest.mark.parametrize("ask", [lambda do: do.detail(), lambda do: asyncio.run(do.adetail())])
def test_the_raw_outputs_are_not_the_value(ask: Callable[[Any], Any]) -> None:
    answer = {"data": [{"a": [1, {"b": 2}]}]}
    space = space_at("http://127.0.0.1:9")
    space.configure(client_options={"transport": httpx.MockTransport(lambda _: httpx.Response(200, json=answer))})
    detail = ask(function(space, "/do", Any, queued=False))
    detail.value["a"][1]["b"] = 3
    detail.value["more"] = 4

    assert detail.raw == answer["data"]


@pytest.mark.parametrize("way", ["call", "aio", "stream", "submit", "map"])
def test_callbacks_get_what_happens_as_typed_events(fake: FakeSpace, way: str) -> None:
    fake.on(echo).returns("b").logs("careful").progress(0.5)
    seen: list[Status] = []
    said: list[Log] = []
    text_app.space.configure(on_progress=seen.append, on_log=said.append)

    WAYS[way]()

    assert [log.message for log in said] == ["careful"]
    assert seen[-1].stage == "done"
    assert any(status.progress and status.progress[0].progress == 0.5 for status in seen)


def test_a_failure_and_a_loop_that_was_left_are_told(fake: FakeSpace) -> None:
    seen: list[Status] = []
    watched = echo.with_options(on_progress=seen.append)
    fake.on(echo).raises(errors.AppError("boom"))
    with pytest.raises(errors.AppError):
        watched("a")
    assert [status.stage for status in seen[-1:]] == ["failed"]

    with fake_space(streaming_app) as other:
        other.on(story).yields("a", "b", "c")
        with closing(story.with_options(on_progress=seen.append).stream("a")) as steps:
            next(steps)
    assert [status.stage for status in seen[-1:]] == ["cancelled"]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return -1


def test_a_bar_shows_the_queue_and_the_app_s_own_words_on_a_terminal(
    fake: FakeSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tqdm")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    fake.on(echo).returns("b").progress(0.5, "Half\x1b[2J way")

    assert echo.with_options(progress=True)("a") == "b"

    assert "/echo Half [2J way" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()


def leaves(_: object) -> None:
    sys.exit(3)


def test_a_callback_that_exits_ends_its_own_job_only(fake: FakeSpace) -> None:
    with pytest.raises(SystemExit):
        echo.with_options(on_progress=leaves).submit("a").result(20)

    assert echo.submit("b").result(20)


def test_a_callback_of_a_job_that_exits_keeps_none_from_the_others(fake: FakeSpace) -> None:
    go, told = threading.Event(), threading.Event()
    job = echo.with_options(on_progress=lambda _: go.wait(20)).submit("a")
    job.add_done_callback(leaves)
    job.add_done_callback(lambda _: told.set())
    go.set()

    assert len(list(job)) == 1
    assert told.wait(20)
    assert echo.submit("b").result(20)


def frames(screen: _Terminal) -> list[str]:
    """What a terminal has shown on one line or another."""
    return [frame.strip() for frame in re.split(r"[\r\n]|\x1b\[A", screen.getvalue()) if frame.strip()]


def terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 30) -> _Terminal:
    pytest.importorskip("tqdm")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)  # in the test itself: pytest sets another one after the fixtures
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((columns, 20)))
    monkeypatch.setenv("COLUMNS", str(columns))  # which an older tqdm asks
    monkeypatch.setenv("LINES", "20")
    return screen


LONG_WORDS = "a very long explanation of what is done here"


@pytest.mark.parametrize(
    "units",
    [
        [{"progress": 0.5, "desc": LONG_WORDS}],
        [{"progress": 7.0, "desc": LONG_WORDS}],
        [{"index": 3, "length": 4, "desc": LONG_WORDS}],
        [{"index": 5, "length": 4, "desc": LONG_WORDS}],
        [{"index": 1, "length": 0, "desc": LONG_WORDS}],
        [{"index": 1, "length": -2, "desc": LONG_WORDS}],
        [{"index": 3, "desc": LONG_WORDS}],
        [{"desc": LONG_WORDS}],
        [{"index": 1, "length": 2, "desc": "pages"}, {"index": 3, "length": 4, "desc": LONG_WORDS}],
    ],
    ids=str,
)
def test_a_bar_fits_its_terminal_and_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch, units: list[Any]) -> None:
    narrow = terminal(monkeypatch)
    bar = progress.CallBar("/an/endpoint/of/a/long/name")
    bar.event(Queued(3, 4, 20.0))
    bar.event(Progressed(tuple(ProgressUnit(**unit) for unit in units)))
    bar.event(Progressed(tuple(ProgressUnit(**unit) for unit in units)))
    bar.ended(None)

    assert frames(narrow)
    assert all(frame.startswith("/an/endpoint") and len(frame) < 30 for frame in frames(narrow))
    assert narrow.getvalue().endswith("\r")


def test_bars_beside_each_other_leave_the_cursor_at_the_start_of_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = terminal(monkeypatch)
    first, second = progress.CallBar("/one"), progress.CallBar("/two")
    for bar in (first, second):
        bar.event(Queued(0, 1, None))
    second.ended(None)
    first.ended(None)

    assert {frame[:22] for frame in frames(narrow)} == {"/one next in the queue", "/two next in the queue"}
    assert narrow.getvalue().endswith("\r")


def test_bars_around_the_innermost_one_are_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = terminal(monkeypatch, 100)
    bar = progress.CallBar("/read")
    bar.event(Progressed((ProgressUnit("pages", None, 1, 3, "p"), ProgressUnit("lines", None, 2, 8, "l"))))
    bar.event(Progressed((ProgressUnit("pages", None, 2, 3, "p"),)))
    bar.ended(None)

    assert frames(wide)[0].startswith("/read pages 1/3, lines:  25%|")
    assert frames(wide)[1].startswith("/read pages:  67%|")
    assert "p/s" in frames(wide)[1]


def test_a_bar_makes_room_for_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = terminal(monkeypatch)
    with fake_space(streaming_app) as fake:
        fake.on(story).yields("a", "b", "c")
        for _ in story.with_options(progress=True).stream("Once"):
            assert narrow.getvalue().endswith("\r")

    assert any(frame.startswith("/story") for frame in frames(narrow))


def test_a_bar_that_tqdm_keeps_away_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = terminal(monkeypatch)
    monkeypatch.setattr(progress, "_tqdm", lambda: partial(tqdm_of_terminals(), disable=True))
    with fake_space(text_app) as fake:
        fake.on(echo).returns("b").progress(0.5)
        assert echo.with_options(progress=True)("a") == "b"
    assert narrow.getvalue() == ""


def tqdm_of_terminals() -> Any:
    from tqdm.std import tqdm

    return tqdm


def test_no_bar_where_nobody_looks_or_tqdm_is_missing(fake: FakeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert echo.with_options(progress=True)("a")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "_tqdm", lambda: None)

    assert echo.with_options(progress=True)("a")
    assert screen.getvalue() == ""


def test_the_logger_is_quiet_by_itself() -> None:
    assert log.logger().handlers == []
    assert repr(FileData("a")) == "FileData(path='a', orig_name=None, size=None)"
