"""Reads the Space of a package as it is now, to compare it with what the package remembers."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.drift.change import Change
from spacegen.drift.compare import compare, worst
from spacegen.errors import Diagnostic, SourceForbidden, SpacegenError
from spacegen.fetching.access import Access, credentials_for, how_to_give, left_out, refused
from spacegen.fetching.documents import Fetched
from spacegen.fetching.fetch import fetch
from spacegen.fetching.recorded import recall, record
from spacegen.ir.types import PackageName
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.listed import Listed
from spacegen.packages.read_manifest import Manifest, load_manifest, snapshot, unwritten
from spacegen.reading.parse import parse, published
from spacegen.reading.selection import Selection

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a package remembers of its Space, and the Space as it is today.

    Attributes:
        space: The Space as it would be written.
        changes: How it differs from what the package remembers.
        source: What `spacegen.json` would record as its source.
        doubt: Why the Space's present description of itself cannot be trusted, or None.
        is_new: Whether the package is not written yet.
    """

    manifest: Manifest
    space: ir.Space
    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]
    source: str
    doubt: str | None
    is_new: bool = False


def read_listed(listed: Listed, access: Access) -> Reading:
    """Read the Space of a package that a project lists; the package may not exist yet.

    Raises:
        SpacegenError: It cannot be read, or the listing names endpoints that the Space does not have.
    """
    folder = listed.folder
    if not (folder / MANIFEST_NAME).exists():
        first = unwritten(listed.source, {"name": folder.name, **listed.options})
        reading = read(folder, first, access, chosen=True)
        return replace(reading, changes=(), doubt=None, is_new=True)
    manifest = load_manifest(folder)
    if listed.difference(manifest) is None:
        return read(folder, manifest, access)
    manifest = replace(manifest, source=listed.source, options=listed.over(manifest))
    return read(folder, manifest, access, chosen=True)


def read(folder: Path, manifest: Manifest, access: Access, *, chosen: bool = False) -> Reading:
    """Read a package's Space as it is today.

    Args:
        folder: The package's folder.
        manifest: The options with which it is or will be written.
        access: How the Space is asked.
        chosen: Whether the user has just given the options, so that they must name existing endpoints.

    Raises:
        SpacegenError: It cannot be read.
    """
    source = recall(manifest.source, folder)
    selection = Selection.of(manifest.options)
    fetched = _fetch(source, manifest, access, undocumented=selection.undocumented)
    if chosen:
        selection.check(published(fetched, selection))
    if chosen or not {*map(str.lower, _headers(manifest))} <= {*map(str.lower, fetched.provenance.headers)}:
        manifest = replace(manifest, options=with_headers(manifest.options, fetched))
    space, diagnostics = parse(fetched, PackageName(folder.resolve().name), selection)
    listed, everything = (published(fetched, replace(selection, undocumented=one)) for one in (False, True))
    changes = compare(manifest.space, snapshot(space), unlisted={*everything} - {*listed})
    # Without info, types are guessed from config, so a difference would not mean that the Space has changed.
    unsure = fetched.documents.info is None and worst(changes) not in ("same", "cosmetic")
    return Reading(
        manifest=manifest,
        space=space,
        changes=changes,
        diagnostics=diagnostics,
        source=record(source, fetched.provenance.source, folder),
        doubt=fetched.notes[0] if unsure else _moved(manifest, fetched),
    )


def _fetch(source: str, manifest: Manifest, access: Access, *, undocumented: bool) -> Fetched:
    given = credentials_for(source, access)
    missing = left_out(given, _headers(manifest))
    if missing and not given["auth"] and not given["headers"]:
        raise refused(source, access, missing)  # without asking
    try:
        return fetch(source, **given, undocumented=undocumented, patience=access.patience, timeout=access.timeout)
    except SourceForbidden as error:
        if missing:  # something else was given, which might have been the new key
            raise refused(source, access, missing, error.message) from error
        kept_back = (access.auth and not given["auth"]) or (access.token and not given["token"])
        if not kept_back and not (access.headers and not given["headers"]):
            raise
        raise SourceForbidden(error.message, how_to_give(source, access)) from error


def _headers(manifest: Manifest) -> list[str]:
    return [str(name)[:100] for name in manifest.options.get("headers", ())]


def with_headers(options: Mapping[str, Any], fetched: Fetched) -> dict[str, Any]:
    """Return options with the names of the headers that a gateway required; never their values."""
    names = list(fetched.provenance.headers)
    others = {name: value for name, value in options.items() if name != "headers"}
    return {**others, **({"headers": names} if names else {})}


def _moved(manifest: Manifest, fetched: Fetched) -> str | None:
    """Say that an address now redirects to another path; the user decides whether the package follows."""
    now, before = fetched.provenance.url, manifest.space.url
    if fetched.provenance.space_id or now is None or before is None or now == before:
        return None
    if not now.startswith("http") or fetched.provenance.source == now:
        return None
    return (
        f"{before} redirects to {now} now. If that is right, write the package again from the new "
        f"address: spacegen {now}"
    )


def explained(error: Exception) -> str:
    """Return why a package could not be worked on, in one line; `--debug` shows where."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        _log.debug("%s", line)
    if isinstance(error, SpacegenError):
        return str(error)
    return f"unexpected {type(error).__name__}: {str(error)[:200]}"
