"""How many calls to keep in flight: found from what the server shows. Pure.

The best pace keeps every worker of the Space busy, and a few calls waiting so that none stands idle while an
answer travels. More of them help nobody: they only stand in the queue before other people's. By Little's law the
calls that wait are those in flight times the share of their time that they wait, which the queue's own messages
tell. So the limit rises while fewer wait than are wanted, by doubling at first and by one (or an eighth) later,
and falls by a share when too many do, or by half when the server refuses.
"""

from __future__ import annotations

START = 4
DOWN, HALF = 0.8, 0.5
SPARE = 1.0  # calls that should always wait
LEAST = 8  # calls at once below which a guess from answer times alone never goes


class Pace:
    """The limit on calls in flight, between bounds.

    Args:
        lowest: Calls in flight that are always allowed, but for a time after the server refused some.
        highest: Calls in flight that are never exceeded.
    """

    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest = lowest
        self.highest = highest
        self._limit = float(min(highest, max(lowest, START)))
        self._doubling = True
        self._fastest: float | None = None
        self._begin()

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return int(self._limit)

    def _begin(self) -> None:
        self._calls = 0
        self._waiting = self._running = self._total = 0.0
        self._busy = 0
        self._told = False

    def finished(self, *, queued: float | None, ran: float, total: float, in_flight: int) -> None:
        """Take in how a call went.

        Args:
            queued: Seconds in the queue behind others; None where the server has no queue to show.
            ran: Seconds in the app's function.
            total: Seconds in all.
            in_flight: Calls in flight when it ended, itself included.
        """
        self._calls += 1
        self._told = self._told or queued is not None
        self._waiting += queued or 0.0
        self._running += ran
        self._total += total
        self._busy += in_flight
        if self._calls >= self._limit:
            self._judge()
            self._begin()

    def refused(self) -> None:
        """The server refuses more calls for now."""
        self._limit = max(1.0, self._limit * HALF)  # below the lowest, too: it rises to it again
        self._doubling = False
        self._begin()

    def _judge(self) -> None:
        in_flight = self._busy / self._calls
        if self._total <= 0:
            return
        if self._told:
            waiting = in_flight * self._waiting / self._total
            running = in_flight * self._running / self._total
        else:
            mean = self._total / self._calls
            self._fastest = mean if self._fastest is None else min(self._fastest, mean)
            running = in_flight * self._fastest / mean
            waiting = in_flight - running
        if waiting > SPARE + 1 + running and (self._told or self._limit > LEAST):
            self._doubling = False
            self._to(self._limit * DOWN)
        elif self._limit < self.lowest:
            self._to(self._limit + 1)
        elif waiting < SPARE + running / 4 and in_flight > 0.6 * self._limit:
            self._to(self._limit * 2 if self._doubling else self._limit + max(1.0, self._limit / 8))
        else:
            self._doubling = False

    def _to(self, limit: float) -> None:
        lowest = min(self._limit, float(self.lowest))
        self._limit = min(float(self.highest), max(lowest, limit))
