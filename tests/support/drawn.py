"""How tests draw examples with Hypothesis, and strategies that they put together from what was drawn before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

DICE = os.environ.get("HYPOTHESIS_PROFILE") == "long"
"""Whether to throw dice for new examples, and to try many; else the same ones are tried in each run."""


def examples(usual: int) -> int:
    """How many examples to try."""
    return 20 * usual if DICE else usual


def one_of(options: Sequence[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """What one of several strategies draws, each of them a choice of its own.

    `st.one_of` counts strategies that are one object once, and whether two equal ones are one object depends on
    what Hypothesis still has in its cache. Made anew for each example, it would now and then be another strategy.
    """
    return st.integers(0, len(options) - 1).flatmap(options.__getitem__)
