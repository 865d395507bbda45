"""Many calls of one endpoint, some at a time, results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterable
from typing import TYPE_CHECKING, Any

from .._job import AsyncJob, Job

if TYPE_CHECKING:
    from ..protocol.start import Start

AHEAD = 4  # prepare so many times more calls than run at once, so that a slow first one delays none


def mapped(calls: Iterable[Start], concurrency: int) -> Generator[Any, None, None]:
    """Results in the order of the calls, at most `concurrency` of which run at once."""
    gate = asyncio.Semaphore(concurrency)
    jobs: deque[Job[Any]] = deque()
    try:
        for call in calls:
            jobs.append(Job(call, gate))
            if len(jobs) >= AHEAD * concurrency:
                yield _first(jobs)
        while jobs:
            yield _first(jobs)
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
                yield await _afirst(jobs)
        while jobs:
            yield await _afirst(jobs)
    finally:
        for job in jobs:
            job.abandon()


def _first(jobs: deque[Job[Any]]) -> Any:
    try:
        return jobs[0].result()
    finally:  # not before: who waits for it may be interrupted, and it runs on then
        if jobs[0].done():
            jobs.popleft()


async def _afirst(jobs: deque[AsyncJob[Any]]) -> Any:
    try:
        return await jobs[0]
    finally:
        if jobs[0].done():
            jobs.popleft()
