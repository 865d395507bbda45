"""The copy of the runtime inside a package, and where a saved file is found again."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from spacegen.errors import RuntimeMissing
from spacegen.fetching.recorded import recall, record
from spacegen.packages.sameness import digest_of
from spacegen.packages.vendor import installed_runtime, is_older
from spacegen.pipeline import generate
from support.documents import documents, endpoint, value

VERSION = importlib.metadata.version("spacegen-runtime")
RUNTIME = Path(__file__).resolve().parents[3] / "runtime" / "spacegen_runtime"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    given = documents(endpoint("run", [value("x")], [value()]))
    source = tmp_path / "app.json"
    source.write_text(json.dumps({"config": given.config, "info": given.info}))
    return generate(str(source), output=tmp_path, name="app", vendor=True).folder


def test_the_copy_is_whole_but_for_the_plugin_and_listed(package: Path) -> None:
    manifest = json.loads((package / "spacegen.json").read_text())
    sources = {path.relative_to(RUNTIME).as_posix() for path in RUNTIME.rglob("*.py")} - {"testing/plugin.py"}
    copied = {
        path.relative_to(package / "_runtime").as_posix()
        for path in (package / "_runtime").rglob("*")
        if path.is_file()
    }

    assert copied == {*sources, "py.typed", "LICENSE", "VERSION"}
    for name in sources:
        assert (package / "_runtime" / name).read_text() == (RUNTIME / name).read_text()
        assert manifest["files"][f"_runtime/{name}"] == digest_of(name, (RUNTIME / name).read_bytes())
    assert (package / "_runtime" / "VERSION").read_text() == f"spacegen-runtime {VERSION}\n"
    assert "Apache License" in (package / "_runtime" / "LICENSE").read_text()
    assert (manifest["runtime"], manifest["options"]) == (VERSION, {"name": "app", "vendor": True})


def test_nothing_in_the_package_needs_the_runtime_elsewhere(package: Path) -> None:
    for path in package.rglob("*.py"):
        tree = ast.parse(path.read_text())
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not {name for name in modules if name and name.startswith(("spacegen", "pytest"))}, path.name
    assert "from ._runtime import" in (package / "endpoints.py").read_text()


def no_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)


def no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.mark.parametrize("lack", [no_distribution, no_module])
def test_without_a_runtime_there_is_a_hint(
    lack: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lack(monkeypatch)

    with pytest.raises(RuntimeMissing, match="pip install spacegen-runtime"):
        installed_runtime()


def test_a_copy_needs_its_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        version, files = "1.0", None

    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Bare())

    with pytest.raises(RuntimeMissing, match="licence"):
        installed_runtime()


@pytest.mark.parametrize(
    ("first", "second", "older"),
    [
        ("0.1.0", "0.1.0", False),
        ("0.9.0", "0.10.0", True),
        ("1.0", "0.10.3", False),
        ("1.0", "1.0.1", True),
        ("0.2.0rc1", "0.2.0", True),
        ("?", "0.1", True),
    ],
)
def test_which_version_is_older(first: str, second: str, older: bool) -> None:
    assert is_older(first, second) is older


@pytest.mark.parametrize(
    ("path", "recorded"),
    [("app.json", "../app.json"), ("docs/app.json", "../docs/app.json"), ("pkg/app.json", "./app.json")],
)
def test_files_are_found_from_the_package(
    path: str, recorded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()

    assert record(path, "app.json", Path("pkg")) == recorded
    assert recall(recorded, Path("pkg")) == str(tmp_path / path)


@pytest.mark.parametrize("source", ["ada/app", "https://my.app/path"])
def test_other_sources_are_what_they_are(source: str) -> None:
    assert record(source, source, Path("pkg")) == source
    assert recall(source, Path("pkg")) == source
