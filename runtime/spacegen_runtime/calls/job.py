"""Jobs: calls that run in the background."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .. import _fork
from .._caller import for_caller, raises_at_caller
from .._status import Status
from ..errors import CallCancelled, CallTimeout, ConfigurationError, SpaceError, Unsupported
from ..protocol.actions import Log, ProgressUnit
from ..protocol.cancelling import CANCELS
from ..shells.background import loop, task
from ..shells.loops import running_loop
from .record import Gate, Record, work

if TYPE_CHECKING:
    from ..protocol.start import Start

R = TypeVar("R")


class _JobBase(Generic[R]):
    """The parts that both kinds of job share."""

    def __init__(self, start: Start) -> None:
        self._server = start.server
        self._endpoint = start.endpoint
        self._record = Record()
        self._born = _fork.generation()

    def _ipython_display_(self) -> None:
        """Show the state of the job below the cell of a notebook, as long as it runs."""
        from .._live import displayed, drawn

        draw = lambda: drawn(self._endpoint, self._record.status, self._record.logs.all())  # noqa: E731
        self._record.shown = displayed(draw)
        self._record.shown(True)

    def __reduce__(self) -> Any:
        raise TypeError(f"{self!r} stays in the process that started it; pass on its result")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._endpoint} {self._record.status.stage}>"

    def status(self) -> Status:
        """The state of the job."""
        return self._record.status

    @property
    def progress(self) -> tuple[ProgressUnit, ...]:
        """The bars of `gr.Progress` as they are now."""
        return self._record.status.progress

    @property
    def logs(self) -> tuple[Log, ...]:
        """What the app has said so far through gr.Info, gr.Warning and gr.Success; the last 10,000 messages."""
        return tuple(self._record.logs.all())

    def outputs(self) -> list[R]:
        """The steps that have come so far, at most 10,000 of them; the last of a finished job is its result."""
        return self._record.outputs.all()

    def _cancelled(self) -> CallCancelled:
        return CallCancelled("the job was cancelled", **self._about())

    def _late(self, timeout: float | None) -> CallTimeout:
        return CallTimeout(f"no result within {timeout} s; the job continues", limit="result", **self._about())

    def _about(self) -> dict[str, Any]:
        return {"endpoint": self._endpoint, "event_id": self._record.event_id, "url": self._server.base}

    def _check_cancel(self) -> None:
        if self._server.protocol not in CANCELS:
            text = "Gradio before 4.44 cannot cancel a job; let it finish, or limit calls with Timeouts"
            raise Unsupported(text, **self._about())


class Job(_JobBase[R]):
    """A call in the background, run by one event loop that all jobs share."""

    def __init__(self, start: Start, gate: Gate = None) -> None:
        super().__init__(start)
        if start.server.sync_client is not None or start.server.async_client is not None:
            raise ConfigurationError("jobs open their own connections; use client_options instead of http_client")
        self._future: Future[R] = Future()
        self._task: asyncio.Task[R] | None = None
        self._news = threading.Condition()
        self._record.changed = self._announce
        self._loop = loop()
        self._loop.call_soon_threadsafe(self._begin, start, gate)

    def _begin(self, start: Start, gate: Gate) -> None:
        self._task = task(work(start, self._record, gate))
        self._task.add_done_callback(self._end)

    def _end(self, ended: asyncio.Task[R]) -> None:
        if ended.cancelled():
            self._record.end(asyncio.CancelledError())
            self._future.set_exception(self._cancelled())
        elif error := ended.exception():
            self._future.set_exception(error)
        else:
            self._future.set_result(ended.result())
        self._announce()

    def _announce(self) -> None:
        with self._news:
            self._news.notify_all()

    def result(self, timeout: float | None = None) -> R:
        """Wait for the result.

        Args:
            timeout: Seconds to wait; the job continues after that time.

        Raises:
            CallTimeout: The result is not there yet.
            CallCancelled: The job was cancelled.
            SpaceError: The call failed.
        """
        error: BaseException | None = None
        try:
            error = self.exception(timeout)
            if isinstance(error, SpaceError):
                raise error
            return self._future.result()
        except SpaceError as raised:
            raise for_caller(raised)  # noqa: B904 # the same error
        finally:
            # The error refers to this frame: without this, both would stay until the garbage collector runs.
            del self, error

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the end, as `result` does; the error, or None if all went well."""
        _fork.check(self._born, "this job")
        try:
            return self._future.exception(timeout)
        except WaitTimeout:
            raise self._late(timeout) from None

    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    @raises_at_caller
    def cancel(self) -> bool:
        """Cancel the job here and on the server.

        False if it has ended already. `result` raises once it has stopped.

        Raises:
            Unsupported: The Space's Gradio is older than 4.44.
        """
        self._check_cancel()
        return self.abandon()

    def abandon(self) -> bool:
        """Cancel as far as the server's version can.

        Before 4.44, functions that do not stream run to their end there.
        """
        if self._future.done() or self._born != _fork.generation():
            return False
        self._loop.call_soon_threadsafe(lambda: self._task and self._task.cancel())
        return True

    def add_done_callback(self, callback: Callable[[Job[R]], object]) -> None:
        """Call a function with this job when it has ended.

        It runs in the thread of all jobs, so it must not block.
        """
        # In a turn of the loop for itself: `sys.exit` in one keeps none from the others.
        self._future.add_done_callback(lambda _: loop().call_soon_threadsafe(callback, self))

    def __iter__(self) -> Iterator[R]:
        """The steps, as they come; if the call failed, its error is raised after the last one.

        A job keeps its last 10,000 steps: a loop that falls further behind misses those before.
        """
        seen = 0
        _fork.check(self._born, "this job")
        while True:
            with self._news:
                while self._record.outputs.count <= seen and not self._future.done():
                    self._news.wait()
            step = self._record.outputs.since(seen)
            if step is None:
                try:
                    self._future.result()
                except SpaceError as error:
                    raise for_caller(error)  # noqa: B904 # the same error
                return
            seen = step[0] + 1
            yield step[1]


