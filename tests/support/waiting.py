"""Waiting for what another process or thread does, and tells nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typing_extensions import TypeVar

T = TypeVar("T")
LONGEST = 30.0  # seconds


def until(look: Callable[[], T], fine: Callable[[T], Any] = bool) -> T:
    """What is seen, as soon as it is fine; a failed test if that takes longer than any machine needs."""
    limit = time.monotonic() + LONGEST
    while not fine(seen := look()):
        assert time.monotonic() < limit, seen
        time.sleep(0.01)
    return seen


def lines_of(mark: Path) -> list[str]:
    """What an app has noted in a file so far, whole lines only."""
    return mark.read_text().split("\n")[:-1] if mark.exists() else []


def noted(line: str, mark: Path) -> list[str]:
    """The lines of a file as soon as `line` is one of them."""
    return until(lambda: lines_of(mark), lambda lines: line in lines)
