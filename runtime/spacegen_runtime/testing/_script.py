"""What happens in one job: the parts that a fake answer is made of."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..protocol.actions import Log, Progressed, Queued
from ._wire import Run, WaitForAny


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a generator: a value for every output, as JSON has it."""

    data: list[Any]


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds in which nothing happens."""

    seconds: float


class JobFailed(Exception):
    """The job fails, with these words or without any.

    Attributes:
        output: What stands in the message: "error" and, where the app chose them, "title", "duration", "visible".
    """

    def __init__(self, error: str | None, title: str | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.title = title


class Aborted(Exception):
    """The job ends as one that was cancelled."""


class Garbled(Exception):
    """The server sends something that is not its protocol."""


Part: TypeAlias = "Step | Log | Progressed | Queued | Pause | Run | WaitForAny"
Script: TypeAlias = Generator[Part, Any, "list[Any]"]
"""Yields parts and returns the final value of every output; raises JobFailed, Aborted, Garbled or Cut."""
