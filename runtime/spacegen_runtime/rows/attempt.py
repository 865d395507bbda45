"""One try of one row, and what it showed of the Space."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from time import monotonic
from typing import Any

from ..protocol.actions import Event, Finished, Joined, Progressed, Queued, Started
from ..protocol.start import Start
from ..shells.aio import events
from .outcome import Outcome, Row, Times


class Attempt:
    """Runs a call and takes down when it stood in the queue and when it ran."""

    def __init__(self) -> None:
        self._began = self._ended = monotonic()
        self._joined: float | None = None
        self._started: float | None = None
        self._behind = False  # others were in the queue before it
        self.value: Any = None
        self.raw: list[Any] | None = None

    async def run(self, start: Start) -> None:
        """Run the call to its result."""
        try:
            async with aclosing(events(start.server, start.flow)) as happening:
                async for event in happening:
                    self._note(event)
        finally:
            self._ended = monotonic()

    def _note(self, event: Event) -> None:
        match event:
            case Joined():
                self._joined = monotonic()
            case Queued(position):
                self._behind = self._behind or bool(position)
            case Started() | Progressed():
                self._started = self._started or monotonic()
            case Finished():
                self.value, self.raw = event.value, event.raw
            case _:
                pass

    @property
    def times(self) -> Times:
        """Seconds that it took."""
        total = self._ended - self._began
        if self._joined is None:
            return Times(0.0, total, total)
        started = self._started or self._joined
        return Times(started - self._joined, self._ended - started, total)

    @property
    def queued(self) -> float | None:
        """Seconds behind others in the queue; None where there is no queue to see."""
        if self._joined is None:
            return None
        return self.times.queued if self._behind else 0.0

    def outcome(self, row: Row, files: Mapping[str, Path]) -> Outcome[Any]:
        """The outcome of a row whose result this is."""
        return Outcome(
            number=row.number,
            row=row.value,
            value=self.value,
            raw=self.raw,
            tries=row.tries,
            times=self.times,
            key=row.key,
            files=files,
            interrupted=row.unfinished > 0,
        )
