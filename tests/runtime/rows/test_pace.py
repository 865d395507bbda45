"""The pace that a run finds, beside the best fixed number of calls in flight; in simulated time."""

from __future__ import annotations

import pytest
from spacegen_runtime.rows.pace import Pace
from support.simulated import SimulatedSpace, run

ROWS = 400
SPACES = {
    "one worker": (SimulatedSpace(1), (1, 2, 4), 0.97),
    "four workers": (SimulatedSpace(4), (4, 8, 16), 0.97),
    "twenty workers": (SimulatedSpace(20), (16, 32, 64), 0.85),
    "short calls": (SimulatedSpace(4, seconds=0.02, travel=0.02), (4, 8, 16), 0.95),
    "a queue of one": (SimulatedSpace(2, queue=1), (2, 3, 4), 0.9),
    "ten calls a second": (SimulatedSpace(50, per_second=10), (4, 8, 12), 0.9),
}


@pytest.mark.parametrize("name", SPACES)
def test_the_pace_is_nearly_that_of_the_best_fixed_number(name: str) -> None:
    """Where it falls short, it is for the first rows, while it looks for the pace."""
    space, numbers, share = SPACES[name]
    best = min(run(space, ROWS, number).seconds for number in numbers)
    found = run(space, ROWS, (1, 64))
    assert found.done == ROWS, "no row is lost to a limit"
    assert best / found.seconds >= share


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_no_more_calls_wait_than_run(workers: int) -> None:
    found = run(SimulatedSpace(workers), ROWS, (1, 64))
    assert workers < found.pace <= 2 * workers + 3


def test_the_bounds_hold_and_a_refusal_goes_below_them_for_a_time() -> None:
    pace = Pace(4, 8)
    for _ in range(100):
        pace.finished(queued=0.0, ran=1.0, total=1.0, in_flight=pace.limit)
    assert pace.limit == 8
    for _ in range(100):
        pace.finished(queued=100.0, ran=1.0, total=101.0, in_flight=pace.limit)
    assert pace.limit == 4
    pace.refused()
    pace.refused()
    assert pace.limit == 1
    for _ in range(20):
        pace.finished(queued=1.0, ran=1.0, total=2.0, in_flight=pace.limit)
    assert pace.limit >= 4
