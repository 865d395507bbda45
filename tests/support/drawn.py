"""Strategies of Hypothesis that tests put together from what was drawn before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st


def one_of(options: Sequence[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """What one of several strategies draws, each of them a choice of its own.

    `st.one_of` counts strategies that are one object once, and whether two equal ones are one object depends on
    what Hypothesis still has in its cache. Made anew for each example, it would now and then be another strategy.
    """
    return st.integers(0, len(options) - 1).flatmap(options.__getitem__)