class AsyncJob(_JobBase[R]):
    """A call that runs in the caller's event loop; `await job` gives its result."""

    def __init__(self, start: Start, gate: Gate = None) -> None:
        super().__init__(start)
        running = running_loop()
        self._task: asyncio.Task[R] = running.create_task(work(start, self._record, gate))
        self._news = asyncio.Event()
        self._record.changed = self._news.set
        self._task.add_done_callback(self._end)
        _running.add(self._task)
        self._task.add_done_callback(_running.discard)

    def _end(self, ended: asyncio.Task[R]) -> None:
        if ended.cancelled():  # perhaps before it began
            self._record.end(asyncio.CancelledError())
        self._news.set()

    def __await__(self) -> Generator[Any, None, R]:
        return self.result().__await__()

    async def result(self, timeout: float | None = None) -> R:
        """Wait for the result; cancelling the waiting task leaves the job alone. Raises as `Job.result` does."""
        done, _ = await asyncio.wait({self._task}, timeout=timeout)
        if not done:
            raise self._late(timeout)
        if self._task.cancelled():
            raise self._cancelled()
        try:
            return self._task.result()
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error

    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._task.done()

    @raises_at_caller
    def cancel(self) -> bool:
        """Cancel the job here and on the server. Raises and answers as `Job.cancel` does."""
        self._check_cancel()
        return self._task.cancel()

    def abandon(self) -> bool:
        """Cancel as far as the server's version can.

        Before 4.44, functions that do not stream run to their end there.
        """
        return self._task.cancel()

    def add_done_callback(self, callback: Callable[[AsyncJob[R]], object]) -> None:
        """Call a function with this job when it has ended."""
        self._task.add_done_callback(lambda _: callback(self))

    async def __aiter__(self) -> AsyncIterator[R]:
        """The steps, as they come, and the error of a call that failed after them; as `Job` gives them."""
        seen = 0
        while True:
            step = self._record.outputs.since(seen)
            if step is not None:
                seen = step[0] + 1
                yield step[1]
            elif self._task.done():
                await self.result()
                return
            else:
                self._news.clear()
                await self._news.wait()

    async def changes(self) -> AsyncIterator[Status]:
        """The state of the job, now and after each change; ends with the job, and never raises its error."""
        seen: tuple[Status, int, int] | None = None
        while True:
            now = (self._record.status, self._record.logs.count, self._record.outputs.count)
            if now != seen:
                seen = now
                yield now[0]
            elif self._task.done():
                return
            else:
                self._news.clear()
                await self._news.wait()


_running: set[asyncio.Task[Any]] = set()  # an event loop itself holds its tasks weakly
