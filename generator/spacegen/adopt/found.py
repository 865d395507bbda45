"""The findings of `spacegen adopt`, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Outcome = Literal["rewritten", "left", "wrong", "told"]
"""The outcomes of a use: rewritten; left for a person; wrong already, and left; only reported."""


class UnreadableFile(Exception):
    """A file that cannot be read as source; the message is one sentence."""


@dataclass(slots=True, kw_only=True)
class Use:
    """One place that uses gradio_client.

    Attributes:
        line: Counted from 1; in a notebook inside its cell.
        cell: Number of the notebook's cell, counted from 1, or None.
        kind: `client`, `call`, `job`, `file`, `import` or `http`.
        code: The place's own first line.
        space: The Space as the code names it, or None if unknown.
        endpoint: The endpoint's api name or number, or None.
        becomes: The new line, or None if the place stays as it is.
        unread: Whether it stays because the documents of its Space could not be read today.
        reasons: Why it stays as it is, or what a person has to decide.
        wrong: What is wrong with it already.
        notes: What will behave differently afterwards.
    """

    line: int
    kind: Literal["client", "call", "job", "file", "import", "http"]
    code: str
    cell: int | None = None
    space: str | None = None
    endpoint: str | int | None = None
    becomes: str | None = None
    rewritten: bool = False
    unread: bool = False
    reasons: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """Its outcome."""
        if self.wrong:
            return "wrong"
        if self.kind == "http":
            return "told"
        return "rewritten" if self.rewritten else "left"


@dataclass(slots=True, kw_only=True)
class FileResult:
    """One file that was looked at.

    Attributes:
        path: As the user named it, or as it was found below a folder.
        problem: Why it was not read or written, or None.
        before: Its bytes.
        after: Its bytes when written; the same where nothing changes.
        diff: The change as a unified diff, line by line.
    """

    path: Path
    uses: list[Use] = field(default_factory=list)
    problem: str | None = None
    before: bytes = b""
    after: bytes = b""
    diff: list[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether writing it would change it."""
        return self.after != self.before


@dataclass(slots=True, kw_only=True)
class PackageResult:
    """One package that the rewritten code imports.

    Attributes:
        space: The Space as the code names it.
        module: What the code imports (`en2fr`, `app.spaces.en2fr`).
        folder: Where it is, or will be.
        state: `there`, `to write` or `written`.
        problem: Why the code cannot import it as it lies, or None.
    """

    space: str
    module: str
    folder: Path
    state: Literal["there", "to write", "written"]
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class AdoptReport:
    """All findings of one run."""

    files: list[FileResult] = field(default_factory=list)
    packages: list[PackageResult] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    looked_at: int = 0

    @property
    def uses(self) -> list[Use]:
        """All uses, file by file."""
        return [use for file in self.files for use in file.uses]

    @property
    def needs_a_person(self) -> bool:
        """Whether something is left for a person."""
        problems = [*(file.problem for file in self.files), *(package.problem for package in self.packages)]
        return any(problems) or any(use.outcome in ("left", "wrong") for use in self.uses)
