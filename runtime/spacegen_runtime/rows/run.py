"""The two shells of a run: rows in from the caller's side, outcomes out on the caller's side."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Generic, TypeVar

from .. import _fork
from .._caller import raises_at_caller
from ..shells import background
from ..shells.loops import running_loop
from .core import Core
from .engine import Engine
from .news import News
from .outcome import Outcome, Progress, Row
from .reader import Reader

R = TypeVar("R")
MOMENT = 0.05  # seconds that outcomes may wait while rows are taken from the input
FAREWELL = 5.0  # seconds that cancelled calls may take to tell the server


class _Outcomes(Generic[R]):
    """The parts that both shells share."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._core = Core(reader.settings, monotonic())
        self._engine: Engine | None = None
        self._input_error: BaseException | None = None
        self._closed = False
        self._born = _fork.generation()

    def progress(self) -> Progress:
        """The progress of the run now."""
        return self._core.progress()

    def _make(self, announce: Any) -> Engine:
        journal, keeper = self._reader.open()
        return Engine(self._core, self._reader.target, contextvars.copy_context(), announce, journal, keeper)

    def _pulled_from(self, rows: Iterator[Any], room: int) -> tuple[list[Row | Outcome[Any]], bool]:
        """Up to so many rows of the input (fewer if it is slow), and whether it has ended."""
        pulled: list[Row | Outcome[Any]] = []
        until = monotonic() + MOMENT
        try:
            while len(pulled) < room and (not pulled or monotonic() < until):
                pulled.append(self._reader.row(next(rows)))
        except StopIteration:
            return pulled, True
        except Exception as error:  # an error of the input itself; the rows before it still get their outcomes
            self._input_error = error
            return pulled, True
        return pulled, False

    def _is_left(self) -> bool:
        """Whether nobody holds the run any more, which goes on; then no row is started, and the files are free."""
        left = not self._closed and self._born == _fork.generation()
        self._closed = True
        if left:
            self._core.halt()
            self._reader.close()
        return left

    def _end(self) -> None:
        """Raise the error that ended the run early, after the last outcome."""
        error = self._core.stopped or self._input_error
        self._core.stopped = self._input_error = None
        try:
            if error is not None:
                raise error
        finally:
            del error, self  # the error refers to this frame; without this, both wait for the garbage collector


class Outcomes(_Outcomes[R]):
    """The outcomes of many rows, one by one; leaving it early (`close`) cancels what is in flight.

    It is an iterator: `for outcome in outcomes`. As a context manager it closes itself.
    """

    def __init__(self, reader: Reader, rows: Iterable[Any]) -> None:
        super().__init__(reader)
        self._rows = iter(rows)
        self._news = News()  # the engine holds this, and not the run, which would never end unheld then
        self._ended = False

    def __iter__(self) -> Iterator[Outcome[R]]:
        return self

    @raises_at_caller
    def __next__(self) -> Outcome[R]:
        _fork.check(self._born, "this run")
        if self._closed:
            raise StopIteration
        try:
            outcome = self._next()
        except BaseException:
            self.close()
            raise
        if outcome is None:
            self.close()
            self._end()
            raise StopIteration
        return outcome

    def _next(self) -> Outcome[R] | None:
        engine = self._opened()
        while True:
            self._fill(engine)
            over = engine.over  # ask this first: when the run is over, all outcomes are in `ready`
            outcome = self._core.hand_over()
            if outcome is not None:
                return outcome
            if over:
                self._core.release()
                return self._core.hand_over()
            self._news.wait()

    def _opened(self) -> Engine:
        if self._engine is None:
            self._reader.target.check_clients()
            self._engine = self._make(self._news.announce)
        return self._engine

    def _fill(self, engine: Engine) -> None:
        """Take rows from the input, in this thread, while there is room for them."""
        room = self._core.room
        if self._ended or room <= 0 or (room * 2 < self._core.ahead and self._core.ready):
            return
        rows, self._ended = self._pulled_from(self._rows, room)
        if rows or self._ended:
            fed = Future[None]()
            background.loop().call_soon_threadsafe(engine.feed_for, fed, rows, self._ended)
            fed.result()

    def stop(self) -> None:
        """Start no more calls; those in flight end, and their outcomes come. From any thread."""
        self._core.halt()
        if self._engine is not None:
            background.loop().call_soon_threadsafe(self._engine.halt)

    def close(self) -> None:
        """Cancel what is in flight, here and on the server."""
        if self._closed:
            return
        self._closed = True
        if self._engine is not None and self._born == _fork.generation():
            with suppress(WaitTimeout):
                background.start(_wound_up(self._engine)).result(FAREWELL + 1)
        self._reader.close()

    def __enter__(self) -> Outcomes[R]:
        """Open the files that the run writes to, so that a wrong checkpoint is refused here."""
        self._opened()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self._is_left() and self._engine is not None:
            background.spawn(partial(_wound_up, self._engine))


