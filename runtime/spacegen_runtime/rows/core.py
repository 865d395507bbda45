"""One run over many rows: when each row is called, which outcome is given next, when the run stops.

Pure: no I/O, no clock.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from ..errors import CallTimeout, CannotConnect, SpaceError, TooManyFailures
from ..protocol.timing import Times
from .options import Settings
from .outcome import Outcome, Progress, Row, placed
from .pace import MANY, Pace
from .verdict import asked, is_down, verdict

AHEAD = 2  # rows that wait for their call, for each call that may be in flight
EARLY = 16  # finished rows, for each such call, that may wait for a slow row; with 4, a row that takes ten times
# as long stops most of a hundred workers (tests/bench/plan.py)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds; doubles while the Space takes no calls


class Core:
    """The state of a run. Times are seconds of one clock that only goes forward.

    Args:
        settings: What was asked for.
        began: When the run began.
    """

    def __init__(self, settings: Settings, began: float) -> None:
        self.settings = settings
        self.pace = Pace(settings.lowest, settings.highest)
        self.due = None if settings.deadline is None else began + settings.deadline
        self.ready: deque[Outcome[Any]] = deque()  # outcomes for the caller; another thread may take from it
        self.stopped: BaseException | None = None
        self.told: Callable[[str, float], object] = settings.on_wait or (lambda words, seconds: None)
        self._waiting: deque[Row] = deque()
        self._running: dict[int, Row] = {}
        self._early: dict[int, Outcome[Any]] = {}  # outcomes that wait for rows before them
        self._next = 0
        self._taken = self._handed = self._done = self._failed = self._restored = self._interrupted = 0
        self._failed_now = 0  # in this run
        self._ended = self._halted = False
        self._paused_until = began
        self._trouble_since: float | None = None
        self._troubles = 0
        self._waited: Counter[str] = Counter()

    @property
    def window(self) -> int:
        """The highest number of rows that were taken from the input and not given to the caller yet."""
        return EARLY * self._places

    @property
    def ahead(self) -> int:
        """The highest number of rows that wait for their call."""
        return AHEAD * self._places

    @property
    def _places(self) -> int:
        return min(self.settings.highest, max(MANY, self.pace.limit))

    @property
    def room(self) -> int:
        """Rows that may be taken from the input now."""
        if self._ended or self._halted:
            return 0
        return min(self.window - (self._taken - self._handed), self.ahead - len(self._waiting))

    @property
    def over(self) -> bool:
        """Whether the run is over, except for outcomes that are ready for the caller."""
        nothing_left = self._ended and not self._waiting
        return not self._running and (nothing_left or self._halted)

    @property
    def running(self) -> int:
        """Calls in flight."""
        return len(self._running)

    def progress(self) -> Progress:
        """How it is doing."""
        return Progress(
            taken=self._taken,
            done=self._done,
            failed=self._failed,
            restored=self._restored,
            interrupted=self._interrupted,
            running=len(self._running),
            pace=self.pace.limit,
            waited=dict(self._waited),
        )

    def take(self, row: Row) -> Outcome[Any] | None:
        """Take a row from the input; if it cannot be called, return its outcome, which still has to be settled."""
        self._taken += 1
        self._interrupted += row.unfinished > 0
        if row.problem is not None:
            return _lost(row, row.problem, Times())
        self._waiting.append(row)
        return None

    def restore(self, outcome: Outcome[Any]) -> None:
        """Take a row whose outcome is known from an earlier run."""
        self._taken += 1
        self._restored += 1
        self.settle(outcome)

    def end(self) -> None:
        """There are no more rows."""
        self._ended = True

    def halt(self, error: BaseException | None = None) -> None:
        """Start no more calls. Those in flight run to their end; after their outcomes, `error` is raised."""
        self._halted = True
        self.stopped = self.stopped or error

    def start(self, now: float) -> Row | None:
        """The next row to call, if one may be called now; it counts as in flight from here on."""
        if self._halted or not self._waiting or len(self._running) >= self.pace.limit or now < self._paused_until:
            return None
        row = self._waiting.popleft()
        row.tries += 1
        self._running[row.number] = row
        return row

    def wake(self, now: float) -> float | None:
        """When `start` may return a row although nothing else happens; None for never."""
        if self._halted or not self._waiting or now >= self._paused_until:
            return None
        return self._paused_until

    def finished(self, row: Row, times: Times, queued: float | None) -> None:
        """A call returned its result, which still has to be settled."""
        self._trouble_since, self._troubles = None, 0
        self.pace.finished(queued=queued, ran=times.ran, total=times.total, in_flight=len(self._running))

    def failed(
        self, row: Row, error: Exception, times: Times, now: float, *, ran: bool = False
    ) -> Outcome[Any] | None:
        """A call failed, or a file of its result, if it `ran`.

        Return its outcome, which still has to be settled, or None if the row is called again.
        """
        what = verdict(error)
        if what == "stop":
            self.halt(placed(error, row))
            self.dropped(row)
            return None
        if what == "wait" and not ran:
            row.tries -= 1
            self._back(row)
            self._pause(error, row, now)
            return None
        if what == "wait" or is_down(error):
            self._pause(error, row, now)
        if what in ("again", "wait") and row.tries < self.settings.attempts:
            self._back(row)
            return None
        return _lost(row, error, times)

    def dropped(self, row: Row) -> None:
        """A call was cancelled by this program; its row has no outcome."""
        self._running.pop(row.number, None)

    def late(self) -> CallTimeout:
        """The deadline has passed: start nothing more. Returns the error to raise."""
        text = (
            f"the deadline of {self.settings.deadline:g} s passed with {self._done} rows done"
            f" and {len(self._running)} in flight, which were cancelled"
        )
        error = CallTimeout(text, limit="deadline")
        self.halt(error)
        return error

    def hand_over(self) -> Outcome[Any] | None:
        """The next outcome for the caller, if one is ready."""
        if not self.ready:
            return None
        self._handed += 1
        return self.ready.popleft()

    def _back(self, row: Row) -> None:
        """Put a row back to its place: rows are called in order as far as possible."""
        del self._running[row.number]
        self._waiting.appendleft(row)

    def settle(self, outcome: Outcome[Any]) -> None:
        """Record an outcome, and give it to the caller when it is its turn."""
        self._running.pop(outcome.number, None)
        self._done += 1
        if outcome.error is not None:
            self._failed += 1
            if not outcome.restored:
                self._count_failure(outcome, outcome.error)
        if not self.settings.ordered:
            self.ready.append(outcome)
            return
        self._early[outcome.number] = outcome
        while self._next in self._early:
            self.ready.append(self._early.pop(self._next))
            self._next += 1

    def _count_failure(self, outcome: Outcome[Any], error: Exception) -> None:
        """Stop after too many failures in this run.

        Failures of earlier runs do not count; with them a run could never continue.
        """
        self._failed_now += 1
        most = self.settings.max_failures
        if most is None or self._failed_now <= most or self._halted:
            return
        text = f"{self._failed_now} rows failed, {most} may; the last one: {error}"
        too_many = TooManyFailures(text, failures=self._failed_now, row=outcome.number)
        too_many.__cause__ = error
        self.halt(too_many)

    def release(self) -> None:
        """The run is over: give the caller the outcomes that exist, although rows before them have none."""
        for number in sorted(self._early):
            self.ready.append(self._early.pop(number))

    def _pause(self, error: Exception, row: Row, now: float) -> None:
        """The Space takes no calls now: make fewer calls, and wait."""
        if now < self._paused_until:  # several calls in flight report the same problem
            self._paused_until = max(self._paused_until, now + (asked(error) or 0.0))
            return
        if self._trouble_since is None:
            self._trouble_since = now
        if isinstance(error, CannotConnect) and not self._troubles:  # a connection that was closed in the meantime
            self._troubles = 1
            return
        self.pace.refused()
        pause = asked(error)
        if pause is None:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._troubles, 10)) * random.uniform(0.75, 1.25)  # noqa: S311
        self._troubles += 1
        if now + pause - self._trouble_since > self.settings.patience:
            self.halt(self._impatient(error, row, now))
            return
        self._paused_until = now + pause
        self._waited[type(error).__name__] += round(pause, 3)  # type: ignore[assignment]
        try:
            self.told(str(error), pause)
        except BaseException as raised:  # whatever it is, in the event loop's thread it would end something else
            self.halt(raised)

    def _impatient(self, error: Exception, row: Row, now: float) -> Exception:
        waited = now - (self._trouble_since or now)
        if isinstance(error, SpaceError):
            text = f"{error.args[0]}; the run stops here: its patience is {self.settings.patience:g} s"
            error.args = (f"{text}, and it has waited {waited:.0f} s",)
        return placed(error, row)


def _lost(row: Row, error: Exception, times: Times) -> Outcome[Any]:
    return Outcome(
        number=row.number,
        row=row.value,
        error=placed(error, row),
        tries=row.tries,
        times=times,
        key=row.key,
        interrupted=row.unfinished > 0,
    )
