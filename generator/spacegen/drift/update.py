"""Writes packages on disk again, with their recorded options.

Spaces are read many at once, packages built and written one after the other: rendering is work for one
processor, and a package is replaced whole or not at all (see `write`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spacegen.drift.parallel import JOBS, each
from spacegen.drift.reading import Reading, explained, read, read_listed
from spacegen.drift.results import Updated, UpdateState
from spacegen.errors import TargetError
from spacegen.fetching.access import Access
from spacegen.naming import is_package_name
from spacegen.packages.build import build
from spacegen.packages.difference import unified
from spacegen.packages.find import edited_files
from spacegen.packages.listed import Listed
from spacegen.packages.read_manifest import Manifest, load_manifest
from spacegen.packages.write import diff_package, write_package
from spacegen.rendering.models import needs_generator
from spacegen.rendering.preload import Preload


def update(
    wanted: Sequence[Path | Listed],
    access: Access,
    *,
    dry_run: bool = False,
    force: bool = False,
    jobs: int = JOBS,
    preload: Preload | None = None,
    diff: bool = False,
) -> Iterator[tuple[int, Updated]]:
    """Write packages again; yield the position and the result of each when it is done.

    Args:
        wanted: The packages' folders, or a project's listing; listed packages that are missing are written.
        access: How Spaces are asked.
        dry_run: Only report what would be done.
        force: Also replace files that were edited by hand.
        jobs: Spaces that are read at the same time.
        preload: Is told when heavy modules are needed.
        diff: Also report what changes in each file.
    """
    preload = preload or Preload()
    for place, reading in each(wanted, lambda one: _try_read(one, access), jobs):
        folder = _folder(wanted[place])
        if isinstance(reading, Updated):
            yield place, reading
            continue
        preload.wait(models=needs_generator(reading.space.models))
        try:
            yield place, _write(folder, reading, dry_run=dry_run, force=force, diff=diff)
        except Exception as error:
            problem = explained(error)
            yield place, Updated(folder=folder, source=reading.source, state="failed", problem=problem)


def _refuse_edited(folder: Path, manifest: Manifest) -> None:
    """Fail in the same way as writing."""
    edited = [name for name in edited_files(folder, manifest.files) if (folder / name).exists()]
    if edited:
        names = ", ".join(edited[:3])
        raise TargetError(f"{names} in {folder} was edited since spacegen wrote it.", "--force drops the edits.")


def _folder(one: Path | Listed) -> Path:
    return one.folder if isinstance(one, Listed) else one


def _try_read(one: Path | Listed, access: Access) -> Reading | Updated:
    source, folder = "", _folder(one)
    try:
        if isinstance(one, Listed):
            source = one.source
            return read_listed(one, access)
        if not is_package_name(folder.resolve().name):
            raise TargetError(f"{folder.resolve().name!r} cannot be a package's name.", "Rename the folder.")
        manifest = load_manifest(folder)
        source = manifest.source
        return read(folder, manifest, access)
    except Exception as error:
        return Updated(folder=folder, source=source, state="failed", problem=explained(error))


def _write(folder: Path, reading: Reading, *, dry_run: bool, force: bool, diff: bool) -> Updated:
    if reading.doubt:
        raise TargetError(f"{reading.doubt} The package stays as it is.")
    files = build(
        reading.space, source=reading.source, options=reading.manifest.options, diagnostics=reading.diagnostics
    )
    changed = diff_package(folder, files)
    lines = tuple(unified(folder, files, changed)) if diff else ()
    if not dry_run:
        # If nothing has changed, this removes what a run that died left behind
        write_package(folder, files, force=force)
    elif changed and not force:
        _refuse_edited(folder, reading.manifest)
    return Updated(
        folder=folder,
        source=reading.source,
        state=_state(reading, changed=bool(changed), dry_run=dry_run),
        changes=reading.changes,
        files=tuple(changed.items()),
        diff=lines,
        diagnostics=reading.diagnostics,
    )


def _state(reading: Reading, *, changed: bool, dry_run: bool) -> UpdateState:
    if not changed:
        return "unchanged"
    if dry_run:
        return "pending"
    return "written" if reading.is_new else "updated"
