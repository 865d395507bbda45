"""The table of a journal's outcomes, beside a dict."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from spacegen_runtime.rows.offsets import Offsets

KEYS = st.integers(0, 40).map(lambda number: f"{number * 1024 + 1:016x}{0:016x}")


@given(st.lists(st.tuples(st.booleans(), KEYS), max_size=300))
def test_it_hands_out_each_position_once(steps: list[tuple[bool, str]]) -> None:
    table, beside = Offsets(), defaultdict[str, list[int]](list)
    for place, (adds, key) in enumerate(steps):
        if adds:
            table.add(key, place)
            beside[key].append(place)
        else:
            assert (key in table) == (key in beside)
            assert table.take(key) == (beside[key].pop(0) if beside.get(key) else None)


def test_it_grows() -> None:
    table = Offsets()
    keys = [f"{number + 1:016x}{0:016x}" for number in range(5000)]
    for place, key in enumerate(keys):
        table.add(key, place)
    assert [table.take(key) for key in keys] == list(range(5000))
    assert table.take(keys[0]) is None
