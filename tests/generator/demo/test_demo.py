"""The demo: what it shows is what it runs, and the app never outlives it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rich.console import Console
from spacegen.demo import display
from spacegen.demo import run as demo
from spacegen.errors import SpacegenError, TargetError
from support.waiting import until

COMMAND = [sys.executable, "-c", "from spacegen.commands.main import main; main()", "demo"]
RESULTS = ("'hello-world'", "30.98", "42.164813", "['word,count',", "[1.609344, 3.218688]", "happily ever after.")


def address_in(text: str) -> str:
    return next(word for word in text.split() if word.startswith("http://127.0.0.1:"))


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if words in line:
            return text
    raise AssertionError(f"ended without {words!r}:\n{text}")


def test_the_demo_shows_results_leaves_a_package_and_runs_again(tmp_path: Path) -> None:
    # A proxy that is set for the outside world must not be asked for this machine's own address.
    env = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", "PYTHONWARNINGS": "error:::spacegen"}
    first = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, env=env, timeout=120)
    assert (first.returncode, first.stderr) == (0, "")
    for step in demo.STEPS:
        assert step.title in first.stdout
    for result in RESULTS:
        assert result in first.stdout
    assert [path.name for path in tmp_path.iterdir()] == [demo.PACKAGE]
    assert not answers(address_in(first.stdout))

    with subprocess.Popen([*COMMAND, "--keep"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as again:
        text = read_until(again, "keeps running")
        assert all(result in text for result in RESULTS)
        assert answers(address_in(text))
        again.send_signal(signal.SIGINT)
        assert again.wait(timeout=30) == 0
    assert not answers(address_in(text))


def test_a_folder_in_its_way_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spacegen_demo").mkdir()
    (tmp_path / "spacegen_demo" / "mine.txt").touch()
    with pytest.raises(TargetError, match="Delete or rename spacegen_demo, or run the demo in another folder"):
        demo.run_demo()


def test_the_app_leaves_when_the_demo_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        url = address_in(read_until(process, "A Gradio app answers at"))
        process.kill()
    until(lambda: not answers(url))  # it is nobody's child now


@pytest.mark.parametrize("module", ["gradio", "spacegen_runtime"])
def test_what_is_missing_is_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_NEEDS", {module: module, "not_there_at_all": "not-there"})
    with pytest.raises(SpacegenError, match=r'^The demo needs not-there\. .*pip install "spacegen\[demo\]"$'):
        demo.run_demo()


def test_an_app_that_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'first line' >&2\necho 'no port is free' >&2\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(SpacegenError, match="did not start: no port is free"):
        demo.run_demo()
    assert "Starting" in capsys.readouterr().out


def test_code_runs_as_it_is_shown() -> None:
    names: dict[str, object] = {}
    assert demo._run("a = 2\na * 3", names) == 6
    assert demo._run("b = a", names) is None
    assert names["b"] == 2


def test_on_a_terminal_code_and_result_stand_side_by_side() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, color_system=None)
    with contextlib.contextmanager(display._rich_step)(console, "A title", "call(1)") as show:
        show("'first'", streamed=True)
        show("'\x1b]0;gotcha\x07 [red]'", streamed=False)
    text = screen.getvalue()
    assert any("call(1)" in line and "gotcha" in line for line in text.splitlines())
    assert "\x1b]0;" not in text
    assert "[red]" in text
