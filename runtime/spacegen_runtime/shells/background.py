"""One event loop in one thread, for jobs that nobody waits for and for limits of blocking calls."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import suppress
from typing import Any, TypeVar

from .. import _fork
from ..errors import ConfigurationError

T = TypeVar("T")
FAREWELL = 4.0  # seconds that the jobs in flight have at exit to be cancelled on their servers

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_tasks: set[asyncio.Task[Any]] = set()


def loop() -> asyncio.AbstractEventLoop:
    """The loop, started when first needed and once again after a fork.

    It runs until the process is gone, for functions that `atexit` calls may call a Space, too.

    Raises:
        ConfigurationError: The process ends, and Python starts no threads any more.
    """
    global _loop
    with _lock:
        if _loop is None:
            fresh = asyncio.new_event_loop()
            thread = threading.Thread(target=_serve, args=(fresh,), name="spacegen-runtime", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                fresh.close()
                text = (
                    "the process is ending, so no job can start; make a blocking call without a time limit instead"
                )
                raise ConfigurationError(text) from error
            _loop = fresh
            atexit.register(_close, fresh)
        return _loop


def is_running(other: asyncio.AbstractEventLoop) -> bool:
    """Whether `other` is this loop."""
    return _loop is other


def start(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine there."""
    return asyncio.run_coroutine_threadsafe(work, loop())


def spawn(make: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Run what `make` makes, from any thread; nobody waits for it."""
    loop().call_soon_threadsafe(lambda: task(make()))


def task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task of this loop, from inside of it; it is cancelled at exit."""
    made = asyncio.get_running_loop().create_task(work)
    _tasks.add(made)
    made.add_done_callback(_tasks.discard)
    return made


def _serve(running: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(running)
    running.run_forever()


def _close(running: asyncio.AbstractEventLoop) -> None:
    if running is _loop:  # not in a forked child, which has another, or none
        with suppress(WaitTimeout):
            asyncio.run_coroutine_threadsafe(_farewell(), running).result(FAREWELL + 1)


async def _farewell() -> None:
    """Cancel what still runs, as `asyncio.run` does at its end, but not for ever.

    Only our own tasks are cancelled, and they cancel those that they started: a helper of anyio's that ends before
    it began says that a coroutine was never awaited.
    """
    running = list(_tasks)
    for one in running:
        one.cancel()
    if running:
        await asyncio.wait(running, timeout=FAREWELL)


def _forget() -> None:
    global _lock, _loop, _tasks
    _lock, _loop = threading.Lock(), None
    _tasks = set["asyncio.Task[Any]"]()


_fork.in_child(_forget)
