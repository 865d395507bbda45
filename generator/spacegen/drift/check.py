"""Compares packages on disk with their Spaces as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spacegen.drift.compare import worst
from spacegen.drift.parallel import JOBS, each, in_order
from spacegen.drift.reading import explained, read
from spacegen.drift.recordings import Recording, find_recordings, stale
from spacegen.drift.results import Checked, CheckState, Vouched
from spacegen.drift.vouch import vouch
from spacegen.errors import RuntimeMissing
from spacegen.fetching.access import Access
from spacegen.packages.find import edited_files, shadowing_files, unwritten_files
from spacegen.packages.layout import FOLDER
from spacegen.packages.listed import Listed
from spacegen.packages.read_manifest import Manifest, load_manifest
from spacegen.packages.vendor import DISTRIBUTION, installed_runtime, is_older

_MISSING = "pyproject.toml lists it, but it is not written yet; run spacegen sync"


def check(
    folders: Sequence[Path], access: Access, jobs: int = JOBS, listed: Mapping[Path, Listed] | None = None
) -> Iterator[Checked]:
    """Check packages, many at once; yield them in their order.

    Args:
        folders: The packages' folders.
        access: How Spaces are asked.
        jobs: Spaces that are read at the same time.
        listed: The project's listing of packages, by their absolute folders.
    """
    recordings = find_recordings(Path.cwd())
    told = listed or {}
    yield from in_order(
        each(folders, lambda folder: check_package(folder, access, recordings, told.get(folder.resolve())), jobs)
    )


def check_package(
    folder: Path, access: Access, recordings: Sequence[Recording] = (), listed: Listed | None = None
) -> Checked:
    """Check one package; an error becomes part of the result."""
    known = Checked(folder=folder, state="unknown")
    if listed is not None and not folder.exists():
        return replace(known, source=listed.source, problem=_MISSING)
    try:
        manifest = load_manifest(folder)
        edited = edited_files(folder, manifest.files)
        unwritten = unwritten_files(folder, manifest.files)
        known = replace(
            known,
            source=manifest.source,
            edited=edited,
            unwritten=unwritten,
            shadowing=shadowing_files(unwritten, manifest.files),
            old_runtime=_runtime(manifest),
        )
        known = replace(known, listing=listed.difference(manifest) if listed else None)
        reading = read(folder, manifest, access)
    except Exception as error:
        return replace(known, problem=explained(error))
    if reading.doubt:
        return replace(known, problem=reading.doubt)
    try:
        vouched = vouch(folder, manifest, reading.space, reading.source, reading.changes, edited)
    except Exception as error:
        vouched = Vouched(reason=f"Its files cannot be compared: {explained(error)}")
    altered = edited or known.shadowing or vouched.altered
    state: CheckState = "altered" if altered else worst(reading.changes)
    found = stale(recordings, folder, reading.space)
    return replace(known, state=state, changes=reading.changes, vouched=vouched, stale=found)


def exit_code(results: Sequence[Checked], *, strict: bool = False) -> int:
    """Return 1 if callers break or files were altered, 2 if that could not be determined, else 0.

    With `strict`, any difference gives 1.
    """
    if any(result.state in ("breaking", "altered") or (strict and result.differs) for result in results):
        return 1
    return 2 if any(result.state == "unknown" or result.vouched.reason for result in results) else 0


def _runtime(manifest: Manifest) -> str | None:
    """Say how the runtime copy in a package differs from the installed runtime."""
    if manifest.runtime is None:
        return None
    try:
        installed = installed_runtime()
    except RuntimeMissing:
        return None  # nothing to compare with: no other runtime is installed
    carried = f"{FOLDER} is {DISTRIBUTION} {manifest.runtime}"
    if is_older(manifest.runtime, installed.version):
        return f"{carried}, and {installed.version} is installed"
    return None
