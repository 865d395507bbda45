"""Shows the progress of a run and, at its end, what failed and why."""

from __future__ import annotations

import re
import time
from typing import Any

from spacegen.screen.terminal import note, visible, warn
from spacegen.text import printable, shorten

_KINDS = 10  # kinds of failures that are listed
_ROWS = 5  # rows that are named for each kind
_LINE = 15.0  # seconds between lines without a terminal
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")


class Failures:
    """Counts failures; those that differ only in values are one kind."""

    def __init__(self) -> None:
        self.count = 0
        self._kinds: dict[str, tuple[str, list[int], int]] = {}

    def add(self, number: int, error: Exception) -> str:
        """Count one, and return the text for its row."""
        said = printable(str(error.args[0]) if error.args else str(error))
        text = f"{type(error).__name__}: {said}"
        key = _VALUES.sub("*", text)
        first, rows, count = self._kinds.get(key, (text, [], 0))
        self._kinds[key] = first, rows if len(rows) >= _ROWS else [*rows, number], count + 1
        self.count += 1
        return text

    def tell(self) -> None:
        """Print what failed and why, the most frequent kind first."""
        kinds = sorted(self._kinds.values(), key=lambda one: -one[2])
        for text, rows, count in kinds[:_KINDS]:
            named = ", ".join(map(str, rows)) + (", ..." if count > len(rows) else "")
            warn(f"{count:>6} failed: {shorten(text, 200)} (row {named})", colour="red")
        if len(kinds) > _KINDS:
            warn(f" and {len(kinds) - _KINDS} other kinds of failure")


class Progress:
    """Shows the progress of a run: a changing line on a terminal, else a line from time to time.

    Args:
        total: Rows in all.
        live: Whether standard error is a terminal.
    """

    def __init__(self, total: int, *, live: bool) -> None:
        self._total = total
        self._since = self._told = time.monotonic()
        self._called = 0
        self._live: Any = None
        if live:
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True, highlight=False)
            self._live = Live(console=console, refresh_per_second=4, transient=True)
            self._live.start()

    def update(self, progress: Any) -> None:
        """Show it."""
        now = time.monotonic()
        if self._live is None:
            if now - self._told >= _LINE:
                self._told = now
                note(self._words(progress, now))
        elif now - self._told >= 0.2:
            self._told = now
            self._live.update(self._bar(progress, now))

    def note(self, text: str) -> None:
        """Say something once."""
        if self._live is None:
            note(text)
        else:
            self._live.console.print(f"spacegen: {visible(text)}", markup=False)

    def close(self) -> None:
        """Leave the screen."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _bar(self, progress: Any, now: float) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1))
        words = Text(self._words(progress, now))
        grid.add_row(ProgressBar(total=self._total, completed=progress.done, width=30), words)
        return grid

    def _words(self, progress: Any, now: float) -> str:
        called = progress.done - progress.restored
        rate = called / max(now - self._since, 0.001)
        parts = [f"{progress.done}/{self._total}", f"{rate:.1f}/s"]
        if rate > 0:
            parts.append(f"{_duration((self._total - progress.done) / rate)} left")
        if progress.failed:
            parts.append(f"{progress.failed} failed")
        parts.append(f"{progress.running} in flight, pace {progress.pace}")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
