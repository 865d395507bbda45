"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers import Servers

ROOT = Path(__file__).parents[2]
PLAIN = ["-p", "no:spacegen", "-p", "spacegen_runtime.testing.plugin", "-p", "no:cacheprovider", "-q"]


def run(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one file of tests."""
    (folder / "test_it.py").write_text(text)
    path = os.pathsep.join(map(str, (ROOT / "generated_examples", ROOT / "runtime")))
    return subprocess.run(
        [sys.executable, "-m", "pytest", *PLAIN, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


FIXTURES = """
import unittest
import pytest
import text_app
from text_app import echo
from spacegen_runtime import testing

def test_fake(fake_space):
    fake = fake_space(text_app)
    fake.on(echo).returns("hi")
    assert echo("x") == "hi"

@pytest.mark.anyio
async def test_anyio(fake_space):
    fake_space(text_app).on(echo).returns("hi")
    assert await echo.aio("x") == "hi"

class TestCase(unittest.TestCase):
    def test_unittest(self):
        with testing.fake_space(text_app) as fake:
            fake.on(echo).returns("hi")
            self.assertEqual(echo("x"), "hi")

@pytest.mark.parametrize("number", range(8))
def test_many(fake_space, number):
    fake_space(text_app).on(echo).returns(str(number))
    assert echo("x") == str(number)
"""
ASYNCIO = """

@pytest.mark.asyncio
async def test_asyncio(fake_space):
    fake_space(text_app).on(echo).returns("hi")
    assert await echo.aio("x") == "hi"
"""


def test_fixtures(tmp_path: Path) -> None:
    done = run(tmp_path, FIXTURES, "-p", "anyio", "-k", "not trio")

    assert "11 passed" in done.stdout, done.stdout + done.stderr


def test_fixtures_in_several_processes(tmp_path: Path) -> None:
    done = run(tmp_path, FIXTURES, "-n", "2", "-k", "not trio")

    assert "11 passed" in done.stdout, done.stdout + done.stderr


def test_fixtures_with_pytest_asyncio(tmp_path: Path) -> None:
    done = run(tmp_path, FIXTURES + ASYNCIO, "-k", "asyncio and not anyio")

    assert "passed" in done.stdout, done.stdout + done.stderr


GUARD = """
import pytest
import text_app
from text_app import echo
from spacegen_runtime import SpaceError

far = echo.with_options(retries=0, timeout=1)
text_app.space.configure(base_url="http://space.invalid")

def test_caught():
    try:
        far("x")
    except SpaceError:
        pass

def test_plain():
    far("x")

@pytest.mark.real_space
def test_marked():
    with pytest.raises(SpaceError, match="cannot connect"):
        far("x")

def test_this_machine():
    text_app.space.configure(base_url="http://127.0.0.1:9")
    with pytest.raises(SpaceError, match="cannot connect"):
        far("x")
"""


def test_a_real_space_is_not_called_unasked(tmp_path: Path) -> None:
    done = run(tmp_path, GUARD)

    assert "2 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert (
        "not marked with @pytest.mark.real_space, and a call was about to reach http://space.invalid"
        in done.stdout
    )


HIDDEN = """
import pytest
import files_app, text_app
from files_app import shout
from spacegen_runtime import SpaceError
from spacegen_runtime.testing import fake_space
from spacegen_runtime.tools import call_tool

files_app.space.configure(base_url="http://space.invalid")

def call():
    try:
        shout.with_options(retries=0, timeout=1)(b"x")
    except SpaceError:
        pass

@pytest.fixture
def calling():
    yield
    call()

def test_inside_of_a_fake():
    with fake_space(text_app):
        call()

def test_a_file_of_a_tool():
    with fake_space(files_app):
        assert call_tool(shout, {"file": "http://space.invalid/x.txt"}).is_error

def test_at_its_end(calling):
    pass
"""


def test_no_real_call_hides_from_the_guard(tmp_path: Path) -> None:
    done = run(tmp_path, HIDDEN)

    assert "2 failed, 1 passed, 1 error" in done.stdout, done.stdout + done.stderr
    for place in ("", "/x.txt"):
        assert f"a call was about to reach http://space.invalid{place}. Fake" in done.stdout


RECORDED = """
import os
import text_app
from text_app import echo

text_app.space.configure(base_url=os.environ["APP"])

def test_it(recorded):
    recorded(text_app)
    assert echo("x") == "x"
"""


def test_recordings_lie_beside_the_test(tmp_path: Path, server: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP", "http://127.0.0.1:9")
    missing = run(tmp_path, RECORDED, "--spacegen-record=none")
    monkeypatch.setenv("APP", server("text").url)
    made = run(tmp_path, RECORDED)
    monkeypatch.setenv("APP", "http://127.0.0.1:9")
    replayed = run(tmp_path, RECORDED, "--spacegen-record=none")

    assert "there is no recording" in missing.stdout
    assert "1 passed" in made.stdout, made.stdout + made.stderr
    assert "1 passed" in replayed.stdout, replayed.stdout + replayed.stderr
    assert (tmp_path / "recordings" / "test_it" / "test_it.json").exists()


SEVERAL = """
import os
import files_app, text_app
from files_app import shout
from text_app import echo

text_app.space.configure(base_url=os.environ["TEXT"])
files_app.space.configure(base_url=os.environ["FILES"])

def test_it(recorded):
    recorded(text_app)
    recorded(files_app)
    assert (echo("x"), shout(b"x").read()) == ("x", b"X")

class TestOne:
    def test_it(self, recorded):
        recorded(text_app)
        assert echo("one") == "one"

class TestOther:
    def test_it(self, recorded):
        recorded(text_app)
        assert echo("other") == "other"
"""


def test_each_recording_has_a_place_of_its_own(
    tmp_path: Path, server: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("text", "files"):
        monkeypatch.setenv(name.upper(), server(name).url)
    made = run(tmp_path, SEVERAL)
    for name in ("text", "files"):
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    replayed = run(tmp_path, SEVERAL, "--spacegen-record=none")

    assert "3 passed" in made.stdout, made.stdout + made.stderr
    assert "3 passed" in replayed.stdout, replayed.stdout + replayed.stderr
    folder = tmp_path / "recordings" / "test_it"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")} == {
        *("test_it.json", "test_it.files_app.json", "TestOne/test_it.json", "TestOther/test_it.json"),
    }
