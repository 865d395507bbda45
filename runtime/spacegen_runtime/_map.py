"""Many calls of one endpoint, some at a time, results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterable
from typing import Any

from ._call import Start
from ._job import AsyncJob, Job

AHEAD = 4  # prepare so many times more calls than run at once, so that a slow first one delays none


def mapped(calls: Iterable[Start], concurrency: int) -> Generator[Any, None, None]:
    """Results in the order of the calls, at most `concurrency` of which run at once."""
    gate = asyncio.Semaphore(concurrency)
    jobs: deque[Job[Any]] = deque()
    try:
        for call in calls:
            jobs.append(Job(call, gate))
            if len(jobs) >= AHEAD * concurrency:
                yield jobs.popleft().result()
        while jobs:
            yield jobs.popleft().result()
    finally:
        for job in jobs:
            job.abandon()


async def amapped(calls: Iterable[Start], concurrency: int) -> AsyncGenerator[Any, None]:
    """`mapped` for asyncio."""
    gate = asyncio.Semaphore(concurrency)
    jobs: deque[AsyncJob[Any]] = deque()
    try:
        for call in calls:
            jobs.append(AsyncJob(call, gate))
            if len(jobs) >= AHEAD * concurrency:
                yield await jobs.popleft()
        while jobs:
            yield await jobs.popleft()
    finally:
        for job in jobs:
            job.abandon()
