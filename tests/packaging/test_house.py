"""A newcomer finds every folder on CONTRIBUTING's page, ten floors at most, and one class for each name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from tools.house import circles, imports_of, longest_way, rooms

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "generator" / "spacegen", ROOT / "runtime" / "spacegen_runtime"
FOLDERS = sorted(path.parent for package in PACKAGES for path in package.glob("*/__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_folder_is_named_on_the_page_for_contributors(folder: Path) -> None:
    assert f"| `{folder.name}/` |" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_folder_says_what_it_is_for(folder: Path) -> None:
    assert (folder / "__init__.py").read_text(encoding="utf-8").startswith('"""')


@pytest.mark.parametrize("package", PACKAGES, ids=lambda folder: folder.name)
def test_the_house_has_ten_floors_at_most_and_no_circle(package: Path) -> None:
    imports = imports_of(package.name)
    assert circles(imports) == []
    assert len(longest_way(rooms(imports))) <= 10


@pytest.mark.parametrize("package", PACKAGES, ids=lambda folder: folder.name)
def test_no_two_classes_have_one_name(package: Path) -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(package)))
    assert places, "no class was found"
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
