"""Programs of the shapes that public code has: what is found, what they become, that it is typed and the same."""

from __future__ import annotations

import ast
import concurrent.futures
import json
import os
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from adopt import shaped
from PIL import Image
from spacegen.adopt.found import AdoptReport
from spacegen.adopt.run import adopt
from support.servers import Servers

NAMES = shaped.names()
CANNOT_RUN = {
    "address_from_the_environment.py": "has no address",
    "by_number.py": "takes an option that Client has no longer",
    "copy_of_a_space.py": "copies a Space of the Hub",
    "file_as_a_dict.py": "is left as it is",
    "fixture.py": "is a test",
    "looked_at_and_reset.py": "takes an option that Client has no longer",
    "mocked_by_name.py": "is a test",
    "mocked_in_the_same_file.py": "is a test",
    "no_endpoint_named.py": "is refused by gradio_client",
    "notebook.ipynb": "is a notebook",
    "options_left_out.py": "writes into the current folder",
    "over_bare_http.py": "is left as it is",
    "replaced_by_a_mock.py": "is a test",
    "with_block.py": "uses Client in a way that it never had",
    "pieces_of_a_name.py": "has an address in pieces",
    "wrong_today.py": "is refused by gradio_client",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_shape_becomes_what_is_expected(name: str, moved: tuple[Path, AdoptReport]) -> None:
    folder, report = moved
    assert (folder / name).read_bytes() == (shaped.ADOPTED / name).read_bytes()
    assert shaped.told(report, name) == (shaped.ADOPTED / f"{name}.txt").read_text("utf-8")


def test_every_call_is_rewritten_or_has_its_reason(moved: tuple[Path, AdoptReport]) -> None:
    _, report = moved
    assert len(report.uses) > 130
    for use in report.uses:
        assert use.outcome in ("rewritten", "told") or use.reasons or use.wrong, use


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".py")])
def test_every_call_of_a_client_is_found(name: str, moved: tuple[Path, AdoptReport]) -> None:
    """Counted by another parser, and by nothing but the names of methods."""
    _, report = moved
    tree = ast.parse((shaped.SHAPES / name).read_text("utf-8"))
    called = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (node.attr == "predict" or (node.attr == "submit" and ast.unparse(node.value) != "pool"))
    ]
    found = [u for f in report.files if f.path.name == name for u in f.uses if u.kind == "call"]
    assert len(found) == len(called)


def test_what_was_moved_is_not_moved_again(moved: tuple[Path, AdoptReport], tmp_path: Path) -> None:
    folder, _ = moved
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    again = adopt([folder], output=folder / "spaces", sources=shaped.sources(), write=True)
    assert {path: path.read_bytes() for path in before} == before
    assert not [use for use in again.uses if use.outcome == "rewritten"]


