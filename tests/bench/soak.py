"""Very many calls, jobs, sessions, event loops and interrupts, and what the process holds after each kind.

`sh run soak 0.01` does a hundredth of each. Memory, threads and descriptors are to be flat: a line says by how
much they grew between the first tenth of a kind, when pools and caches have filled, and its end.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.servers import GradioServer

from bench._clients import package, quiet

CALLS, JOBS, SESSIONS, LOOPS, INTERRUPTS = 100_000, 2_000, 1_000, 1_000, 200
NO_STATISTICS = {"GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000"}
"""After each call Gradio makes a table of all of them, with pandas; `tests/apps/_light.py` spares pytest that."""
AT_ONCE = 20  # calls of one round
PATIENCE = 0.05  # seconds until a call is interrupted, at most


def held() -> tuple[float, int, int]:
    """Megabytes, threads and descriptors of this process (on Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, threading.active_count(), descriptors


def soak(what: str, times: int, one: Callable[[int], object]) -> None:
    """Do it so often and print what is held more than after the first tenth."""
    start, first = time.monotonic(), max(1, times // 10)
    for number in range(first):
        one(number)
    before = held()
    for number in range(first, times):
        one(number)
    grown = [after - early for after, early in zip(held(), before, strict=True)]
    took = time.monotonic() - start
    print(
        f"{times:>7} {what:<28} {took:7.1f} s; grew by {grown[0]:+.1f} MB, "
        f"{grown[1]:+.0f} threads, {grown[2]:+.0f} descriptors",
        flush=True,
    )


def main(share: float = 1.0) -> None:
    """Run all kinds.

    Args:
        share: Of the full numbers.
    """
    quiet()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background of a shell ignores Ctrl-C

    def some(number: int) -> int:
        return max(10, int(number * share))

    with GradioServer("text", env=NO_STATISTICS) as server, package(server.url, "soak_text") as text:
        rounds = some(CALLS) // 2 // AT_ONCE
        with ThreadPoolExecutor(AT_ONCE) as threads:
            soak(f"rounds of {AT_ONCE} blocking calls", rounds, lambda n: _in_threads(text, threads))
        loop = asyncio.new_event_loop()
        soak(f"rounds of {AT_ONCE} asyncio calls", rounds, lambda n: loop.run_until_complete(_round(text)))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        soak(f"times {some(JOBS)} jobs at once", 3, lambda n: _jobs(text, some(JOBS)))
        soak("sessions", some(SESSIONS), lambda n: _session(text))
        soak("asyncio.run", some(LOOPS), lambda n: asyncio.run(_one(text)))
        soak("interrupted calls", some(INTERRUPTS), lambda n: _interrupted(text, n))
        assert text.echo("after") == "after"


def _in_threads(text: Any, threads: ThreadPoolExecutor) -> None:
    words = [str(number) for number in range(AT_ONCE)]
    assert list(threads.map(text.echo, words)) == words


async def _one(text: Any) -> None:
    assert await text.echo.aio("x") == "x"


async def _round(text: Any) -> None:
    await asyncio.gather(*(_one(text) for _ in range(AT_ONCE)))


def _jobs(text: Any, count: int) -> None:
    jobs = [text.echo.submit(str(number)) for number in range(count)]
    assert [job.result() for job in jobs] == [str(number) for number in range(count)]


def _session(text: Any) -> None:
    with text.space.session():
        text.echo("x")


def _interrupted(text: Any, number: int) -> None:
    """Ctrl-C at some moment of a call, each time a little later."""
    after = PATIENCE * (number % 100) / 100
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        while True:
            text.echo("x")
    except KeyboardInterrupt:
        timer.join()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
