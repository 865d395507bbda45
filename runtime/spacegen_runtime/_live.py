"""A job that shows itself in a notebook, and keeps that display up to date."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from contextvars import Context
from importlib import import_module
from time import monotonic
from typing import Any

from ._status import Log, ProgressUnit, Status

OFTEN = 0.2  # seconds between two looks
MOST_LOGS = 5


def drawn(endpoint: str, status: Status, logs: Sequence[Log]) -> str:
    """HTML that shows the state of a job. The app's own words appear as plain text."""
    lines = [f"<b>{html.escape(endpoint)}</b> {html.escape(str(status))}"]
    lines += [_bar(unit) for unit in status.progress]
    lines += [f"{html.escape(log.level)}: {html.escape(log.message[:500])}" for log in logs[-MOST_LOGS:]]
    return "<br>".join(lines)


def _bar(unit: ProgressUnit) -> str:
    share = unit.progress
    if share is None and unit.length and unit.index is not None:
        share = unit.index / unit.length
    value = "" if share is None else f' value="{min(1.0, max(0.0, share)):.3f}"'
    return f"<progress{value}></progress> {html.escape((unit.desc or '')[:200])}"


def displayed(draw: Callable[[], str]) -> Callable[[bool], None]:
    """Show HTML below the cell, and return a function that updates it, but not too often unless forced."""
    page: Any = import_module("IPython.display")
    handle: Any = page.display(page.HTML(draw()), display_id=True)
    last = monotonic()

    def again(must: bool) -> None:
        nonlocal last
        if handle is not None and (must or monotonic() - last >= OFTEN):
            last = monotonic()
            # Outside of the context of the cell that made the job, so that it counts as output of the cell that
            # runs now. nbclient and similar programs accept no other.
            Context().run(handle.update, page.HTML(draw()))

    return again
