"""What a run decides: order, window, retries, limits; pure, so with a clock of our own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen_runtime import errors
from spacegen_runtime.protocol.timing import Times
from spacegen_runtime.rows.core import Core
from spacegen_runtime.rows.options import Settings
from spacegen_runtime.rows.outcome import Outcome, Row
from support.drawn import examples


def core(**options: Any) -> Core:
    return Core(Settings.of(options), 0.0)


def fill(run: Core, rows: int = 10**6, begin: int = 0) -> int:
    """Take rows while there is room; how many."""
    taken = 0
    while run.room > 0 and begin + taken < rows:
        assert run.take(Row(begin + taken, begin + taken, call=object())) is None
        taken += 1
    return taken


def succeed(run: Core, row: Row) -> None:
    run.finished(row, Times(0.0, 1.0, 1.0), 0.0)
    run.settle(Outcome(number=row.number, row=row.value, value=row.value, tries=row.tries))


def fail(run: Core, row: Row, error: Exception, now: float = 0.0) -> Outcome[Any] | None:
    outcome = run.failed(row, error, Times(), now)
    if outcome is not None:
        run.settle(outcome)
    return outcome


def started(run: Core, now: float = 0.0) -> list[Row]:
    rows = []
    while (row := run.start(now)) is not None:
        rows.append(row)
    return rows


@settings(max_examples=examples(40))
@given(st.data(), st.integers(1, 5), st.integers(0, 25), st.booleans())
def test_every_row_has_one_outcome_whatever_happens_to_calls(
    data: st.DataObject, concurrency: int, rows: int, ordered: bool
) -> None:
    run = core(concurrency=concurrency, attempts=2, ordered=ordered, patience=1e9)
    handed: list[int] = []
    begin, now = 0, 0.0
    flying: list[Row] = []
    while True:
        begin += fill(run, rows, begin)
        if begin == rows:
            run.end()
        flying += started(run, now)
        assert len(flying) <= concurrency
        while (outcome := run.hand_over()) is not None:
            handed.append(outcome.number)
        if run.over:
            break
        if not flying:
            wake = run.wake(now)
            assert wake is None or wake > now, "nothing flies, and nothing would wake it"
            now = wake if wake is not None else now
            continue
        row = flying.pop(data.draw(st.integers(0, len(flying) - 1)))
        what = data.draw(st.sampled_from(["ok", "app", "full", "lost", "unsent"]))
        if what == "ok":
            succeed(run, row)
        else:
            fail(run, row, ERRORS[what](), now)
        now += data.draw(st.sampled_from([0.0, 0.1, 40.0]))
    assert Counter(handed) == Counter(range(rows))
    assert not ordered or handed == sorted(handed)


ERRORS: dict[str, Any] = {
    "app": lambda: errors.AppError("no"),
    "full": lambda: errors.QueueFull("full"),
    "lost": lambda: errors.ConnectionLost("gone"),
    "unsent": lambda: errors.CannotConnect("nobody"),
}


def test_a_slow_first_row_holds_back_a_window_and_no_more() -> None:
    run = core(concurrency=3)
    begin = fill(run)
    first, *others = started(run)
    while others:
        for row in others:
            succeed(run, row)
        begin += fill(run, begin=begin)
        others = started(run)
    assert begin == run.window == 48
    assert run.hand_over() is None
    succeed(run, first)
    assert [run.hand_over().number for _ in range(begin)] == list(range(begin))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("error", "attempts", "again"),
    [
        (errors.QueueFull("x"), 1, True),
        (errors.RateLimited("x", retry_after=3.0), 1, True),
        (errors.QuotaExceeded("x", retry_after=3.0), 1, True),
        (errors.CannotConnect("x"), 1, True),
        (errors.ConnectionLost("x", may_have_run=False), 1, True),
        (errors.ConnectionLost("x"), 1, False),
        (errors.ConnectionLost("x"), 2, True),
        (errors.AppError("x"), 1, False),
        (errors.AppError("x"), 2, True),
        (errors.CallTimeout("x", limit="total"), 1, False),
        (errors.CallTimeout("x", limit="connect"), 1, True),
        (errors.InputRefused("x"), 9, False),
        (ValueError("x"), 9, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_row_runs_twice_only_where_that_does_no_harm(error: Exception, attempts: int, again: bool) -> None:
    run = core(concurrency=1, attempts=attempts)
    fill(run, 1)
    (row,) = started(run)
    outcome = fail(run, row, error)
    assert (outcome is None) is again
    if again:
        assert [one.number for one in started(run, 1000.0)] == [0]
    elif isinstance(error, errors.SpaceError):
        assert error.row == 0
        assert "row 0" in str(error)


def test_an_error_that_every_row_would_get_ends_the_run() -> None:
    run = core(concurrency=2)
    fill(run)
    first, second = started(run)
    assert fail(run, first, errors.LoginRequired("who are you?")) is None
    assert run.start(0.0) is None
    assert not run.over, "the other call still runs"
    succeed(run, second)
    assert run.over
    assert isinstance(run.stopped, errors.LoginRequired)


def test_the_run_waits_as_long_as_the_server_says_and_tells() -> None:
    told: list[float] = []
    run = core(concurrency=4, on_wait=lambda words, seconds: told.append(seconds))
    fill(run)
    rows = started(run)
    fail(run, rows[0], errors.RateLimited("slow down", retry_after=30.0), 100.0)
    assert told == [30.0]
    assert run.start(129.0) is None
    assert run.wake(100.0) == 130.0
    for row in rows[1:]:
        fail(run, row, errors.AppError("no"))
    assert len(started(run, 131.0)) == 2, "half as many as before"
    assert run.progress().waited == {"RateLimited": 30.0}


def test_patience_ends_the_run_with_the_spaces_own_error() -> None:
    run = core(concurrency=1, patience=60)
    fill(run)
    (row,) = started(run)
    fail(run, row, errors.QuotaExceeded("used up", retry_after=3600.0), 5.0)
    assert isinstance(run.stopped, errors.QuotaExceeded)
    assert "its patience is 60 s" in str(run.stopped)
    assert run.over


def test_too_many_failures_end_the_run() -> None:
    run = core(concurrency=1, max_failures=1)
    fill(run)
    for number in range(2):
        (row,) = started(run)
        fail(run, row, errors.AppError(f"no {number}"))
    assert isinstance(run.stopped, errors.TooManyFailures)
    assert run.stopped.failures == 2
    assert "no 1" in str(run.stopped)
    assert run.start(0.0) is None


def test_the_deadline_says_what_is_done() -> None:
    run = core(concurrency=2, deadline=5)
    fill(run)
    first, second = started(run)
    succeed(run, first)
    late = run.late()
    assert run.stopped is late
    assert "1 rows done and 1 in flight" in str(late)
    run.dropped(second)
    assert run.over


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": 0},
        {"concurrency": (3, 2)},
        {"concurrency": True},
        {"attempts": 0},
        {"max_failures": -1},
        {"deadline": -1},
        {"patience": "long"},
        {"ordered": 1},
        {"checkpoint": 3},
        {"on_wait": 3},
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(errors.ConfigurationError, match=next(iter(options))):
        Settings.of(options)
    with pytest.raises(TypeError, match="did you mean 'checkpoint'"):
        Settings.of({"chekpoint": "x"})
