"""One attempt to call a row, and what it showed about the Space."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ..protocol.actions import Finished
from ..protocol.start import Start
from ..protocol.timing import Stopwatch
from ..shells.aio import events
from .outcome import Outcome, Row


class Attempt(Stopwatch):
    """Runs a call and records when it waited in the queue and when it ran.

    Attributes:
        value: The result, once it is there.
        ended: Whether the call has returned: whatever fails later, the row has run.
    """

    def __init__(self) -> None:
        super().__init__()
        self.value: Any = None
        self.ended = False

    async def run(self, start: Start) -> None:
        """Run the call to its result."""
        try:
            async with aclosing(events(start.server, start.flow)) as happening:
                async for event in happening:
                    self.note(event)
                    if isinstance(event, Finished):
                        self.value, self.ended = event.value, True
        finally:
            self.stop()

    def outcome(self, row: Row, files: Mapping[str, Path]) -> Outcome[Any]:
        """The outcome of the row, with this result."""
        return Outcome(
            number=row.number,
            row=row.value,
            value=self.value,
            raw=self.raw,
            tries=row.tries,
            times=self.times,
            key=row.key,
            files=files,
            interrupted=row.unfinished > 0,
        )
