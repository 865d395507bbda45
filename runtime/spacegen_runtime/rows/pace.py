"""How many calls to keep in flight, found from what the server shows.

Pure. The best number keeps every worker of the Space busy, and a few calls waiting, so that no worker is idle
while an answer travels. More calls do not help: they only wait in the queue before those of other people. By
Little's law, the number of waiting calls is the number of calls in flight times the share of their time that they
wait, which the queue's messages show. So the limit rises while fewer wait than are wanted, by doubling at first
and by one (or an eighth) later, and falls by a share when too many do, or by half when the server refuses calls;
once the server takes calls again, it doubles until it is back.

A queue shows nothing about calls that share one processor, on the Space or here: all of them run, but each is
slower the more there are. So beyond `MANY` calls at once, a rise must also have helped: if calls outside the queue
become slower by about the same share as their number has grown, the limit goes back, and stays there for a time.
"""

from __future__ import annotations

import math

START = 4
DOWN, HALF = 0.8, 0.5
SPARE = 1.0  # calls that should always wait
LEAST = 8  # an estimate from answer times alone never goes below this number of calls at once
MANY = 32  # up to this number of calls at once, the queue's messages are enough
STEP = 1.5  # the rise after which it must have helped
REST = 8  # rounds until a rise that did not help is tried again; doubles each time


class Pace:
    """The limit on calls in flight, between bounds.

    Args:
        lowest: Calls in flight that are always allowed, except for a time after the server refused some.
        highest: Calls in flight that are never exceeded.
    """

    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest = lowest
        self.highest = highest
        self._limit = float(min(highest, max(lowest, START)))
        self._doubles_to = math.inf  # up to this number, it rises by doubling
        self._well = True  # calls ended since the server last refused some
        self._fastest: float | None = None
        self._paid: tuple[float, float] | None = None  # the last limit that helped, and `_apart` then
        self._apart = 0.0  # seconds of a call outside the queue
        self._rest, self._resting = REST, 0
        self._stale = 0  # calls that began under an earlier limit
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
        """Record how a call went.

        Args:
            queued: Seconds in the queue behind others; None if the server shows no queue.
            ran: Seconds in the app's function.
            total: Seconds in all.
            in_flight: Calls in flight when it ended, itself included.
        """
        self._well = True
        if self._stale:
            self._stale -= 1
            return
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
        if self._well:
            self._doubles_to = self._limit * HALF
        self._well = False
        self._limit = max(1.0, self._limit * HALF)  # even below the lowest: it rises again
        self._paid, self._stale = None, 0
        self._begin()

    def _judge(self) -> None:
        in_flight = self._busy / self._calls
        if self._total <= 0 or self._has_not_paid():
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
            self._doubles_to = 0
            self._to(self._limit * DOWN)
        elif self._limit < self.lowest:
            self._to(self._limit + 1)
        elif waiting < SPARE + running / 4 and in_flight > 0.6 * self._limit:
            self._rise(int(in_flight))
        else:
            self._doubles_to = 0

    def _has_not_paid(self) -> bool:
        """Go back to the last limit that helped, if this one does not."""
        apart = (self._total - self._waiting) / self._calls
        if self._paid is None or self._limit < STEP * self._paid[0]:
            self._apart = apart
            return False
        limit, before = self._paid
        if apart <= before * (self._limit / limit) ** 0.75:
            self._paid = self._limit, apart
            return False
        self._limit, self._doubles_to = limit, 0
        self._resting, self._rest = self._rest, self._rest * 2
        return True

    def _rise(self, in_flight: int) -> None:
        if self._limit >= self.highest:
            return
        to = self._limit + max(1.0, self._limit / 8)
        if self._limit < self._doubles_to:
            to = max(to, min(self._limit * 2, self._doubles_to))
        if min(to, self.highest) <= MANY:
            self._to(to)
            return
        if self._resting:
            self._resting -= 1
            return
        if self._paid is None:
            self._paid = self._limit, self._apart
        self._stale = in_flight
        self._to(to)

    def _to(self, limit: float) -> None:
        lowest = min(self._limit, float(self.lowest))
        self._limit = min(float(self.highest), max(lowest, limit))
