"""The record of a job, and the work that runs the job and keeps the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._status import Status
from ..errors import CallCancelled
from ..protocol.actions import Event, Finished, Joined, Log, Partial
from ..protocol.status import status_after
from ..shells.aio import events

if TYPE_CHECKING:
    from ..protocol.start import Start

Gate = asyncio.Semaphore | None
MOST = 10_000
"""How many steps, and how many messages of the app, a job keeps: it may stream for days."""

T = TypeVar("T")


class Latest(Generic[T]):
    """The last of the things that came, with their numbers; written by one thread, read by any.

    Attributes:
        count: How many have come.
    """

    def __init__(self) -> None:
        self.count = 0
        self._most = MOST
        self._kept: dict[int, T] = {}

    def add(self, thing: T) -> None:
        """Keep this one, and drop the oldest if there are too many."""
        self._kept[self.count] = thing
        self.count += 1
        self._kept.pop(self.count - 1 - self._most, None)

    def all(self) -> list[T]:
        """Those that are kept, the oldest first."""
        return list(self._kept.values())

    def since(self, number: int) -> tuple[int, T] | None:
        """The first one from this number on that is kept, with its number; None if none has come."""
        while number < self.count:
            number = max(number, self.count - self._most)
            with suppress(KeyError):  # dropped this moment
                return number, self._kept[number]
        return None


@dataclass
class Record:
    """What has happened to a job so far; written by its event loop, read by anybody."""

    status: Status = field(default_factory=Status)
    logs: Latest[Log] = field(default_factory=Latest[Log])
    outputs: Latest[Any] = field(default_factory=Latest[Any])
    event_id: str | None = None
    changed: Callable[[], None] = lambda: None
    shown: Callable[[bool], None] = lambda must: None

    def note(self, event: Event) -> None:
        """Record an event."""
        self.status = status_after(self.status, event)
        match event:
            case Joined(event_id):
                self.event_id = event_id
            case Log():
                self.logs.add(event)
            case Partial(value):
                self.outputs.add(value)
            case Finished(value, repeats, _):
                if not repeats:
                    self.outputs.add(value)
            case _:
                pass
        self.changed()
        self.shown(False)

    def end(self, error: BaseException | None) -> None:
        """Record how it ended."""
        cancelled = isinstance(error, (asyncio.CancelledError, CallCancelled))
        self.status = self.status.ended("done" if error is None else "cancelled" if cancelled else "failed")
        self.changed()
        self.shown(True)
        self.shown = lambda must: None
        self.changed = lambda: None  # the error refers to this record, and the job refers to the error


async def work(start: Start, record: Record, gate: Gate) -> Any:
    """Run a flow to its result and keep the record."""
    result: Any = None
    async with gate or nullcontext():
        try:
            async with aclosing(events(start.server, start.flow, bounded=True)) as happening:
                async for event in happening:
                    record.note(event)
                    if type(event) is Finished:
                        result = event.value
        except BaseException as error:
            record.end(error)
            raise
    record.end(None)
    return result
