"""One event loop in a thread of its own, for jobs in the background and for the time limits of blocking calls."""

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
FAREWELL = 4.0  # seconds at exit for cancelling the jobs in flight on their servers

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_tasks: set[asyncio.Task[Any]] = set()


def loop() -> asyncio.AbstractEventLoop:
    """The loop, started when first needed and once again after a fork.

    It runs until the process is gone, because functions called by `atexit` may call a Space, too.

    Raises:
        ConfigurationError: The process is ending, and Python starts no threads any more.
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
    """Run the coroutine that `make` returns, from any thread; nobody waits for it."""
    loop().call_soon_threadsafe(lambda: task(make()))


def task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task of this loop, from inside of it; it is cancelled at exit."""
    made = asyncio.get_running_loop().create_task(work)
    _tasks.add(made)
    made.add_done_callback(_tasks.discard)
    return made


def _serve(running: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(running)
    while True:
        try:
            return running.run_forever()
        except (SystemExit, KeyboardInterrupt):  # a callback's; its task has it, and the others go on
            pass


def _close(running: asyncio.AbstractEventLoop) -> None:
    if running is _loop:  # not in a forked child, which has another loop or none
        with suppress(WaitTimeout):
            asyncio.run_coroutine_threadsafe(_farewell(), running).result(FAREWELL + 1)


async def _farewell() -> None:
    """Cancel the tasks that still run, as `asyncio.run` does at its end, but with a time limit.

    Only our own tasks are cancelled, and they cancel those that they started: if a helper task of anyio were
    cancelled before it starts, Python would warn of a coroutine that was never awaited.
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
