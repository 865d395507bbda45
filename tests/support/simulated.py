"""A Space in simulated time: workers, a queue, limits; and a run's own core and pace over it."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

from spacegen_runtime import errors
from spacegen_runtime.protocol.timing import Times
from spacegen_runtime.rows.core import Core
from spacegen_runtime.rows.options import Settings
from spacegen_runtime.rows.outcome import Outcome, Row

Concurrency: TypeAlias = int | tuple[int, int] | None


@dataclass
class SimulatedSpace:
    """What a Space is to whoever calls it.

    Attributes:
        workers: Calls that run at once, in each replica.
        replicas: How many of them there are; a call goes to any of them, and waits in its queue.
        seconds: Mean time that a call runs.
        spread: How much that varies: 0 not at all, 1 as an exponential distribution.
        slow: One call in a hundred takes so many times as long.
        travel: Seconds that a request and its answer are under way, together.
        cores: Calls that run at full speed; more than that share them, and no queue tells.
        handled: Seconds that our own process needs for each call, one after the other.
        queue: Calls that may wait; more are refused (queue full).
        per_second: Calls that are accepted in a second; more are refused (HTTP 429, Retry-After: 1).
        up: Seconds after which it restarts, again and again; what runs or waits then is lost.
        down: Seconds for which nobody answers then.
    """

    workers: int
    replicas: int = 1
    seconds: float = 1.0
    spread: float = 0.5
    slow: float = 1.0
    travel: float = 0.1
    cores: float = 1e9
    handled: float = 0.0
    queue: int = 10**9
    per_second: float = 1e9
    up: float = math.inf
    down: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds that a call runs, on average."""
        return self.seconds * (0.99 + 0.01 * self.slow)

    def takes(self, chosen: random.Random, busy: int) -> float:
        """How long one call runs, as one of so many."""
        mean = self.seconds * max(1.0, busy / self.cores)
        if self.slow > 1 and chosen.random() < 0.01:
            mean *= self.slow
        return mean * ((1 - self.spread) + self.spread * chosen.expovariate(1.0))


@dataclass
class Finding:
    """What a run came to.

    Attributes:
        seconds: How long it took.
        pace: Calls in flight, on average over the second half of the rows.
        refused: Calls that the Space refused.
        done: Rows with a result.
        starts: Calls that began to run.
    """

    seconds: float
    pace: float
    refused: int
    done: int
    starts: int


def run(
    space: SimulatedSpace, rows: int, concurrency: int | tuple[int, int] | None = None, seed: int = 1
) -> Finding:
    """A run over so many rows, in simulated time; None finds the pace."""
    return _Simulation(space, rows, concurrency, seed).run()


class _Simulation:
    def __init__(
        self, space: SimulatedSpace, rows: int, concurrency: int | tuple[int, int] | None, seed: int
    ) -> None:
        self.space, self.rows = space, rows
        self.core = Core(Settings.of({"concurrency": concurrency, "patience": 1e9, "attempts": 99}), 0.0)
        self.chosen = random.Random(seed)
        self.now = 0.0
        self.events: list[tuple[float, int, object, tuple[object, ...]]] = []
        self.ticket = itertools.count()
        self.waiting: list[deque[tuple[Row, float, float]]] = [deque() for _ in range(space.replicas)]
        self.running: list[dict[int, Row]] = [{} for _ in range(space.replicas)]
        self.taken = self.done = self.refused = self.starts = 0
        self.down_until = 0.0
        self.tokens, self.refilled = space.per_second, 0.0
        self.paces: list[int] = []
        self.read = 0.0  # when this process is done with all answers that are there

    def at(self, seconds: float, what: object, *arguments: object) -> None:
        heapq.heappush(self.events, (self.now + seconds, next(self.ticket), what, arguments))

    def run(self) -> Finding:
        if self.space.up < math.inf:
            self.at(self.space.up, self._restarts)
        self._pump()
        while not self.core.over:
            self.now, _, what, arguments = heapq.heappop(self.events)
            what(*arguments)  # type: ignore[operator]
            self._pump()
        late = self.paces[len(self.paces) // 2 :]
        return Finding(self.now, sum(late) / len(late), self.refused, self.done, self.starts)

    def _pump(self) -> None:
        while self.core.hand_over() is not None:
            pass
        while self.core.room > 0 and self.taken < self.rows:
            self.core.take(Row(self.taken, self.taken, call=object()))
            self.taken += 1
        if self.taken == self.rows:
            self.core.end()
        while (row := self.core.start(self.now)) is not None:
            self.at(self.space.travel / 2, self._arrives, row, self.now)
        if (wake := self.core.wake(self.now)) is not None:
            self.at(wake - self.now + 1e-9, lambda: None)

    def _arrives(self, row: Row, sent: float) -> None:
        self.tokens = min(self.space.per_second, self.tokens + (self.now - self.refilled) * self.space.per_second)
        self.refilled = self.now
        replica = self.chosen.randrange(self.space.replicas)
        if self.now < self.down_until:
            self._refuse(row, errors.CannotConnect("nobody there"))
        elif self.tokens < 1:
            self._refuse(row, errors.RateLimited("too many", retry_after=1.0))
        elif len(self.waiting[replica]) >= self.space.queue:
            self._refuse(row, errors.QueueFull("full"))
        else:
            self.tokens -= 1
            self.waiting[replica].append((row, sent, self.now))
            self._serve(replica)

    def _restarts(self) -> None:
        self.down_until = self.now + self.space.down
        lost = [one[0] for queue in self.waiting for one in queue]
        for row in [*lost, *(row for running in self.running for row in running.values())]:
            self._refuse(row, errors.ConnectionLost("it restarts"))
        for queue, running in zip(self.waiting, self.running, strict=True):
            queue.clear()
            running.clear()
        self.at(self.space.up, self._restarts)

    def _refuse(self, row: Row, error: Exception) -> None:
        self.refused += 1
        self.at(self.space.travel / 2, lambda: self.core.failed(row, error, Times(), self.now))

    def _serve(self, replica: int) -> None:
        waiting, running = self.waiting[replica], self.running[replica]
        while waiting and len(running) < self.space.workers:
            row, sent, joined = waiting.popleft()
            self.starts += 1
            running[self.starts] = row
            ran = self.space.takes(self.chosen, len(running))
            self.at(ran, self._answers, replica, self.starts, row, sent, self.now - joined, ran)

    def _answers(self, replica: int, start: int, row: Row, sent: float, queued: float, ran: float) -> None:
        if self.running[replica].pop(start, None) is None:
            return  # lost at a restart
        self._serve(replica)
        self.at(self.space.travel / 2, self._reads, row, sent, queued, ran)

    def _reads(self, row: Row, sent: float, queued: float, ran: float) -> None:
        self.read = max(self.read, self.now) + self.space.handled
        self.at(self.read - self.now, self._ends, row, sent, queued, ran)

    def _ends(self, row: Row, sent: float, queued: float, ran: float) -> None:
        self.paces.append(self.core.running)
        self.done += 1
        self.core.finished(row, Times(queued, ran, self.now - sent), queued)
        self.core.settle(Outcome(number=row.number, row=row.value, value=row.value))
