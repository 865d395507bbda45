"""spacegen as a library: a few functions that leave the process as they found it."""

from __future__ import annotations

import gc
import json
import logging
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import spacegen
from click.testing import CliRunner
from spacegen.commands.main import main
from spacegen.errors import SpacegenError
from spacegen.ir import PackageName
from support.documents import documents, endpoint, value

State = Callable[[], dict[str, Any]]


@pytest.fixture
def source(tmp_path: Path) -> str:
    given = documents(endpoint("run", [value("x")], [value()]))
    path = tmp_path / "app.json"
    path.write_text(json.dumps({"config": given.config, "info": given.info}))
    return str(path)


def blocked() -> set[str]:
    modules: dict[str, Any] = sys.modules
    return {name for name, module in list(modules.items()) if module is None}


@pytest.fixture
def state() -> State:
    """What a process has once and all of its parts share."""
    of_others = set(threading.enumerate())  # a server of a test that ran before may end at any time
    return lambda: {
        "garbage": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()),
        "threads": {thread.name for thread in set(threading.enumerate()) - of_others},
        "blocked modules": blocked(),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "warnings": list(warnings.filters),
        "log": (logging.getLogger("spacegen").handlers, logging.getLogger("spacegen").level),
        "path": list(sys.path),
        "folder": Path.cwd(),
    }


def written(source: str, folder: Path) -> None:
    spacegen.generate(source, output=folder, name="app", force=True)


def in_steps(source: str, folder: Path) -> None:
    space, diagnostics = spacegen.parse(spacegen.fetch(source), PackageName("app"))
    files = spacegen.build(space, source=source, options={}, diagnostics=diagnostics)
    assert "def run(" in files["endpoints.py"]


@pytest.mark.parametrize("work", [written, in_steps])
@pytest.mark.parametrize("fails", [False, True], ids=["works", "fails"])
def test_the_process_is_left_as_it_was(
    work: Callable[[str, Path], None], fails: bool, source: str, tmp_path: Path, state: State
) -> None:
    given = str(tmp_path / "nothing.json") if fails else source
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()  # the pool's own thread is there
        for attempt in range(2):
            before = state()
            done = pool.submit(work, given, tmp_path / "out")
            error = done.exception()
            assert state() == before, attempt
            assert isinstance(error, SpacegenError) if fails else error is None


def test_the_process_is_as_it_was_while_the_work_goes_on(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    seen: list[dict[str, Any]] = []
    from spacegen import pipeline

    def look(*_: object, **__: object) -> None:
        seen.append(state())

    monkeypatch.setattr(pipeline, "write_package", look)
    before = state()
    spacegen.generate(source, output=tmp_path)
    assert seen == [before]


def test_threads_generate_at_the_same_time_in_a_fresh_process(source: str, tmp_path: Path) -> None:
    code = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from spacegen import generate

source, folder = sys.argv[1], Path(sys.argv[2])
with ThreadPoolExecutor(4) as pool:
    for report in pool.map(lambda n: generate(source, output=folder / str(n), name="app"), range(4)):
        print(report.endpoints)
"""
    words = [sys.executable, "-W", "error", "-c", code, source, str(tmp_path)]
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout == "1\n" * 4


@pytest.mark.parametrize("fails", [False, True], ids=["works", "fails"])
def test_a_command_puts_back_what_it_tunes(fails: bool, source: str, tmp_path: Path, state: State) -> None:
    given = str(tmp_path / "nothing.json") if fails else source
    before = state()
    assert CliRunner().invoke(main, [given, "-o", str(tmp_path), "--name", "app"]).exit_code == fails
    after = state()
    for shared in ("garbage", "threads", "blocked modules", "signals"):
        assert after[shared] == before[shared], shared


def test_importing_it_loads_nothing() -> None:
    code = """
import sys
before = set(sys.modules)
import spacegen
print(sorted(name for name in set(sys.modules) - before if "spacegen" in name), "click" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "['spacegen', 'spacegen.version'] False\n"


def test_every_public_name_is_there_and_documented() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/reference/generator.md").read_text(encoding="utf-8")
    for name in spacegen.__all__:
        assert getattr(spacegen, name)
        assert name == "__version__" or f"- {name}\n" in page
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = spacegen.nothing
