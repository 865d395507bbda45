"""A Space in simulated time: workers, a queue, limits; and a run's own core and pace over it."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass

from spacegen_runtime import errors
from spacegen_runtime.protocol.timing import Times
from spacegen_runtime.rows.core import Core
from spacegen_runtime.rows.options import Settings
from spacegen_runtime.rows.outcome import Outcome, Row


@dataclass
class SimulatedSpace:
    """What a Space is to whoever calls it.

    Attributes:
        workers: Calls that run at once.
        seconds: Mean time that a call runs.
        spread: How much that varies: 0 not at all, 1 as an exponential distribution.
        travel: Seconds that a request and its answer are under way, together.
        queue: Calls that may wait; more are refused (queue full).
        per_second: Calls that are accepted in a second; more are refused (HTTP 429, Retry-After: 1).
    """

    workers: int
    seconds: float = 1.0
    spread: float = 0.5
    travel: float = 0.1
    queue: int = 10**9
    per_second: float = 1e9

    def takes(self, chosen: random.Random) -> float:
        """How long one call runs."""
        return self.seconds * ((1 - self.spread) + self.spread * chosen.expovariate(1.0))


@dataclass
class Finding:
    """What a run came to.

    Attributes:
        seconds: How long it took.
        pace: Calls in flight, on average over the second half of the rows.
        refused: Calls that the Space refused.
        done: Rows with a result.
    """

    seconds: float
    pace: float
    refused: int
    done: int


def run(space: SimulatedSpace, rows: int, concurrency: int | tuple[int, int], seed: int = 1) -> Finding:
    """A run over so many rows, in simulated time."""
    return _Simulation(space, rows, concurrency, seed).run()


class _Simulation:
    def __init__(self, space: SimulatedSpace, rows: int, concurrency: int | tuple[int, int], seed: int) -> None:
        self.space, self.rows = space, rows
        self.core = Core(Settings.of({"concurrency": concurrency, "patience": 1e9}), 0.0)
        self.chosen = random.Random(seed)
        self.now = 0.0
        self.events: list[tuple[float, int, object, tuple[object, ...]]] = []
        self.ticket = itertools.count()
        self.waiting: list[tuple[Row, float, float]] = []
        self.busy = self.taken = self.done = self.refused = 0
        self.tokens, self.refilled = space.per_second, 0.0
        self.paces: list[int] = []

    def at(self, seconds: float, what: object, *arguments: object) -> None:
        heapq.heappush(self.events, (self.now + seconds, next(self.ticket), what, arguments))

    def run(self) -> Finding:
        self._pump()
        while not self.core.over:
            self.now, _, what, arguments = heapq.heappop(self.events)
            what(*arguments)  # type: ignore[operator]
            self._pump()
        late = self.paces[len(self.paces) // 2 :]
        return Finding(self.now, sum(late) / len(late), self.refused, self.done)

    def _pump(self) -> None:
        while self.core.room > 0 and self.taken < self.rows:
            self.core.take(Row(self.taken, self.taken, call=object()))
            self.taken += 1
        if self.taken == self.rows:
            self.core.end()
        while (row := self.core.start(self.now)) is not None:
            self.at(self.space.travel / 2, self._arrives, row, self.now)
        if (wake := self.core.wake(self.now)) is not None:
            self.at(wake - self.now + 1e-9, lambda: None)
        while self.core.hand_over() is not None:
            pass

    def _arrives(self, row: Row, sent: float) -> None:
        self.tokens = min(self.space.per_second, self.tokens + (self.now - self.refilled) * self.space.per_second)
        self.refilled = self.now
        if self.tokens < 1:
            self._refuse(row, errors.RateLimited("too many", retry_after=1.0))
        elif len(self.waiting) >= self.space.queue:
            self._refuse(row, errors.QueueFull("full"))
        else:
            self.tokens -= 1
            self.waiting.append((row, sent, self.now))
            self._serve()

    def _refuse(self, row: Row, error: Exception) -> None:
        self.refused += 1
        self.at(self.space.travel / 2, lambda: self.core.failed(row, error, Times(), self.now))

    def _serve(self) -> None:
        while self.waiting and self.busy < self.space.workers:
            row, sent, joined = self.waiting.pop(0)
            self.busy += 1
            ran = self.space.takes(self.chosen)
            self.at(ran, self._answers, row, sent, self.now - joined, ran)

    def _answers(self, row: Row, sent: float, queued: float, ran: float) -> None:
        self.busy -= 1
        self._serve()
        self.at(self.space.travel / 2, self._ends, row, sent, queued, ran)

    def _ends(self, row: Row, sent: float, queued: float, ran: float) -> None:
        self.paces.append(self.core.running)
        self.done += 1
        self.core.finished(row, Times(queued, ran, self.now - sent), queued)
        self.core.settle(Outcome(number=row.number, row=row.value, value=row.value))
