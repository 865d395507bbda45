"""`[tool.spacegen]` in a pyproject.toml: the packages that a repository wants, and how each is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from spacegen.errors import ListingError
from spacegen.fetching.recorded import recall, repository_of
from spacegen.fetching.source import read_source, spoken
from spacegen.naming import is_package_name
from spacegen.packages.find import is_ours
from spacegen.packages.plainfile import is_inside_name
from spacegen.packages.pyproject import spacegen_table
from spacegen.packages.read_manifest import Manifest
from spacegen.packages.written_from import is_of
from spacegen.text import shorten

_FILE = "pyproject.toml"
_NOT_CHOSEN = frozenset({"name", "headers"})  # recorded for every package, and never in a listing
_KINDS: dict[str, tuple[type, str]] = {
    "source": (str, "a text"),
    "output": (str, "a text"),
    "include": (list, 'a list of texts, as in ["/predict*"]'),
    "exclude": (list, 'a list of texts, as in ["/predict*"]'),
    "rename": (dict, 'a table of texts, as in { "/predict" = "describe" }'),
    "undocumented": (bool, "true or false"),
    "vendor": (bool, "true or false"),
}
_LONGEST = 500
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A package that a project lists.

    Attributes:
        folder: Where it is, or will be.
        source: What it is written from, as `spacegen.json` records it.
        options: The options with which it is written, as in `spacegen.json`.
    """

    folder: Path
    source: str
    options: Mapping[str, Any]

    def over(self, manifest: Manifest) -> dict[str, Any]:
        """Return the options to record: those that are listed, and those that only the package has."""
        kept = {name: value for name, value in manifest.options.items() if name in _NOT_CHOSEN}
        return {**kept, **self.options}

    def difference(self, manifest: Manifest) -> str | None:
        """Say how a package was written in another way than is listed; None if it was not.

        Raises:
            SpacegenError: The listed source is not valid.
        """
        if not is_of(manifest, self.folder, read_source(recall(self.source, self.folder))):
            return f"it was written from {spoken(manifest.source)}, but {_FILE} says {spoken(self.source)}"
        recorded = {name: value for name, value in manifest.options.items() if name not in _NOT_CHOSEN}
        other = sorted(name for name in {*recorded, *self.options} if recorded.get(name) != self.options.get(name))
        return f"{_FILE} has other values for {', '.join(other)}" if other else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a project lists.

    Attributes:
        file: The pyproject.toml.
        packages: In the order of the file.
    """

    file: Path
    packages: tuple[Listed, ...]


def find_listing(start: Path) -> Listing | None:
    """Return what the pyproject.toml at or above a folder lists, or None where none has `[tool.spacegen]`.

    The search ends at the repository's own folder.

    Raises:
        ListingError: It makes no sense.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        path = folder / _FILE
        table = spacegen_table(path) if path.is_file() else None
        if table is not None:
            return Listing(file=path, packages=_apart(path, tuple(_packages(path, table))))
        if (folder / ".git").exists():
            return None
    return None


def _packages(path: Path, table: Any) -> Iterator[Listed]:
    if not isinstance(table, dict) or not isinstance(table.get("packages", {}), dict):
        raise _wrong(path, "[tool.spacegen]", "it must be a table that contains a table `packages`")
    if unknown := sorted({*table} - {"output", "packages"}):
        raise _wrong(
            path, "[tool.spacegen]", f"it can have `output` and `packages`, but not {shorten(unknown[0], 60)!r}"
        )
    for name, said in table.get("packages", {}).items():
        where = f"[tool.spacegen.packages] {shorten(name, 60)}"
        if not is_package_name(name):
            raise _wrong(path, where, "that cannot be a package's name")
        entry = _checked(path, where, {"source": said} if isinstance(said, str) else said)
        yield _listed(path, where, name, {"output": table.get("output", "."), **entry})


def _checked(path: Path, where: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("source"), str):
        raise _wrong(path, where, "it must be a SOURCE, or a table with a `source`")
    for name, value in entry.items():
        if name not in _KINDS:
            raise _wrong(path, where, f"it can have {', '.join(_KINDS)}, but not {shorten(name, 60)!r}")
        kind, words = _KINDS[name]
        if not isinstance(value, kind) or not all(isinstance(text, str) for text in _texts(value)):
            raise _wrong(path, where, f"`{name}` is {words}")
        if len(_texts(value)) > _MOST or any(len(text) > _LONGEST for text in _texts(value)):
            raise _wrong(path, where, f"`{name}` is too long")
    if spoken(entry["source"]) != entry["source"]:
        raise _wrong(path, where, "a password does not belong in a file; pass --origin https://USER:PASSWORD@HOST")
    return entry


def _texts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _listed(path: Path, where: str, name: str, entry: dict[str, Any]) -> Listed:
    folder = _folder(path, where, entry["output"], name)
    source = entry["source"]
    if source.endswith(".json") and "://" not in source:
        whole = path.parent / source
        if not _is_below(whole, repository_of(path.parent) or path.parent):
            raise _wrong(path, where, "`source` is a file outside the repository")
        relative = PurePosixPath(Path(os.path.relpath(whole, folder)).as_posix())
        source = str(relative) if relative.parts[:1] == ("..",) else f"./{relative}"
    options = {key: value for key, value in entry.items() if key not in ("source", "output") and value}
    return Listed(folder=near(folder), source=source, options=options)


def _folder(path: Path, where: str, output: Any, name: str) -> Path:
    """Return where a package will be: inside the project, also if there are links, and where `check` finds it."""
    inside = PurePosixPath(output, name) if isinstance(output, str) and len(output) <= _LONGEST else None
    if inside is None or not is_inside_name(str(inside)) or not _is_below(path.parent / inside, path.parent):
        raise _wrong(
            path, where, "`output` must be a folder in the project, relative to this file, with `/` between names"
        )
    if hidden := [part for part in inside.parts if not is_ours(part)]:
        raise _wrong(path, where, f"`output` is in {hidden[0]}, where packages are not looked for")
    return path.parent / inside


def _is_below(path: Path, top: Path) -> bool:
    try:
        path.exists()  # fails if a name is too long for the system
        return path.resolve().is_relative_to(top.resolve())
    except (OSError, ValueError, RuntimeError):  # a NUL byte, links in a circle
        return False


def _apart(path: Path, packages: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """Return the packages; none may be inside another, because each is replaced as a whole."""
    folders = {one.folder.absolute() for one in packages}
    for one in packages:
        if around := folders.intersection(one.folder.absolute().parents):
            raise _wrong(path, f"[tool.spacegen.packages] {one.folder.name}", f"{min(around)} is a package itself")
    return packages


def near(folder: Path) -> Path:
    """Return a folder relative to the current one, if it is below it."""
    here = Path.cwd()
    return folder.relative_to(here) if here in folder.parents else folder


def _wrong(path: Path, where: str, why: str) -> ListingError:
    return ListingError(f"{path}, {where}: {why}.", "`spacegen sync --help` has an example.")
