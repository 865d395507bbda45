"""Names of modules that a new package must not have, because it would be imported instead of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.machinery import PathFinder
from pathlib import Path

from spacegen.adopt.files import LARGEST
from spacegen.packages.layout import MANIFEST_NAME

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)


def modules_of(paths: Iterable[Path]) -> set[str]:
    """Return the modules that lie beside some files, and those that they import."""
    names: set[str] = set()
    folders = set()
    for path in paths:
        folders.add(path.resolve().parent)
        try:
            content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        except OSError:
            continue  # the run itself tells of it
        names |= {match[1].decode() for match in _IMPORT.finditer(content)}
    return names.union(*(modules_in(folder) for folder in folders))


def modules_in(folder: Path) -> set[str]:
    """Return the names of the modules in a folder, without packages of spacegen."""
    found = set()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix in (".py", ".pyw", ".pyi", ".so", ".pyd"):
            found.add(path.name.partition(".")[0])
        elif path.is_dir() and path.name.isidentifier() and _is_package(path):
            found.add(path.name)
    return found


def is_installed(name: str) -> bool:
    """Tell whether this Python would find a module of that name; nothing is imported."""
    found = PathFinder.find_spec(name)
    if found is None:
        return False
    places = [Path(place) for place in found.submodule_search_locations or ()]
    return not places or any(_is_package(place) for place in places)


def _is_package(folder: Path) -> bool:
    return not (folder / MANIFEST_NAME).is_file() and next(folder.glob("*.py"), None) is not None
