"""Packages on disk and the Spaces behind them, held against each other."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from spacegen import ir
from spacegen.drift.change import Change, Level
from spacegen.drift.compare import compare, worst
from spacegen.drift.parallel import each, in_order
from spacegen.drift.vouch import Vouched, vouch
from spacegen.errors import Diagnostic, SourceForbidden, SpacegenError
from spacegen.fetching.access import Access, credentials_for, how_to_give
from spacegen.fetching.documents import Fetched
from spacegen.fetching.fetch import fetch
from spacegen.fetching.recorded import recall, record
from spacegen.ir.types import PackageName
from spacegen.packages.find import edited_files, load_lock, unwritten_files
from spacegen.packages.read_manifest import Lock, snapshot
from spacegen.packages.vendor import DISTRIBUTION, FOLDER, RuntimeMissing, installed_runtime, is_older
from spacegen.reading.parse import parse, published
from spacegen.reading.selection import Selection

State = Literal["same", "altered", "unknown"] | Level
JOBS = 8
"""Spaces that are read at the same time; each takes two connections at most."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A package and its Space of today.

    Attributes:
        space: The Space as it would be written.
        changes: How it differs from what the package remembers.
        source: What `spacegen.json` would record as its source.
        doubt: Why the Space's own words about itself cannot be trusted today, or None.
    """

    lock: Lock
    space: ir.Space
    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]
    source: str
    doubt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found out about one package.

    Attributes:
        folder: Where it lies.
        source: What it was written from; empty where its lock file does not say.
        state: The worst of its changes, `same`, `altered` where its files are not what spacegen writes although
            their digests fit, or `unknown` where the Space or the package cannot be read.
        changes: How the Space differs from what the package remembers.
        edited: Files that are gone, or other than they were written.
        unwritten: Files that can be imported, and that spacegen never wrote.
        vouched: What can be said for the files whose digests fit.
        old_runtime: What is to say about the copy of the runtime that it carries, or None.
        problem: Why nobody can tell, or None.
    """

    folder: Path
    source: str = ""
    state: State
    changes: tuple[Change, ...] = ()
    edited: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    vouched: Vouched = field(default_factory=Vouched)
    old_runtime: str | None = None
    problem: str | None = None

    @property
    def differs(self) -> bool:
        """Whether anything at all is not as it was written."""
        return bool(self.changes or self.edited or self.unwritten or self.vouched.reason or self.old_runtime)


def check(folders: Sequence[Path], access: Access, jobs: int = JOBS) -> Iterator[Checked]:
    """Check packages, many at once; yield them in their order."""
    yield from in_order(each(folders, lambda folder: check_package(folder, access), jobs))


def check_package(folder: Path, access: Access) -> Checked:
    """Check one package; whatever goes wrong is part of the answer."""
    known = Checked(folder=folder, state="unknown")
    try:
        lock = load_lock(folder)
        edited = edited_files(folder, lock.files)
        unwritten = unwritten_files(folder, lock.files)
        known = replace(known, source=lock.source, edited=edited, unwritten=unwritten, old_runtime=_runtime(lock))
        reading = read(folder, lock, access)
    except Exception as error:
        return replace(known, problem=explained(error))
    if reading.doubt:
        return replace(known, problem=reading.doubt)
    try:
        vouched = vouch(folder, lock, reading.space, reading.source, reading.changes, edited)
    except Exception as error:
        vouched = Vouched(reason=f"Its files cannot be compared: {explained(error)}")
    state: State = "altered" if vouched.altered else worst(reading.changes)
    return replace(known, state=state, changes=reading.changes, vouched=vouched)


def read(folder: Path, lock: Lock, access: Access) -> Reading:
    """Read a package's Space as it is today.

    Raises:
        SpacegenError: It cannot be read.
    """
    source = recall(lock.source, folder)
    selection = Selection.of(lock.options)
    fetched = _fetch(source, lock, access, undocumented=selection.undocumented)
    space, diagnostics = parse(fetched, PackageName(folder.resolve().name), selection)
    listed, everything = (published(fetched, replace(selection, undocumented=one)) for one in (False, True))
    changes = compare(lock.space, snapshot(space), unlisted={*everything} - {*listed})
    # Without info, types are guessed from config; that they differ from those in info means nothing.
    unsure = fetched.documents.info is None and worst(changes) not in ("same", "cosmetic")
    return Reading(
        lock=lock,
        space=space,
        changes=changes,
        diagnostics=diagnostics,
        source=record(source, fetched.provenance.source, folder),
        doubt=fetched.notes[0] if unsure else _moved(lock, fetched),
    )


def _fetch(source: str, lock: Lock, access: Access, *, undocumented: bool) -> Fetched:
    wanted = [str(name)[:100] for name in lock.options.get("headers", ())]
    given = credentials_for(source, access, wanted)
    try:
        return fetch(source, **given, undocumented=undocumented, patience=access.patience, timeout=access.timeout)
    except SourceForbidden as error:
        kept_back = (access.auth and not given["auth"]) or (access.token and not given["token"])
        if not kept_back and not (access.headers and not given["headers"]):
            raise
        raise SourceForbidden(error.message, how_to_give(source)) from error


def _moved(lock: Lock, fetched: Fetched) -> str | None:
    """Say that an address now redirects to another path: nobody but the user moves a package."""
    now, before = fetched.provenance.url, lock.space.url
    if fetched.provenance.space_id or now is None or before is None or now == before:
        return None
    if not now.startswith("http") or fetched.provenance.source == now:
        return None
    return f"{before} redirects to {now} now. If that is right, write the package again from there: spacegen {now}"


def explained(error: Exception) -> str:
    """Return why a package could not be worked on, in one line; `--debug` shows where."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        _log.debug("%s", line)
    if isinstance(error, SpacegenError):
        return str(error)
    return f"unexpected {type(error).__name__}: {str(error)[:200]}"


def exit_code(results: Sequence[Checked], *, strict: bool = False) -> int:
    """Return 1 where callers break or files were altered, 2 where nobody can tell, else 0.

    `strict` gives 1 where anything differs.
    """
    if any(result.state in ("breaking", "altered") or (strict and result.differs) for result in results):
        return 1
    return 2 if any(result.state == "unknown" or result.vouched.reason for result in results) else 0


def _runtime(lock: Lock) -> str | None:
    """Say how the copy of the runtime in a package differs from the one that is installed here."""
    if lock.runtime is None:
        return None
    try:
        installed = installed_runtime()
    except RuntimeMissing:
        return None  # nothing to compare with: who has only the package needs no other
    carried = f"{FOLDER} is {DISTRIBUTION} {lock.runtime}"
    if is_older(lock.runtime, installed.version):
        return f"{carried}, and {installed.version} is installed"
    return None
