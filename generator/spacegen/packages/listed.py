"""`[tool.spacegen]` in a pyproject.toml: the packages that a repository wants, and how each is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from spacegen.errors import ListingError
from spacegen.fetching.body import LARGEST
from spacegen.fetching.recorded import recall
from spacegen.fetching.source import read_source, spoken
from spacegen.naming import is_package_name
from spacegen.packages.plainfile import read_plain
from spacegen.packages.read_manifest import Manifest
from spacegen.packages.written_from import is_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = "pyproject.toml"
_NOT_CHOSEN = frozenset({"name", "headers"})  # recorded of every package, and said by no listing
_KINDS: dict[str, type] = {
    "source": str,
    "output": str,
    "include": list,
    "exclude": list,
    "rename": dict,
    "undocumented": bool,
    "vendor": bool,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A package that a project lists.

    Attributes:
        folder: Where it is, or is to be.
        source: What it is written from, as `spacegen.json` records it.
        options: How it is written, in the words of `spacegen.json`.
    """

    folder: Path
    source: str
    options: Mapping[str, Any]

    def over(self, manifest: Manifest) -> dict[str, Any]:
        """Return what to record of how it is written: what is listed, and what only the package remembers."""
        kept = {name: value for name, value in manifest.options.items() if name in _NOT_CHOSEN}
        return {**kept, **self.options}

    def difference(self, manifest: Manifest) -> str | None:
        """Say how a package was written in another way than is listed; None where it was not.

        Raises:
            SpacegenError: The listed source is none.
        """
        if not is_of(manifest, self.folder, read_source(recall(self.source, self.folder))):
            return f"it was written from {spoken(manifest.source)}, and {_FILE} says {spoken(self.source)}"
        recorded = {name: value for name, value in manifest.options.items() if name not in _NOT_CHOSEN}
        other = sorted(name for name in {*recorded, *self.options} if recorded.get(name) != self.options.get(name))
        return f"{_FILE} says otherwise about {', '.join(other)}" if other else None


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
        table = _table(path) if path.is_file() else None
        if table is not None:
            return Listing(file=path, packages=tuple(_packages(path, table)))
        if (folder / ".git").exists():
            return None
    return None


def _table(path: Path) -> Any:
    try:
        whole = tomllib.loads(read_plain(path, LARGEST).decode())
    except (OSError, ValueError, RecursionError) as error:  # a tomllib.TOMLDecodeError is a ValueError
        raise ListingError(f"{path} cannot be read: {error}.") from error
    tool = whole.get("tool")
    return tool.get("spacegen") if isinstance(tool, dict) else None


def _packages(path: Path, table: Any) -> Iterator[Listed]:
    if not isinstance(table, dict) or not isinstance(table.get("packages", {}), dict):
        raise _wrong(path, "[tool.spacegen]", "it is a table, with a table `packages`")
    if unknown := sorted({*table} - {"output", "packages"}):
        raise _wrong(path, "[tool.spacegen]", f"it knows `output` and `packages`, and no {unknown[0]!r}")
    for name, said in table.get("packages", {}).items():
        where = f"[tool.spacegen.packages] {name}"
        if not is_package_name(name):
            raise _wrong(path, where, "that cannot be a package's name")
        entry = {"source": said} if isinstance(said, str) else said
        yield _listed(path, where, name, {"output": table.get("output", "."), **_checked(path, where, entry)})


def _checked(path: Path, where: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("source"), str):
        raise _wrong(path, where, "it wants a SOURCE, or a table with a `source`")
    for name, value in entry.items():
        if name not in _KINDS:
            raise _wrong(path, where, f"it knows {', '.join(_KINDS)}, and no {name!r}")
        texts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if not isinstance(value, _KINDS[name]) or not all(isinstance(text, str) for text in texts):
            raise _wrong(path, where, f"{name!r} has a value of another kind")
    if spoken(entry["source"]) != entry["source"]:
        raise _wrong(path, where, "a password has no place in a file; give --origin https://USER:PASSWORD@HOST")
    return entry


def _listed(path: Path, where: str, name: str, entry: dict[str, Any]) -> Listed:
    root, output = path.parent, entry["output"]
    if not isinstance(output, str) or not (root / output).resolve().is_relative_to(root.resolve()):
        raise _wrong(path, where, "`output` is a folder in the project, as seen from the file")
    folder = root / output / name
    source = entry["source"]
    if source.endswith(".json") and "://" not in source:
        relative = PurePosixPath(Path(os.path.relpath(root / source, folder)).as_posix())
        source = str(relative) if relative.parts[:1] == ("..",) else f"./{relative}"
    options = {key: value for key, value in entry.items() if key not in ("source", "output") and value}
    return Listed(folder=_near(folder), source=source, options=options)


def _near(folder: Path) -> Path:
    """Return a folder as seen from the current one, where it lies below it."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _wrong(path: Path, where: str, why: str) -> ListingError:
    return ListingError(f"{path}, {where}: {why}.", "The page on the command line has an example.")
