"""What a call shows of itself: errors at the caller's line, the log, details, callbacks and bars."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import spacegen_runtime
import streaming_app
import text_app
from spacegen_runtime import FileData, Log, Status, _log, _progress, errors
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


def test_no_bar_where_nobody_looks_or_tqdm_is_missing(fake: FakeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert echo.with_options(progress=True)("a")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(_progress, "_tqdm", lambda: None)

    assert echo.with_options(progress=True)("a")
    assert screen.getvalue() == ""


def test_the_logger_is_quiet_by_itself() -> None:
    assert _log.logger().handlers == []
    assert repr(FileData("a")) == "FileData(path='a', orig_name=None, size=None)"
