"""How long a call waited in the queue and how long it ran, from its events. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from .actions import Event, Finished, Joined, Progressed, Queued, Started
from .provenance import marked


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of a call, in seconds; for a row, those of its last attempt.

    Attributes:
        queued: In the Space's queue.
        ran: In the app's function, as seen from here.
        total: From the first byte sent to the result.
    """

    queued: float = 0.0
    ran: float = 0.0
    total: float = 0.0


class Stopwatch:
    """Records when a call waited in the queue and when it ran.

    Attributes:
        event_id: The server's id of the job, once known.
        raw: The outputs as the server sent them, once they are there.
    """

    def __init__(self) -> None:
        self._began = self._ended = monotonic()
        self._joined: float | None = None
        self._started: float | None = None
        self._behind = False  # other calls were in the queue before it
        self.event_id: str | None = None
        self.raw: list[Any] | None = None

    def note(self, event: Event) -> None:
        """Record an event."""
        match event:
            case Joined(event_id):
                self._joined, self.event_id = monotonic(), event_id
            case Queued(position):
                self._behind = self._behind or bool(position)
            case Started() | Progressed():
                self._started = self._started or monotonic()
            case Finished():
                self.raw = marked(event.raw)
            case _:
                pass

    def stop(self) -> None:
        """The call is over."""
        self._ended = monotonic()

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
        """Seconds behind other calls in the queue; None if the endpoint shows no queue."""
        if self._joined is None:
            return None
        return self.times.queued if self._behind else 0.0
