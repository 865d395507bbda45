"""Which packages were written from a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spacegen.errors import ManifestError, SourceNotFound
from spacegen.fetching.source import Address, HubSpace, SavedFile, Source, read_source
from spacegen.packages.read_manifest import Manifest, load_manifest


def written_from(source: str, folders: Sequence[Path]) -> list[Path]:
    """Return those packages that were written from a source; damaged ones are left out.

    Raises:
        SourceNotFound: It is not a source.
    """
    asked = read_source(source)
    found = []
    for folder in folders:
        try:
            manifest = load_manifest(folder)
        except ManifestError:
            continue
        if is_of(manifest, folder, asked):
            found.append(folder)
    return found


def replaced_source(folder: Path, source: str) -> str:
    """Return the source of the package in a folder, if one of another source takes its place; else nothing."""
    try:
        manifest = load_manifest(folder)
    except ManifestError:
        return ""
    return "" if is_of(manifest, folder, read_source(source)) else manifest.source


def is_of(manifest: Manifest, folder: Path, asked: Source) -> bool:
    """Return whether a package was written from a source, even if they are spelled differently."""
    match asked:
        case HubSpace(name):
            return name.lower() in (manifest.source.lower(), manifest.space.id.lower())
        case Address(url):
            return url in (manifest.source, manifest.space.url) or _address(manifest.source) == url
        case SavedFile(path):
            is_file = manifest.source.startswith(("./", "../"))
            return is_file and (folder.resolve() / manifest.source).resolve() == path.resolve()


def _address(recorded: str) -> str | None:
    try:
        source = read_source(recorded)
    except SourceNotFound:
        return None
    return source.url if isinstance(source, Address) else None