def test_what_was_moved_is_strictly_typed(moved: tuple[Path, AdoptReport]) -> None:
    """People's own functions need not be typed; all else is held as strictly as mypy can."""
    folder, _ = moved
    strict = ["--strict", "--allow-untyped-defs", "--allow-untyped-calls", "--ignore-missing-imports"]
    files = [name for name in NAMES if name.endswith(".py")]
    env = {
        **os.environ,
        "MYPYPATH": os.pathsep.join([str(folder / "spaces"), str(shaped.HERE.parents[1] / "runtime")]),
    }
    words = [
        sys.executable,
        "-m",
        "mypy",
        *strict,
        "--disable-error-code",
        "import-untyped",
        "--cache-dir",
        str(shaped.HERE.parents[1] / ".mypy_cache" / "adopted"),
    ]
    done = subprocess.run([*words, *files], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# The same results.


@pytest.fixture(scope="module")
def addressed(server: Servers) -> Callable[[str], str]:
    """Put addresses of running apps into a program."""

    def with_addresses(code: str) -> str:
        return shaped.ADDRESS.sub(lambda match: str(server(match[1]).url), code)

    return with_addresses


@pytest.fixture
def packages(moved: tuple[Path, AdoptReport], monkeypatch: pytest.MonkeyPatch, server: Servers) -> Iterator[None]:
    """Let the packages be imported, and call apps that run here."""
    folder, _ = moved
    monkeypatch.syspath_prepend(folder / "spaces")
    for app in shaped.APPS:
        monkeypatch.delitem(sys.modules, app, raising=False)
    yield
    for app in shaped.APPS:
        if app in sys.modules:
            sys.modules[app].space.configure()  # lets go of the connections


def run(code: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = types.ModuleType("program")
    monkeypatch.setitem(sys.modules, "program", module)  # classes look for their module
    exec(compile(code, "program", "exec"), module.__dict__)
    return _comparable(module.__dict__["result"])


def as_before(code: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a program that has not been moved. gradio_client loses a job of several now and then (see test_peer)."""
    for _ in range(4):
        try:
            return run(code, monkeypatch)
        except concurrent.futures.CancelledError:
            continue
    return run(code, monkeypatch)


def _comparable(value: Any) -> Any:
    """Paths differ, and what lies there does not."""
    if isinstance(value, str) and os.path.isfile(value):  # noqa: PTH113 (a long text is no path, and no error here)
        return Path(value).read_bytes()
    if isinstance(value, (list, tuple)):
        return [_comparable(one) for one in value]
    return value


@pytest.mark.parametrize("name", [name for name in NAMES if name not in CANNOT_RUN])
@pytest.mark.filterwarnings("ignore:::gradio_client")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a Client that goes away leaves its connections open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:file\\(\\) is deprecated")
def test_a_program_gives_the_same_as_before(
    name: str,
    moved: tuple[Path, AdoptReport],
    packages: None,
    addressed: Callable[[str], str],
    server: Servers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, _ = moved
    server.pause()  # seven apps that idle take most of a processor; those of this program wake below
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    Image.new("RGB", (4, 3), "red").save("cat.png")
    Path("notes.txt").write_text("some notes", encoding="utf-8")
    before, after = (shaped.SHAPES / name).read_text("utf-8"), (folder / name).read_text("utf-8")
    for app in shaped.APPS:
        if f"import {app}" in after or f"from {app} " in after:
            monkeypatch.setenv(f"SPACEGEN_{app.upper()}_SOURCE", server(app).url)
    assert run(addressed(after), monkeypatch) == as_before(addressed(before), monkeypatch)


def test_a_with_block_is_one_session(
    moved: tuple[Path, AdoptReport], packages: None, server: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACEGEN_CHAT_SOURCE", server("chat").url)
    assert run((moved[0] / "with_block.py").read_text(), monkeypatch) == 2


def test_a_session_that_is_entered_again_does_not_end_between(
    tmp_path: Path, server: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server("sessions").url
    call = 'client.predict("a", api_name="/keep")\n'
    ended = 'result = client.predict(api_name="/ended")\n'
    path = tmp_path / "talk.py"
    path.write_text(f'from gradio_client import Client\n\nclient = Client("{url}")\n{call}print()\n{call}{ended}')
    adopt([path], output=tmp_path, sources={}, write=True)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sessions", raising=False)
    ended_meanwhile = run(path.read_text(), monkeypatch)
    client = sys.modules["program"].__dict__["client"]
    assert client.hash not in ended_meanwhile.splitlines()
    client.end()
    sys.modules.pop("sessions").__dict__["space"].configure()  # lets go of the connections


CALL = 'client.predict(api_name="/count")'
MADE = 'client = Client("http://chat.test")'
SESSIONS = {
    "one block": (f"{MADE}\n{CALL}\n{CALL}", False),
    "two blocks": (f"{MADE}\n{CALL}\nprint()\n{CALL}", True),
    "one of a function": (f"{MADE}\ndef f():\n    {CALL}", True),
    "one of a loop": (f"{MADE}\nfor _ in 'ab':\n    {CALL}", True),
    "one of the same function": (f"def f():\n    {MADE}\n    {CALL}", False),
    "one of the same loop": (f"for _ in 'ab':\n    {MADE}\n    {CALL}", False),
    "one of a loop in the function": (f"def f():\n    {MADE}\n    while True:\n        {CALL}", True),
    "one of a branch": (f"{MADE}\nif input():\n    {CALL}", False),
    "made when needed": (f"for n in 'ab':\n    if n == 'a':\n        {MADE}\n    {CALL}", True),
}


@pytest.mark.parametrize(("code", "again"), SESSIONS.values(), ids=list(SESSIONS))
def test_a_session_is_kept_where_it_is_entered_again(
    code: str, again: bool, moved: tuple[Path, AdoptReport], tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"from gradio_client import Client\n\n{code}\n")
    sources = {"http://chat.test": str(moved[0] / "spaces" / "chat")}
    report = adopt([path], output=tmp_path, sources=sources, write=True)
    assert f"client = space.session({'keep=True' if again else ''})" in path.read_text()
    [client] = [use for use in report.uses if use.kind == "client"]
    assert any("`end()`" in note for note in client.notes) == again


def test_a_notebook_keeps_its_session_because_a_cell_may_run_again(
    moved: tuple[Path, AdoptReport], tmp_path: Path
) -> None:
    path = tmp_path / "program.ipynb"
    cells = ["from gradio_client import Client", MADE, CALL]
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [cell]} for cell in cells]
    path.write_text(json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    sources = {"http://chat.test": str(moved[0] / "spaces" / "chat")}
    adopt([path], output=tmp_path, sources=sources, write=True)
    assert "client = space.session(keep=True)" in path.read_text()
