"""What git and the tools of a project make of a package's files is no edit; every change of meaning is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacegen.packages.sameness import digest_of, is_same
from spacegen.rendering.format import MARKS

EXAMPLES = Path(__file__).resolve().parents[3] / "generated_examples"
MODULES = sorted(path for name in ("kitchen_app", "studio_app") for path in (EXAMPLES / name).glob("*.py"))
BIN = Path(sys.executable).parent
RUFF_TABS = '[format]\nindent-style = "tab"\nquote-style = "single"\ndocstring-code-format = true\n'
RUFF_FIX = '[lint]\nselect = ["I", "Q", "COM"]\n[lint.isort]\nforce-single-line = true\nfrom-first = true\n'
TOOLS = {
    "black, long lines": ["black", "-q", "-l", "160", "-S", "-C"],
    "black, short lines": ["black", "-q", "-l", "30"],
    "ruff format, tabs": ["ruff", "format", "-q"],
    "ruff check --fix": ["ruff", "check", "-q", "--fix", "--unsafe-fixes", "--exit-zero"],
    "isort, a line for each name": ["isort", "-q", "--profile", "google", "--sl", "-l", "200"],
    "isort, in a grid": ["isort", "-q", "-m", "4", "-l", "40", "--fas"],
}


def run(tool: str, folder: Path) -> None:
    (folder / "ruff.toml").write_text(RUFF_TABS if "tabs" in tool else RUFF_FIX)
    program, *options = TOOLS[tool]
    subprocess.run([str(BIN / program), *options, "."], cwd=folder, check=True, timeout=300)


def copies(folder: Path, *, marks: bool) -> dict[Path, bytes]:
    """The modules of all example packages, by where they lie now."""
    placed: dict[Path, bytes] = {}
    for module in MODULES:
        path = folder / module.parent.name / module.name
        path.parent.mkdir(exist_ok=True)
        text = module.read_text(encoding="utf-8")
        path.write_text(text if marks else text.replace(MARKS, ""), encoding="utf-8", newline="\n")
        placed[path] = path.read_bytes()
    return placed


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_of_a_project_leave_a_package_alone(tool: str, tmp_path: Path) -> None:
    before = copies(tmp_path, marks=True)
    run(tool, tmp_path)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_formatter_rewrites_all_the_same_is_no_edit(tool: str, tmp_path: Path) -> None:
    before = copies(tmp_path, marks=False)
    run(tool, tmp_path)

    after = {path: path.read_bytes() for path in before}
    assert after != before
    assert [path for path in before if not is_same(path.name, before[path], after[path])] == []
    digests = [{path: digest_of(path.name, files[path]) for path in files} for files in (before, after)]
    assert digests[0] == digests[1]


SOURCE = '''# Generated.
"""A module."""

from collections.abc import Sequence
from typing import Any

space = Space("a/b", url=None)


@endpoint
def run(x: str, *, y: float = 1) -> Call[Any]:
    """Run # it.

    Args:
        x: One "word".
    """
    return space.call("/run", {"x": x, "y": y})
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Generated.", "# Generated. And a note of mine."),
        ("# Generated.", "# Generated.\n# mine"),
        ("# Generated.", "# coding: utf-7"),
        ('"a/b"', '"a/c"'),
        ("url=None", "url='https://evil.example'"),
        ("y: float = 1", "y: float = 2"),
        ("y: float = 1", "y: float = 1.0"),
        ("y: float = 1", "y: float = True"),
        ("x: str, *, y", "x: str, y"),
        ("Run # it", "Run # that"),
        ("import Any", "import Any as any"),
        ("import Any", "import Any, NamedTuple"),
        ("from typing", "from .typing"),
        ('"/run"', "b'/run'"),
        ("@endpoint\n", ""),
        ("    return space", "    yield space"),
        ("Call[Any]:", "Call[Any]:  # mine"),
    ],
)
def test_a_change_of_meaning_and_a_comment_are_edits(old: str, new: str) -> None:
    assert old in SOURCE
    before, after = SOURCE.encode(), SOURCE.replace(old, new).encode()
    assert not is_same("endpoints.py", before, after)
    assert digest_of("endpoints.py", before) != digest_of("endpoints.py", after)


def test_a_digest_is_the_same_in_every_version_of_python() -> None:
    known = "syntax:ccd4e0e26969d8c3e51e9cfd2d6d0f7305e093265f0eda6e6a3db3b7efff6be2"
    assert digest_of("a.py", SOURCE.encode()) == known
    assert digest_of("a.py", SOURCE.replace("\n", "\r\n").encode()) == known


def test_words_in_another_encoding_are_not_what_they_look_like() -> None:
    plain = b"a = 1\n"
    hidden = b"# coding: utf-7\na = 1\n'+AAo-import os+AAo-'\n"
    assert not is_same("a.py", plain, hidden)


@pytest.mark.parametrize(
    "content", [b"\xff", b"\0", b"def", b"(" * 100_000, b"# coding: nonsense\n", b"x = '\\ud8"]
)
def test_what_is_no_python_is_compared_as_text(content: bytes) -> None:
    assert is_same("a.py", content, content)
    assert not is_same("a.py", content, b"a = 1\n")
    assert digest_of("a.py", content).startswith("sha256:")


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_texts_are_the_same_only_where_they_are(one: str, other: str) -> None:
    first, second = (f"x = {text!r}  # {text!a}\n".encode("utf-8", "backslashreplace") for text in (one, other))
    assert is_same("a.py", first, second) == (one == other)
