"""Packages on disk and the Spaces behind them, held against each other."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from spacegen import ir
from spacegen.change import Change, Level
from spacegen.drift import compare, worst
from spacegen.errors import Diagnostic, SpacegenError
from spacegen.fetch import TIMEOUT, fetch
from spacegen.naming import PackageName
from spacegen.origin import recall, record
from spacegen.packages import edited_files, load_lock
from spacegen.parse import parse, published
from spacegen.pool import each, in_order
from spacegen.selection import Selection
from spacegen.snapshot import Lock, snapshot
from spacegen.vendor import DISTRIBUTION, FOLDER, RuntimeMissing, installed_runtime, is_older

State = Literal["same", "unknown"] | Level
JOBS = 8
"""Spaces that are read at the same time; each takes two connections at most."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How Spaces are asked.

    Attributes:
        token: Hugging Face token; by default the one that the Hub's library finds, for Spaces only.
        auth: User and password of an app with a login page.
        patience: Seconds that a sleeping Space may take to wake up.
    """

    token: str | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    patience: float = 0
    timeout: float = TIMEOUT


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
        state: The worst of its changes, `same`, or `unknown` where the Space or the package cannot be read.
        changes: How the Space differs from what the package remembers.
        edited: Files that are gone, or other than they were written.
        old_runtime: What is to say about the copy of the runtime that it carries, or None.
        problem: Why nobody can tell, or None.
    """

    folder: Path
    source: str = ""
    state: State
    changes: tuple[Change, ...] = ()
    edited: tuple[str, ...] = ()
    old_runtime: str | None = None
    problem: str | None = None

    @property
    def differs(self) -> bool:
        """Whether anything at all is not as it was written."""
        return bool(self.changes or self.edited or self.old_runtime)


def check(folders: Sequence[Path], access: Access, jobs: int = JOBS) -> Iterator[Checked]:
    """Check packages, many at once; yield them in their order."""
    yield from in_order(each(folders, lambda folder: check_package(folder, access), jobs))


def check_package(folder: Path, access: Access) -> Checked:
    """Check one package; whatever goes wrong is part of the answer."""
    known = Checked(folder=folder, state="unknown")
    try:
        lock = load_lock(folder)
        edited = edited_files(folder, lock.files)
        known = replace(known, source=lock.source, edited=edited, old_runtime=_runtime(lock))
        reading = read(folder, lock, access)
    except Exception as error:
        return replace(known, problem=explained(error))
    if reading.doubt:
        return replace(known, problem=reading.doubt)
    return replace(known, state=worst(reading.changes), changes=reading.changes)


def read(folder: Path, lock: Lock, access: Access) -> Reading:
    """Read a package's Space as it is today.

    Raises:
        SpacegenError: It cannot be read.
    """
    source = recall(lock.source, folder)
    selection = Selection.of(lock.options)
    fetched = fetch(
        source,
        token=access.token,
        auth=access.auth,
        undocumented=selection.undocumented,
        patience=access.patience,
        timeout=access.timeout,
    )
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
        doubt=fetched.notes[0] if unsure else None,
    )


def explained(error: Exception) -> str:
    """Return why a package could not be worked on, in one line; `--debug` shows where."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        _log.debug("%s", line)
    if isinstance(error, SpacegenError):
        return str(error)
    return f"unexpected {type(error).__name__}: {str(error)[:200]}"


def exit_code(results: Sequence[Checked], *, strict: bool = False) -> int:
    """Return 1 where callers break, 2 where nobody can tell, else 0; `strict` gives 1 where anything differs."""
    if any(result.state == "breaking" or (strict and result.differs) for result in results):
        return 1
    return 2 if any(result.state == "unknown" for result in results) else 0


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
