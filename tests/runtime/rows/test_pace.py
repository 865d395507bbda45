"""The pace that a run finds, beside the best fixed number of calls in flight; in simulated time."""

from __future__ import annotations

import pytest
from spacegen_runtime.rows.pace import Pace
from support.simulated import SimulatedSpace, run

SPACES = {
    "one worker": (SimulatedSpace(1), 400, (1, 2, 4), 0.97),
    "four workers": (SimulatedSpace(4), 400, (4, 8, 16), 0.95),
    "twenty workers": (SimulatedSpace(20), 400, (16, 32, 64), 0.85),
    "a hundred workers": (SimulatedSpace(100), 4000, (110,), 0.85),
    "eight replicas": (SimulatedSpace(4, replicas=8, seconds=2), 800, (40, 64, 128), 0.75),
    "short calls": (SimulatedSpace(4, seconds=0.02, travel=0.02), 400, (4, 8, 16), 0.93),
    "one call in a hundred takes ten times as long": (SimulatedSpace(20, slow=10), 2000, (24, 32, 64), 0.9),
    "four processors that all calls share": (SimulatedSpace(10**6, cores=4), 800, (4, 8, 32, 128), 0.93),
    "this process is the bottleneck": (SimulatedSpace(10**6, seconds=0.01, handled=0.005), 800, (32, 128), 0.94),
    "a queue of one": (SimulatedSpace(2, queue=1), 400, (2, 3, 4), 0.9),
    "ten calls a second": (SimulatedSpace(50, per_second=10), 400, (4, 8, 12), 0.9),
    "a restart every minute": (SimulatedSpace(20, up=60, down=5), 1000, (20, 32), 0.95),
}


@pytest.mark.parametrize("name", SPACES)
def test_the_pace_is_nearly_that_of_the_best_fixed_number(name: str) -> None:
    """Where it falls short, it is for the first rows, while it looks for the pace."""
    space, rows, numbers, share = SPACES[name]
    best = min(run(space, rows, number).seconds for number in numbers)
    found = run(space, rows)
    assert found.done == rows, "no row is lost to a limit"
    assert best / found.seconds >= share


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_no_more_calls_wait_than_run(workers: int) -> None:
    found = run(SimulatedSpace(workers), 400)
    assert workers < found.pace <= 2 * workers + 3


@pytest.mark.parametrize(
    "space", [SimulatedSpace(10**6, cores=4), SimulatedSpace(10**6, seconds=0.001, travel=0.004, handled=0.005)]
)
def test_calls_that_only_slow_each_other_stay_few(space: SimulatedSpace) -> None:
    """No queue tells of them: a processor that they share, at the Space or here."""
    assert run(space, 3000).pace < 45


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
