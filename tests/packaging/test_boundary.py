"""What may import what: the generator never needs the runtime, the runtime needs three packages and no more."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = sorted((ROOT / "generator" / "spacegen").rglob("*.py"))
RUNTIME = sorted((ROOT / "runtime" / "spacegen_runtime").rglob("*.py"))

RUNTIME_MAY_IMPORT = sys.stdlib_module_names | {
    "httpcore",  # what httpx is made of
    "httpx",
    "httpx_sse",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
}
"""What a dependency of ours cannot do without, such as pydantic_core, is there wherever it is."""
RUNTIME_NEEDS_NOT = {"PIL", "numpy", "pandas", "polars", "tqdm"}
"""Objects that callers bring, and what draws bars: imported in functions and for type checkers only."""


def imports(tree: ast.AST, *, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Top-level names of all absolute imports, and whether they wait for a call; relative ones are `.`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else (node.module or "").split(".")[0], inside
        waits = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        waits |= isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        yield from imports(node, inside=inside or waits)


def names(path: Path) -> list[tuple[str, bool]]:
    return list(imports(ast.parse(path.read_text(encoding="utf-8"))))


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT.parent
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_there_is_something_to_look_at() -> None:
    assert len(GENERATOR) > 10
    assert len(RUNTIME) > 5


@pytest.mark.parametrize("path", GENERATOR, ids=lambda path: path.name)
def test_the_generator_imports_the_runtime_only_when_a_command_runs(path: Path) -> None:
    """Which commands may is an import contract, in pyproject.toml."""
    found = [inside for name, inside in names(path) if name == "spacegen_runtime"]
    assert all(found), "at the top of the module"


def test_nothing_of_the_generator_loads_the_runtime_or_gradio() -> None:
    code = """
import importlib, pkgutil, sys
import spacegen, spacegen_templates
modules = [m.name for m in pkgutil.walk_packages(spacegen.__path__, "spacegen.")]
for name in modules:
    if name not in ("spacegen.__main__", "spacegen.demo.app"):  # these two are programs
        importlib.import_module(name)
print(len(modules), sorted({"spacegen_runtime", "gradio", "gradio_client"} & set(sys.modules)))
"""
    assert run_python(code) == f"{len(GENERATOR) - 1} []"


def test_the_command_line_answers_without_the_heavy_half() -> None:
    heavy = {"black", "datamodel_code_generator", "huggingface_hub", "pydantic", "jinja2", "gradio"}
    code = f"import spacegen.commands.main, sys; print(sorted({heavy!r} & set(sys.modules)))"
    assert run_python(code) == "[]"


@pytest.mark.parametrize("path", RUNTIME, ids=lambda path: path.name)
def test_the_runtime_imports_its_dependencies_only(path: Path) -> None:
    """Never itself by name either: packages may carry a copy of it."""
    pytests_own = {"pytest"} if path.parent.name == "testing" and path.name == "plugin.py" else set[str]()
    needed = {name for name, waits in names(path) if not (waits and name in RUNTIME_NEEDS_NOT)}
    assert needed - RUNTIME_MAY_IMPORT - pytests_own <= {"."}


@pytest.mark.parametrize("module", ["spacegen_runtime", "text_app", "chat_app"])
def test_importing_the_runtime_or_a_package_is_light(module: str) -> None:
    path = str(ROOT / "generated_examples")
    heavy = {"httpx", "httpx_sse", "pydantic", "chat_app.models"}
    code = (
        f"import sys; sys.path.insert(0, {path!r}); import {module}; print(sorted({heavy!r} & set(sys.modules)))"
    )
    assert run_python(code) == "[]"