class AsyncOutcomes(_Outcomes[R]):
    """`Outcomes` for asyncio: `async for outcome in outcomes`, `async with`, `aclose`."""

    def __init__(self, reader: Reader, rows: Any) -> None:
        super().__init__(reader)
        self._sync = None if hasattr(rows, "__aiter__") else iter(rows)
        self._async: AsyncIterator[Any] | None = aiter(rows) if self._sync is None else None
        self._pull: asyncio.Task[None] | None = None
        self._ended = False
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __aiter__(self) -> AsyncIterator[Outcome[R]]:
        return self

    @raises_at_caller
    async def __anext__(self) -> Outcome[R]:
        if self._closed:
            raise StopAsyncIteration
        try:
            outcome = await self._next()
        except BaseException:
            await self.aclose()
            raise
        if outcome is None:
            await self.aclose()
            self._end()
            raise StopAsyncIteration
        return outcome

    async def _next(self) -> Outcome[R] | None:
        engine = self._opened()
        while True:
            self._fill(engine)
            over = engine.over  # ask this first: when the run is over, all outcomes are in `ready`
            outcome = self._core.hand_over()
            if outcome is not None:
                return outcome
            if over:
                self._core.release()
                return self._core.hand_over()
            await self._news.wait()
            self._news.clear()

    def _opened(self) -> Engine:
        if self._engine is None:
            running_loop()
            self._loop = asyncio.get_running_loop()
            self._engine = self._make(self._news.set)
        return self._engine

    def _fill(self, engine: Engine) -> None:
        room = self._core.room
        if self._ended or room <= 0:
            return
        if self._async is not None:
            if self._pull is None or self._pull.done():
                self._pull = asyncio.get_running_loop().create_task(self._pulled(engine, self._async))
            return
        if room * 2 < self._core.ahead and self._core.ready:
            return
        rows, self._ended = self._pulled_from(self._sync or iter(()), room)
        engine.feed(rows, ended=self._ended)

    async def _pulled(self, engine: Engine, rows: AsyncIterator[Any]) -> None:
        """Take rows as they come from an asynchronous input, while calls are in flight."""
        try:
            while self._core.room > 0:
                engine.feed([self._reader.row(await anext(rows))], ended=False)
        except StopAsyncIteration:
            self._ended = True
        except (Exception, asyncio.CancelledError) as error:
            if self._closed:
                raise
            self._input_error, self._ended = error, True
        if self._ended:
            engine.feed([], ended=True)

    def stop(self) -> None:
        """Start no more calls; those in flight end, and their outcomes come."""
        self._core.halt()
        if self._engine is not None:
            self._engine.halt()

    async def aclose(self) -> None:
        """Cancel what is in flight, here and on the server."""
        if self._closed:
            return
        self._closed = True
        if self._pull is not None:
            self._pull.cancel()
            await asyncio.wait({self._pull})
        if self._engine is not None:
            await _wound_up(self._engine)
        self._reader.close()

    async def __aenter__(self) -> AsyncOutcomes[R]:
        """Open the files that the run writes to, so that a wrong checkpoint is refused here."""
        self._opened()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if self._is_left() and self._engine is not None and self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and the calls with it
                self._loop.call_soon_threadsafe(self._engine.cancel)


async def _wound_up(engine: Engine) -> None:
    engine.cancel()
    tasks = set(engine.tasks)
    if tasks:
        await asyncio.wait(tasks, timeout=FAREWELL)
