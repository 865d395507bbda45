"""Every code block of the documentation runs, against the apps that the example packages were written from.

A `python` block runs after those before it, in one namespace. `expression  # -> text` must evaluate to what is
written. In a `console` block each `$ command` runs in a folder with the example packages' documents beside it;
lines below a command are what it prints, where `...` stands for anything. A block that stands in
an example package as it is shows what is written, and does not run. The README's Space is an app of ours behind a
stand-in for the Hub.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from spacegen.pipeline import generate
from spacegen_runtime import errors
from spacegen_runtime._options import CallOptions, SpaceOptions
from support.hub import Hub, Space
from support.servers import Servers
from tools import cli_reference
from tools.regenerate import APPS, ROOT, SPECS

README = ROOT / "README.md"
RECIPES = sorted((ROOT / "docs" / "recipes").glob("*.md"))
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN = sorted((ROOT / "generated_examples").glob("*/endpoints.py"))
READ_BY_LIBRARIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}  # httpx, and Python itself
NO_VARIABLES = {
    *("APP_STARTING", "BUILD_ERROR", "CONFIG_ERROR", "NOT_FOUND", "NO_APP_FILE"),  # the Hub's stages
    *("RUNNING_APP_STARTING", "RUNNING_BUILDING", "RUNTIME_ERROR"),
    *("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "FSTRING_MIDDLE"),  # attributes of `os` and `token`
    "GRADIO_TEMP_DIR",  # set for the demonstration's app
    "TYPE_CHECKING",  # what a generated package imports from `typing`
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"#\s*->\s*(.+?)\s*$")


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The blocks of a language, each with the number of its first line."""
    text = page.read_text(encoding="utf-8")
    return [(text[: m.start()].count("\n") + 2, m[2]) for m in BLOCK.finditer(text) if m[1] == language]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that pages speak of, as the current one."""
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (4, 3), "red").save(tmp_path / "cat.png")
    (tmp_path / "notes.txt").write_text("some notes", encoding="utf-8")
    for spec in APPS:
        (tmp_path / f"{spec}.json").write_bytes((SPECS / f"{spec}.json").read_bytes())
    return tmp_path


@pytest.fixture(autouse=True)
def space(hub: Hub, server: Servers) -> None:
    """The Space that the README speaks of."""
    hub.add(Space(id="abidlabs/en2fr", host=server("french").url))


@pytest.fixture
def packages(
    server: Servers, request: pytest.FixtureRequest, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The packages that a page names: examples, pointed at running apps, and the README's own."""
    text = request.getfixturevalue("page").read_text(encoding="utf-8")
    if "abidlabs/en2fr" in text:
        generate("abidlabs/en2fr")
        monkeypatch.syspath_prepend(scratch)
    used = [importlib.import_module(f"{app}_app") for app in APPS if re.search(rf"\b{app}_app\b", text)]
    for package in used:
        package.space.configure(base_url=server(package.__name__.removesuffix("_app")).url)
    yield
    for package in used:
        package.space.configure(token=False, timeout=None, headers={})


def run(code: str, page: Path, line: int, names: dict[str, Any]) -> None:
    """Run a block; it may await at the top level, as in a notebook."""
    lines = code.split("\n")
    for node in ast.parse(code).body:
        said = SAID.search(lines[(node.end_lineno or 1) - 1])
        kind = "eval" if said and isinstance(node, ast.Expr) else "exec"
        tree: Any = ast.Expression(node.value) if isinstance(node, ast.Expr) and said else ast.Module([node], [])
        ast.increment_lineno(tree, line - 1)
        made = compile(tree, str(page), kind, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(made, names)
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        if said and kind == "eval":
            assert repr(result) == said[1], f"{page.name}:{line + node.lineno - 1}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.usefixtures("scratch", "packages")
def test_python_of_a_page_runs(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    for line, code in blocks(page, "python"):
        if not any(code in path.read_text(encoding="utf-8") for path in WRITTEN):
            run(code, page, line, names)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")], ids=lambda page: page.stem)
def test_commands_of_a_page_run(page: Path, scratch: Path, server: Servers, hub: Hub) -> None:
    environment = {
        **os.environ,
        **hub.environment(),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COLUMNS": "100",
        "URL": server("text").url,
    }
    for line, block in blocks(page, "console"):
        for said in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = said.partition("\n")
            done = subprocess.run(
                command, shell=True, cwd=scratch, env=environment, capture_output=True, text=True, check=False
            )
            output = done.stdout + done.stderr
            assert done.returncode == 0, f"{page.name}:{line}: {command}\n{output}"
            if expected.strip():
                same = doctest.OutputChecker().check_output(
                    expected, output, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
                )
                assert same, f"{page.name}:{line}: {command}\n{output}"


def test_every_page_is_on_the_site() -> None:
    listed = set(re.findall(r"[\w/-]+\.md(?=\")", (ROOT / "zensical.toml").read_text(encoding="utf-8")))
    there = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}

    assert there ^ listed == set()


def test_the_page_of_commands_says_what_the_commands_say() -> None:
    assert cli_reference.PAGE.read_text(encoding="utf-8") == cli_reference.page()


def variables_of_the_code() -> set[str]:
    """What looks like the name of a variable in the code, with `<PACKAGE>` where a name is put in."""
    found: set[str] = set()
    for folder in ("generator/spacegen", "runtime/spacegen_runtime"):
        for source in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (one.value if isinstance(one, ast.Constant) else "<PACKAGE>" for one in node.values)
                    found.add("".join(map(str, parts)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return {name for name in found if re.fullmatch(r"TERM|[A-Z]+(_(<PACKAGE>|[A-Z]+))+", name)} - NO_VARIABLES


def test_the_page_of_the_environment_names_what_the_code_reads_and_no_more() -> None:
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|.*?\|(.*)$", page, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+(?:<PACKAGE>_SOURCE)?)`", " ".join(row))}

    assert variables_of_the_code() - told == set()
    assert told - variables_of_the_code() == READ_BY_LIBRARIES


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *RECIPES], ids=lambda page: page.stem
)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if not link.startswith("https://")]

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_error_is_explained() -> None:
    told = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    kinds = inspect.getmembers(errors, lambda one: inspect.isclass(one) and one.__module__ == errors.__name__)

    assert [name for name, _ in kinds if f"`{name}`" not in told] == []


def test_every_option_is_explained() -> None:
    told = (ROOT / "docs" / "runtime.md").read_text(encoding="utf-8")
    options = [*CallOptions.__annotations__, *SpaceOptions.__annotations__]

    assert [name for name in options if f"`{name}`" not in told] == []
