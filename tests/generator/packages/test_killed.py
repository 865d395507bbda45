"""`generate` and `update`, killed at any moment or twice at once: the old package or the new one, never a mix."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from spacegen.commands import main as cli
from spacegen.packages import build as package_build
from support.documents import endpoint, value
from support.packages import NEW, OLD, is_new, is_whole, save

COMMANDS = {
    "generate": ["generate", "app.json", "--name", "one"],
    "update": ["update", "--jobs", "1"],
}
INSTANTS = 12

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two packages, whose source has changed since they were written."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    save(Path("app.json"), OLD)
    for name in ("one", "two"):
        spacegen("generate", "app.json", "--name", name)
    save(Path("app.json"), NEW)
    shutil.copytree(folder, tmp_path / "before")
    return folder


def spacegen(*words: str) -> None:
    cli.main([*words], prog_name="spacegen", standalone_mode=False)


def restore(folder: Path) -> None:
    for name in ("one", "two"):
        shutil.rmtree(folder / name)
        shutil.copytree(folder.with_name("before") / name, folder / name)


def result_of(folder: Path) -> tuple[bool, bool]:
    """Whether each package is the new one; both must be whole."""
    assert is_whole(folder / "one")
    assert is_whole(folder / "two")
    return is_new(folder / "one"), is_new(folder / "two")


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "spacegen", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def killed_at(step: int, folder: Path, words: list[str]) -> bool:
    """Run a command in a process that dies at its `step`-th touch of the folder; tell whether it got that far."""
    child = os.fork()
    if child == 0:
        steps = count()

        def die(event: str, arguments: tuple[Any, ...]) -> None:
            # Every file, folder, rename and unlink raises an audit event; so does looking up the call that swaps.
            if touches(event, arguments, folder) and next(steps) == step:
                signal.raise_signal(signal.SIGKILL)

        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            sys.addaudithook(die)
            spacegen(*words)
            os._exit(0)
        except SystemExit as stop:
            os._exit(3 if stop.code else 0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def touches(event: str, arguments: tuple[Any, ...], folder: Path) -> bool:
    """Whether something may change: dying before a look is the same as dying before the next change."""
    if event.startswith("ctypes.dlsym"):
        return True
    if event == "open":
        if not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return False
    elif not event.startswith("os.") or event in ("os.listdir", "os.scandir"):
        return False  # `shutil` does all through `os`
    return any(
        Path(one).absolute().is_relative_to(folder) for one in arguments if isinstance(one, str | os.PathLike)
    )


@needs_fork
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_every_step(folder: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_build, "format_source", str)  # it takes most of the time, and touches no file
    seen = set()
    for step in count():
        restore(folder)
        if not killed_at(step, folder, COMMANDS[command]):
            break
        seen.add(result_of(folder))
    if command == "update":
        assert seen == {(False, False), (True, False), (True, True)}
    else:
        assert seen == {(False, False), (True, False)}
    assert step > 15
    assert leftovers(folder) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_any_instant(folder: Path, command: str) -> None:
    """A process of its own each time, killed at instants spread over as long as it takes."""
    begun = time.monotonic()
    start(*COMMANDS[command]).communicate()
    whole = time.monotonic() - begun
    died = 0
    for instant in range(INSTANTS):
        restore(folder)
        begun = time.monotonic()
        process = start(*COMMANDS[command])
        try:
            process.communicate(timeout=whole * (instant + 1) / INSTANTS)
            whole = min(whole, time.monotonic() - begun)  # on a busy machine the first one may have taken long
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            died += process.returncode == -signal.SIGKILL
        result_of(folder)
    assert died
    start(*COMMANDS[command]).communicate()
    assert result_of(folder)[0]
    assert leftovers(folder) == []


def test_two_at_once_on_one_folder(folder: Path) -> None:
    """Different packages for the same folder: one of them is there afterwards, whole."""
    save(Path("other.json"), endpoint("other", [value("text")], [value()]))
    for _ in range(3):
        restore(folder)
        both = [start(source, "--name", "one") for source in ("app.json", "other.json")]
        printed = [process.communicate()[0] for process in both]
        assert [process.returncode for process in both] == [0, 0], printed
        is_other = "def other" in (folder / "one" / "endpoints.py").read_text()
        assert is_other != result_of(folder)[0]
        assert leftovers(folder) == []
