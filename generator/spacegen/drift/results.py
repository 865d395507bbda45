"""The result of `check` and of `update` for one package."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from spacegen.drift.change import Change, Level
from spacegen.errors import Diagnostic
from spacegen.packages import write as writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whether the files of a package are what spacegen writes.

    Attributes:
        altered: Files that are not what spacegen writes, although their digests fit.
        reason: Why the files cannot be verified, or None.
    """

    altered: tuple[str, ...] = ()
    reason: str | None = None


CheckState = Literal["same", "altered", "unknown"] | Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of checking one package.

    Attributes:
        folder: Its path.
        source: What it was written from; empty if its manifest does not say.
        state: The worst of its changes, `same`, `altered` where its files are not what spacegen writes, or
            `unknown` where the Space or the package cannot be read.
        changes: How the Space differs from what the package remembers.
        edited: Written files that are missing or have been changed.
        unwritten: Files that can be imported, and that spacegen never wrote.
        shadowing: Those unwritten files that Python imports instead of a file of spacegen.
        vouched: The verification of the files whose digests fit.
        old_runtime: A remark about its copy of the runtime, or None.
        listing: How the project's pyproject.toml lists it differently, or None.
        stale: Recordings of tests whose endpoints are no longer as they were recorded.
        problem: Why the package and its Space could not be compared, or None.
    """

    folder: Path
    source: str = ""
    state: CheckState
    changes: tuple[Change, ...] = ()
    edited: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    shadowing: tuple[str, ...] = ()
    vouched: Vouched = field(default_factory=Vouched)
    old_runtime: str | None = None
    listing: str | None = None
    stale: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def differs(self) -> bool:
        """Whether anything differs from what was written."""
        return bool(
            self.changes
            or self.edited
            or self.unwritten
            or self.vouched.reason
            or self.old_runtime
            or self.listing
            or self.stale
        )


UpdateState = Literal["unchanged", "pending", "written", "updated", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """The result of updating one package.

    Attributes:
        state: `written` where there was none before, `pending` where it would be written, and was only looked at.
        changes: How the Space differs from what the package remembered.
        files: What was, or would be, done to which files.
        diff: The lines of a unified diff of these files; empty unless it was asked for.
        diagnostics: What is worth telling about the Space.
        problem: Why it failed, or None.
    """

    folder: Path
    source: str = ""
    state: UpdateState
    changes: tuple[Change, ...] = ()
    files: tuple[tuple[str, writing.FileChange], ...] = ()
    diff: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    problem: str | None = None
