"""Waiting in line: whoever leaves, and however, the next ones come in, in the order in which they came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from spacegen_runtime.protocol.line import Line, Place

MOVES = st.lists(st.tuples(st.sampled_from(["enter", "leave"]), st.integers(0, 9)), max_size=60)


@given(MOVES, st.integers(1, 3))
def test_as_many_as_fit_are_in_and_nobody_overtakes(moves: list[tuple[str, int]], most: int) -> None:
    line, places = Line(most), [Place() for _ in range(10)]
    here: list[Place] = []  # in the order of their arrival
    for move, number in moves:
        place = places[number]
        if move == "enter" and place not in here and not place.done():
            line.enter(place)
            here.append(place)
        elif move == "leave":
            line.leave(place)
            if place in here:
                here.remove(place)
        assert [place.done() for place in here] == [at < most for at in range(len(here))]
        assert line.is_empty() == (not here)


def test_very_many_may_give_up_waiting() -> None:
    line, first, last = Line(1), Place(), Place()
    line.enter(first)
    crowd = [Place() for _ in range(10_000)]
    for place in [*crowd, last]:
        line.enter(place)
    for place in reversed(crowd):
        line.leave(place)
    assert not last.done()

    line.leave(first)

    assert last.done()
