"""Python environments that hold another Gradio version than the one the tests run in.

Each is made once, in the user's cache folder, and found again. `SPACEGEN_TEST_GRADIO_ENVS` may name a folder
that already holds `<version>/bin/python`.
"""

from __future__ import annotations

import fcntl
import functools
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATES = {
    "3.50.2": "2023-12-15",
    "4.0.2": "2023-12-15",
    "4.9.1": "2024-01-05",
    "4.13.0": "2024-01-20",
    "4.19.2": "2024-03-01",
    "4.20.0": "2024-04-01",
    "4.44.1": "2024-11-01",
    "5.0.0": "2024-11-15",
    "5.29.0": "2025-05-15",
    "5.50.0": "2025-12-01",
    "6.0.2": "2026-01-10",
    "6.13.0": None,
    "6.31.0": None,
}
"""The versions we test and the day whose packages they are installed with: an old Gradio does not run with
the dependencies of today."""

CURRENT = next((one.version for one in importlib.metadata.distributions(name="gradio")), "")
"""The Gradio of the environment that runs the tests; empty where it has none, as with the lowest versions."""


class EnvironmentFailed(RuntimeError):
    """An environment could not be made; the message holds what uv said."""


@functools.cache
def python_of(version: str) -> Path:
    """Return the interpreter that has this version of Gradio, making its environment when there is none."""
    if version == CURRENT:
        return Path(sys.executable)
    ready = os.environ.get("SPACEGEN_TEST_GRADIO_ENVS")
    if ready and (python := Path(ready) / version / "bin" / "python").exists():
        return python
    folder = _cache() / f"gradio-{version}"
    with _locked(folder.with_suffix(folder.suffix + ".lock")):
        if not (folder / "complete").exists():
            _make(folder, version)
    return folder / "bin" / "python"


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "spacegen-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file, so that two test runs never build one environment at the same time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(folder: Path, version: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv("venv", "--python", _interpreter(version), str(folder))
    requirements = [f"gradio=={version}"]
    date = DATES.get(version)
    if date:
        # Versions before 2026 import names that huggingface_hub 1.0 removed.
        requirements += ["huggingface_hub<1", "--exclude-newer", date]
    # Without its bytecode an old Gradio compiles itself anew at every start.
    uv("pip", "install", "--compile-bytecode", "--python", str(folder / "bin" / "python"), *requirements)
    (folder / "complete").touch()


def _interpreter(version: str) -> str:
    # Gradio 3 and 4 need the module `audioop`, which Python 3.13 dropped.
    old = int(version.split(".")[0]) < 5
    return "3.12" if old and sys.version_info >= (3, 13) else sys.executable


def uv(*arguments: str, cwd: Path | None = None) -> str:
    """Run uv and return what it prints; it stands beside the interpreter in the development environment."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise EnvironmentFailed("uv is not installed: pip install uv")
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run([found, *arguments], capture_output=True, text=True, cwd=cwd, env=environment)
    if done.returncode:
        raise EnvironmentFailed(f"uv {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout
