"""Doing what the fake server asks for: starting functions, and waiting for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from ._wire import AnyFuture, Body, Cut, Run, WaitForAny


def run_beside(function: Callable[[], Any]) -> AnyFuture:
    """Start a function in a thread of its own, which ends with it."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()  # a thread cannot be stopped
    context = copy_context()

    def work() -> None:
        try:
            result = context.run(function)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=work, name="spacegen-fake", daemon=True).start()
    return future


def gathered(body: Body, answer: Any) -> tuple[bytes, Run | WaitForAny | Cut | None]:
    """All bytes that a body has now, in one piece, and what it asks for then; None at its end."""
    pieces: list[bytes] = []
    try:
        while isinstance(item := body.send(answer), bytes):
            pieces.append(item)
            answer = None
    except StopIteration:
        return b"".join(pieces), None
    except Cut as cut:
        return b"".join(pieces), cut
    return b"".join(pieces), item


async def any_done(futures: tuple[AnyFuture, ...], seconds: float | None) -> bool:
    """Wait under asyncio until one of some futures of threads is done, and say whether one is.

    Cancelling this leaves them alone, as `asyncio.wrap_future` would not.
    """
    loop = asyncio.get_running_loop()
    woken = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    def called(_: AnyFuture) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(wake)

    for future in futures:
        future.add_done_callback(called)
    timer = None if seconds is None else loop.call_later(seconds, wake)
    try:
        await woken
    finally:
        if timer is not None:
            timer.cancel()
    return any(future.done() for future in futures)


def run_on_loop(work: Any) -> AnyFuture:
    """Start a coroutine on the loop that runs; as a future that threads know, too."""
    future: Future[Any] = Future()
    loop = asyncio.get_running_loop()

    def stop(future: AnyFuture) -> None:
        if future.cancelled():
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(task.cancel)

    def done(task: asyncio.Task[Any]) -> None:
        if task.cancelled() or future.cancelled():
            future.cancel()
        elif (error := task.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result())

    task = asyncio.ensure_future(work)
    _tasks.add(task)  # a loop alone does not keep a task alive
    task.add_done_callback(done)
    task.add_done_callback(_tasks.discard)
    future.add_done_callback(stop)
    return future


_tasks: set[asyncio.Future[Any]] = set()
