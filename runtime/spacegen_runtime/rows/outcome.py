"""Rows and their outcomes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ..errors import ConfigurationError, SpaceError
from ..protocol.timing import Times

R = TypeVar("R")


@dataclass(slots=True)
class Row:
    """One row of the input, with its call.

    Attributes:
        number: Its place in the input, counted from 0.
        value: The row as the input had it.
        call: The call that it describes; None if it cannot be called; `problem` says why.
        problem: Why it cannot be called.
        key: Digest of the endpoint and the arguments, where one is needed.
        tries: How often its call was started.
        unfinished: How often an earlier run started it without an outcome: it may have run then.
        instead: The number that it had when an earlier run started it.
        again: It failed in an earlier run, and this outcome replaces that one.
        alike: The checkpoint has results of equal rows, whose files must stay as they are.
    """

    number: int
    value: Any
    call: Any = None
    problem: Exception | None = None
    key: str = ""
    tries: int = 0
    unfinished: int = 0
    instead: int | None = None
    again: bool = False
    alike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[R]):
    """The outcome of one row: a result, or an error.

    Attributes:
        number: The row's place in the input, counted from 0.
        row: The row as the input had it.
        value: The result; None where there is an error.
        error: What went wrong; None where there is a result.
        raw: The outputs as the server sent them.
        tries: How often the row was called in this run; 0 if the outcome comes from an earlier run.
        times: Durations of the last attempt, in seconds.
        key: Digest of the endpoint and the arguments, for a checkpoint or a folder of files; else empty.
        files: Where files of the result were saved, by their path (or URL) on the Space.
        restored: The outcome is that of an earlier run, from the checkpoint.
        interrupted: An earlier run had this row in flight when it ended, so the row may have run twice.
    """

    number: int
    row: Any
    value: R | None = None
    error: Exception | None = None
    raw: list[Any] | None = None
    tries: int = 0
    times: Times = field(default_factory=Times)
    key: str = ""
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])
    restored: bool = False
    interrupted: bool = False

    def __repr__(self) -> str:
        from ..values.notebook import short_fields

        became = {"value": self.value} if self.error is None else {"error": self.error}
        return short_fields("Outcome", {"number": self.number, "row": self.row, **became, "tries": self.tries})

    @property
    def result(self) -> R:
        """The result.

        Raises:
            SpaceError: The row failed.
        """
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value] # R may include None


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run.

    Attributes:
        taken: Rows taken from the input so far.
        done: Rows with an outcome, failed ones too.
        failed: Rows that failed.
        restored: Rows whose outcome the checkpoint had already.
        interrupted: Rows that an earlier run had in flight when it ended; they were called again.
        running: Calls in flight now.
        pace: Calls that may be in flight now.
        waited: Seconds that the run has waited for the Space, by the name of the error that made it wait.
    """

    taken: int
    done: int
    failed: int
    restored: int
    interrupted: int
    running: int
    pace: int
    waited: Mapping[str, float]


def placed(error: Exception, row: Row) -> Exception:
    """The error, with the number of the row that it is about."""
    if isinstance(error, SpaceError):
        error.row = row.number
    else:
        note = getattr(error, "add_note", None)  # Python 3.11
        if note is not None:
            note(f"row {row.number}")
    return error


class LocalFailure(Exception):
    """This machine cannot write what the run must keep (a full disk, say), so that no row can go on.

    Attributes:
        error: What the operating system said.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def opening(what: str, path: Path) -> Generator[None, None, None]:
    """Raise an error that says which path cannot be used, and why."""
    try:
        yield
    except (OSError, ValueError) as error:  # a path that contains NUL raises ValueError
        said = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{what} {path} cannot be used: {said}") from error


@contextmanager
def writing() -> Generator[None, None, None]:
    """Separate failures to write on this machine from errors of a row."""
    try:
        yield
    except SpaceError:
        raise
    except OSError as error:
        raise LocalFailure(error) from error
