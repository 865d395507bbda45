"""Does what the core decides, in one event loop: starts calls, writes the journal, saves files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..protocol.hashes import Hashes
from .attempt import Attempt
from .core import Core
from .outcome import LocalFailure, Outcome, Row
from .target import Target
from .verdict import verdict

if TYPE_CHECKING:
    from .files import Keeper
    from .journal import Journal


class Engine:
    """The calls of one run. All but `core.ready` belongs to the event loop.

    Args:
        core: What decides.
        target: What is called.
        context: The caller's context, in which a session may be open.
        announce: Called when there is something new: outcomes, room for rows, the end.
        journal: Where outcomes are kept.
        keeper: Saves the files of results.
    """

    def __init__(
        self,
        core: Core,
        target: Target,
        context: Context,
        announce: Callable[[], None],
        journal: Journal | None,
        keeper: Keeper | None,
    ) -> None:
        self.core = core
        self._target = target
        self._context = context
        self._announce = announce
        self._journal = journal
        self._keeper = keeper
        self._hashes = Hashes()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake: asyncio.TimerHandle | None = None
        self._due: asyncio.TimerHandle | None = None
        self.over = core.over  # computed in the event loop, because another thread could see half of a change

    def feed(self, rows: Sequence[Row | Outcome[Any]], *, ended: bool) -> None:
        """Take rows from the input, and outcomes of rows that an earlier run has called."""
        for row in rows:
            if isinstance(row, Outcome):
                self.core.restore(row)
            elif (outcome := self.core.take(row)) is not None:
                self._settle(row, outcome)
        if ended:
            self.core.end()
        if self.core.due is not None and self._due is None:
            self._due = asyncio.get_running_loop().call_later(max(0.0, self.core.due - monotonic()), self._late)
        self._pump()

    def feed_for(self, fed: Future[None], rows: Sequence[Row | Outcome[Any]], ended: bool) -> None:
        """`feed` for another thread, which waits until it is done."""
        try:
            self.feed(rows, ended=ended)
        except BaseException as error:
            fed.set_exception(error)
        else:
            fed.set_result(None)

    def halt(self) -> None:
        """Start no more calls; those in flight end."""
        self.core.halt()
        self._pump()

    def cancel(self) -> None:
        """Cancel what is in flight, here and on the server."""
        self.core.halt()
        for task in self._tasks:
            task.cancel()
        self._pump()

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """The calls in flight."""
        return self._tasks

    def _pump(self) -> None:
        while (row := self.core.start(monotonic())) is not None:
            # In the caller's context, not in the context of the call that made room for this one.
            task = self._context.run(asyncio.get_running_loop().create_task, self._call(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._wake is not None:
            self._wake.cancel()
        at = self.core.wake(monotonic())
        if at is not None:
            self._wake = asyncio.get_running_loop().call_later(max(0.0, at - monotonic()), self._pump)
        self.over = self.core.over
        if self.over and self._due is not None:
            self._due.cancel()
        self._announce()

    def _late(self) -> None:
        self.core.late()
        self.cancel()

    async def _call(self, row: Row) -> None:
        attempt = Attempt()
        try:
            if self._journal is not None:
                self._journal.start(row)
            await attempt.run(self._target.start(row.call, self._hashes))
            files = {} if self._keeper is None else await self._keeper.keep(row, attempt.value)
        except (asyncio.CancelledError, LocalFailure) as failure:
            self.core.dropped(row)
            if isinstance(failure, LocalFailure):
                self.core.halt(failure.error)
                return
            raise
        except Exception as error:
            if verdict(error) == "wait" and not attempt.ended:
                self._unsent(row)
            outcome = self.core.failed(row, error, attempt.times, monotonic(), ran=attempt.ended)
            if outcome is not None:
                self._settle(row, outcome)
            del outcome  # the error refers to this frame
        else:
            self.core.finished(row, attempt.times, attempt.queued)
            self._settle(row, attempt.outcome(row, files))
        finally:
            self._pump()

    def _unsent(self, row: Row) -> None:
        if self._journal is not None:
            with self._noting():
                self._journal.unsent(row)

    def _settle(self, row: Row, outcome: Outcome[Any]) -> None:
        """Write an outcome to the journal before the caller sees it, unless there was nothing to call."""
        if self._journal is not None and row.problem is None:
            with self._noting():
                self._journal.keep(outcome, again=row.again)
        self.core.settle(outcome)

    @contextmanager
    def _noting(self) -> Generator[None, None, None]:
        """Stop the run where the journal cannot be written."""
        try:
            yield
        except OSError as error:
            self.core.halt(error)
