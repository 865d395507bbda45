"""A package with its own copy of the runtime, in a repository that knows nothing of spacegen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from spacegen.pipeline import generate
from support.environments import uv
from support.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
CALLER = """\
import asyncio

from texts import GreetResult, greet

result: GreetResult = greet("Ada", excited=True)
print(result.greeting, asyncio.run(greet.aio("Bob")).greeting)
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, server: Servers) -> Path:
    """Two packages, and an environment with nothing but what they need."""
    folder = tmp_path_factory.mktemp("repository")
    generate(server("text").url, output=folder, name="texts", vendor=True)
    generate(str(ROOT / "tests" / "specs" / "kitchen.json"), output=folder, name="kitchen", vendor=True)
    (folder / "caller.py").write_text(CALLER)
    uv("venv", "--python", sys.executable, str(folder / ".venv"))
    constraints = ("--constraint", str(ROOT / "constraints.txt"))
    uv("pip", "install", "--python", str(folder / ".venv"), *constraints, "httpx", "httpx-sse", "pydantic")
    return folder


def python(repository: Path, *arguments: str) -> str:
    """Run the interpreter of the repository, where a warning is an error."""
    return run(repository, str(repository / ".venv" / BIN / "python"), "-W", "error", *arguments)


def run(repository: Path, *words: str) -> str:
    done = subprocess.run(
        words,
        cwd=repository,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_PROXY": "*", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nothing_of_ours_is_installed(repository: Path) -> None:
    listed = json.loads(uv("pip", "list", "--format", "json", "--python", str(repository / ".venv")))

    assert not [entry["name"] for entry in listed if "spacegen" in entry["name"] or "gradio" in entry["name"]]


def test_it_imports_and_calls(repository: Path) -> None:
    assert python(repository, "caller.py") == "Hello, Ada! Hello, Bob.\n"
    python(repository, "-c", "import kitchen; kitchen.AnnotatedImageData")


def test_the_copy_holds_the_fake_of_its_space(repository: Path) -> None:
    code = """
import texts
from texts._runtime.testing import fake_space

with fake_space(texts) as fake:
    fake.on(texts.hello).returns("Hi")
    print(texts.hello())
"""
    assert python(repository, "-c", code) == "Hi\n"


# The checkers are ours; what they find is what the repository's own environment has.


def test_mypy_has_nothing_to_say(repository: Path) -> None:
    place = str(repository / ".venv" / BIN / "python")
    words = ("--python-executable", place, "--strict", "caller.py", "texts", "kitchen")
    assert "Success" in run(repository, sys.executable, "-m", "mypy", *words)


def test_pyright_has_nothing_to_say(repository: Path) -> None:
    settings = {
        "include": ["caller.py", "texts", "kitchen"],
        "exclude": ["kitchen/_runtime"],  # the same files as in texts/_runtime
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
    }
    (repository / "pyrightconfig.json").write_text(json.dumps({**settings, "venvPath": ".", "venv": ".venv"}))

    assert "0 errors" in run(repository, sys.executable, "-m", "pyright")
