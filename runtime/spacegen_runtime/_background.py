"""One event loop in one thread, for jobs that nobody waits for and for limits of blocking calls."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
FAREWELL = 4.0  # seconds that the jobs in flight have at exit to be cancelled on their servers

_lock = threading.Lock()
_state: tuple[int, asyncio.AbstractEventLoop, threading.Thread] | None = None


def loop() -> asyncio.AbstractEventLoop:
    """The loop, started when first needed and once again after a fork."""
    global _state
    with _lock:
        if _state is None or _state[0] != os.getpid():
            fresh = asyncio.new_event_loop()
            thread = threading.Thread(target=_serve, args=(fresh,), name="spacegen-runtime", daemon=True)
            thread.start()
            _state = os.getpid(), fresh, thread
            atexit.register(_close, *_state)
        return _state[1]


def is_running(other: asyncio.AbstractEventLoop) -> bool:
    """Whether `other` is this loop."""
    return _state is not None and _state[1] is other


def start(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine there."""
    return asyncio.run_coroutine_threadsafe(work, loop())


def _serve(running: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(running)
    running.run_forever()
    running.close()


def _close(pid: int, running: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if pid != os.getpid():
        return
    asyncio.run_coroutine_threadsafe(_farewell(), running)
    thread.join(FAREWELL + 1)


async def _farewell() -> None:
    """Cancel what still runs, as `asyncio.run` does at its end, but not for ever."""
    running = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=FAREWELL)
    await running.shutdown_asyncgens()
    running.stop()
