"""What is in a package's folder before it is written: files of spacegen, edited ones, and other files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spacegen.errors import DocumentError
from spacegen.fetching.body import LARGEST
from spacegen.fetching.bounded_json import parse_json
from spacegen.packages.find import most_bytes
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.plainfile import read_plain
from spacegen.packages.sameness import digest_of, is_same


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """What is in the target folder.

    Attributes:
        exists: Whether there is such a folder.
        ours: Whether it contains a manifest of spacegen.
        written: The existing files that the manifest names, and the manifest.
        edited: Those of them that have been changed since.
        foreign: Everything else except byte code; an empty folder ends with a slash.
    """

    exists: bool
    ours: bool
    written: frozenset[str]
    edited: frozenset[str]
    foreign: frozenset[str]


def survey(target: Path, contents: Mapping[str, bytes]) -> Lying:
    """Look at a package's folder before `contents` are written to it."""
    if not target.is_dir():
        empty: frozenset[str] = frozenset()
        return Lying(exists=False, ours=False, written=empty, edited=empty, foreign=empty)
    present = frozenset(names_in(target))
    hashes = _manifest(target)
    named = present & {*(hashes or ()), MANIFEST_NAME} if hashes is not None else frozenset[str]()
    edited = {
        name
        for name in named - {MANIFEST_NAME}
        if not _is_as_written(target / name, (hashes or {}).get(name), contents.get(name))
    }
    return Lying(
        exists=True,
        ours=hashes is not None,
        written=named,
        edited=frozenset(edited),
        foreign=present - named,
    )


def _manifest(target: Path) -> Mapping[str, object] | None:
    """Return the hashes of the files that spacegen wrote, or None if the folder is not a package of spacegen."""
    try:
        manifest = parse_json(read_plain(target / MANIFEST_NAME, LARGEST), MANIFEST_NAME)
    except (OSError, DocumentError):
        return None
    files = manifest.get("files") if isinstance(manifest, dict) else None
    return files if isinstance(files, dict) and "generator" in manifest else None


def content_of(path: Path) -> bytes | None:
    """Return the content of a file; None if it is not a regular file, or is too large."""
    try:
        return read_plain(path, most_bytes(path.name))
    except OSError:
        return None


def _is_as_written(path: Path, digest: object, new: bytes | None) -> bool:
    content = content_of(path)
    if content is None:
        return False
    name = path.name
    return digest_of(name, content) == digest or (new is not None and is_same(name, content, new))


def names_in(folder: Path, prefix: str = "") -> Iterator[str]:
    """Yield files and empty folders, by path, without byte code."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    if not entries and prefix:
        yield prefix
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield f"{prefix}{entry.name}"
        elif entry.name != "__pycache__":
            yield from names_in(Path(entry.path), f"{prefix}{entry.name}/")
