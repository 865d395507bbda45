"""The same work on many items at once, with a limit on items in progress or not yet taken."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(items: Sequence[T], work: Callable[[T], R], jobs: int) -> Iterator[tuple[int, R]]:
    """Yield each item's position and result, in the order in which they are ready.

    Args:
        items: What to work on.
        work: Called in threads; what it raises is raised here.
        jobs: How many items are in progress, or done and not yet taken, at the same time.

    Leaving the loop early, Ctrl-C included, does not wait: no new item is started, and work in progress ends with
    the process.
    """
    places = iter(range(len(items)))
    free = threading.Semaphore(jobs)
    done: queue.SimpleQueue[tuple[int, Future[R]]] = queue.SimpleQueue()
    left = threading.Event()
    guard = threading.Lock()

    def run() -> None:
        while True:
            free.acquire()
            with guard:
                place = None if left.is_set() else next(places, None)
            if place is None:
                return
            made: Future[R] = Future()
            try:
                made.set_result(work(items[place]))
            except BaseException as error:  # raised again below, in the caller's thread
                made.set_exception(error)
            done.put((place, made))

    for _ in range(min(jobs, len(items))):
        threading.Thread(target=run, name="spacegen-parallel", daemon=True).start()
    try:
        for _ in items:
            place, made = done.get()
            yield place, made.result()
            free.release()
    finally:
        left.set()
        free.release(jobs)


def in_order(results: Iterator[tuple[int, R]]) -> Iterator[R]:
    """Yield results in the order of their items, each as soon as the ones before it are ready."""
    waiting: dict[int, R] = {}
    place = 0
    for at, result in results:
        waiting[at] = result
        while place in waiting:
            yield waiting.pop(place)
            place += 1


JOBS = 8
"""Spaces that are read at the same time; each takes two connections at most."""
