"""Many calls of all kinds at once over a link that breaks at random: each ends, and no job runs twice.

`SPACEGEN_TEST_CHAOS=200 pytest tests/runtime/test_chaos.py` makes a soak test of it, and tries every fault at
every boundary between two messages in every way of calling, of which a run without it takes some by lot.
`SPACEGEN_TEST_SEEDS=3,4` throws other dice than `1,2`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import re
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime.conftest import function, space_at
from spacegen_runtime import Endpoint, Space, SpaceError, Timeouts
from spacegen_runtime.shells import background as _background
from support import faults
from support.proxy import Proxy
from support.servers import Servers
from support.waiting import lines_of, until

ROUNDS = int(os.environ.get("SPACEGEN_TEST_CHAOS", "2"))
SEEDS = [int(seed) for seed in os.environ.get("SPACEGEN_TEST_SEEDS", "1,2").split(",")]
CALLS = 16  # in a round, all at once
LIMIT = 2.0  # seconds for a call
CLEAN_UP = 10.0  # seconds more until it must have come back, the cancel on the server included
ROUTES = [r"POST .*/call/", r"GET .*/queue/data", r"POST .*/cancel", ""]
STATUSES = [200, 307, 401, 403, 404, 429, 500, 502, 503, 504]
BODIES = [b"", b"{}", b"null", b"<html>"]


def any_fault(dice: random.Random) -> faults.Fault:
    """One of all the things that a link or a proxy on the way can do."""
    where: dict[str, Any] = {
        "on": dice.choice(ROUTES),
        "nth": dice.randint(1, 6),
        "times": dice.choice([1, 1, 1, 2, 3]),
    }
    after = dice.choice([0, 1, 50, 200, 400, 1000])
    makers: list[Callable[[], faults.Fault]] = [
        lambda: faults.reset_before(**where),
        lambda: faults.reset_after(**where),
        lambda: faults.reset_during(after, **where),
        lambda: faults.truncate(after, **where),
        lambda: faults.stall(after, **where),
        lambda: faults.trickle(after, **where),
        lambda: faults.answer(dice.choice(STATUSES), {"retry-after": "0"}, dice.choice(BODIES), **where),
    ]
    return dice.choice(makers)()


async def to_the_end(target: Endpoint[..., Any], values: Any, dice: random.Random) -> None:
    await target.aio(*values)


async def in_a_thread(target: Endpoint[..., Any], values: Any, dice: random.Random) -> None:
    await asyncio.to_thread(target, *values)


async def as_a_job(target: Endpoint[..., Any], values: Any, dice: random.Random) -> None:
    await asyncio.to_thread(target.submit(*values).result)


async def left_early(target: Endpoint[..., Any], values: Any, dice: random.Random) -> None:
    async with aclosing(target.astream(*values)) as steps:
        async for _ in steps:
            break


async def cancelled_as_task(target: Endpoint[..., Any], values: Any, dice: random.Random) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(target.aio(*values), dice.random() * 0.3)


async def cancelled_as_job(target: Endpoint[..., Any], values: Any, dice: random.Random) -> None:
    job = target.submit(*values)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.to_thread(job.result, LIMIT + CLEAN_UP), dice.random() * 0.3)
    job.cancel()
    await asyncio.to_thread(job.exception, LIMIT + CLEAN_UP)


WHOLE: list[Callable[..., Awaitable[None]]] = [to_the_end, in_a_thread, as_a_job]
WAYS = [*WHOLE, left_early, cancelled_as_task, cancelled_as_job]


async def one_call(space: Space, mark: Path, dice: random.Random) -> str:
    """Make one call in one way; what was wrong with it, or nothing."""
    name, seconds = dice.choice(["/sleep", "/sleep_async", "/slow_async"]), dice.choice([0, 0.01, 0.1, 0.5])
    values = (seconds, str(mark)) if "sleep" in name else (dice.choice([1, 3, 10]), seconds / 3, str(mark))
    limits = Timeouts(total=LIMIT, idle=dice.choice([None, 1.0]))
    target = function(space, name, Any).with_options(timeout=limits, retries=dice.choice([0, 1, 2]))
    way, start = dice.choice(WAYS), time.monotonic()
    try:
        await way(target, values, dice)
        fine = way not in WHOLE or "end" in lines_of(mark)
    except SpaceError:
        fine = True
    took = time.monotonic() - start
    if not fine:
        return f"{way.__name__} of {name} gave a result, but the app did not run to its end"
    return f"{way.__name__} of {name} took {took:.1f} s" if took > LIMIT + CLEAN_UP else ""


async def _until_alone() -> None:
    """Until the loop has no other task: what closes the streams of httpx takes some turns of it."""
    deadline = time.monotonic() + 30
    while asyncio.all_tasks() != {asyncio.current_task()}:
        assert time.monotonic() < deadline, asyncio.all_tasks()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_breaks_every_call_ends_and_none_runs_twice(server: Servers, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)

    async def all_rounds(proxy: Proxy, space: Space) -> list[str]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2 * CALLS))
        found: list[str] = []
        for number in range(ROUNDS):
            proxy.clear()
            proxy.add(*(any_fault(dice) for _ in range(dice.randint(1, 6))))
            calls = (one_call(space, tmp_path / f"{number}-{call}", dice) for call in range(CALLS))
            found += filter(None, await asyncio.gather(*calls))
        await _until_alone()
        return found

    with Proxy(server("streaming").url, pieces=dice.choice([0, 7, 100])) as proxy:
        space = space_at(proxy.url)
        assert asyncio.run(all_rounds(proxy, space)) == []
    assert not asyncio.all_tasks(_background.loop())
    assert [mark.name for mark in tmp_path.iterdir() if lines_of(mark).count("start") > 1] == []


FAULTS: dict[str, Callable[..., faults.Fault]] = {
    "reset": faults.reset_during,
    "truncate": faults.truncate,
    "stall": faults.stall,
    "trickle": faults.trickle,
    "restart": faults.reset_during,
}
PATHS = {"join": r"POST .*/call/", "stream": r"GET .*/queue/data"}
KINDS = ["blocking", "asyncio", "job", "session", "parallel"]


def every_case(boundaries: int) -> list[tuple[str, str, int]]:
    """Way of calling, fault, and the boundary between two messages (or the request) at which it happens."""
    cuts = [(kind, at) for kind in FAULTS for at in range(-1, boundaries)]
    refused = [(status, at) for status in ("429", "502", "503", "lost", "refused") for at in (-2, -1)]
    cases = [(way, kind, at) for way in KINDS for kind, at in [*cuts, *refused]]
    return cases if ROUNDS > 2 else random.Random(5).sample(cases, 16)


def faults_at(kind: str, at: int, ends: list[int]) -> list[faults.Fault]:
    """What breaks; -2 is the join, -1 the request for the stream, and others count messages of the stream."""
    where: dict[str, Any] = {"on": PATHS["join" if at == -2 else "stream"], "times": 9}
    if kind in FAULTS:
        away = [faults.reset_before(nth=3, times=2)] if kind == "restart" else []  # after the join and the stream
        return [FAULTS[kind](0 if at < 0 else ends[at], **where), *away]
    if kind == "lost":
        return [faults.reset_after(**where)]
    if kind == "refused":
        return [faults.reset_before(**where)]
    return [faults.answer(int(kind), {"retry-after": "0"}, **where)]


def called(space: Space, way: str, mark: Path, limit: float | None = None) -> Any:
    """One call in one of the ways."""
    slow = function(space, "/slow_async", int).with_options(timeout=Timeouts(total=limit), retries=1)
    values = (3, 0.01, str(mark))
    if way == "asyncio":
        return asyncio.run(slow.aio(*values))
    if way == "job":
        return slow.submit(*values).result()
    if way == "blocking":
        return slow(*values)
    with space.session(parallel=way == "parallel"):
        return slow(*values)


def test_each_fault_at_each_boundary_gives_a_result_or_one_error(server: Servers, tmp_path: Path) -> None:
    app = server("streaming")
    ends = message_ends(app.url)
    with Proxy(app.url) as proxy:
        space = space_at(proxy.url)
        called(space, "blocking", tmp_path / "warm")
        called(space, "job", tmp_path / "warm")
        before, others = _held(), asyncio.all_tasks(_background.loop())
        for number, (way, kind, at) in enumerate(every_case(len(ends))):
            mark, start = tmp_path / str(number), time.monotonic()
            proxy.clear()
            proxy.add(*faults_at(kind, at, ends))
            with suppress(SpaceError):  # whatever else comes fails the test
                assert called(space, way, mark, LIMIT) == 2
            took = time.monotonic() - start
            assert took < LIMIT + CLEAN_UP, (way, kind, at)
            assert lines_of(mark).count("start") <= 1, (way, kind, at)
            until(partial(_is_over, mark, app.url))
        proxy.clear()
        called(space, "blocking", tmp_path / "after")
        until(lambda: asyncio.all_tasks(_background.loop()) <= others)
        gc.collect()
        until(lambda: _held()[0] <= before[0] and _held()[1] <= before[1] + 2)  # idle connections


def message_ends(url: str) -> list[int]:
    """Where the messages of a stream of three steps end, counted in bytes of its body."""
    body = {"data": [3, 0.01, ""], "session_hash": "ends"}
    httpx.post(f"{url}/gradio_api/call/slow_async", json=body, trust_env=False)
    answer = httpx.get(f"{url}/gradio_api/queue/data?session_hash=ends", timeout=30, trust_env=False)
    return [found.end() for found in re.finditer(rb"\n\n", answer.content)]


def _held() -> tuple[int, int]:
    """Threads and descriptors of this process."""
    descriptors = Path("/proc/self/fd")
    return threading.active_count(), len(list(descriptors.iterdir())) if descriptors.is_dir() else 0


def _is_over(mark: Path, url: str) -> bool:
    """Whether the job, if it began, has ended on the server."""
    lines = lines_of(mark)
    if "start" not in lines or "end" in lines or "stopped" in lines:
        return True
    # Gradio drops the iterator of a job whose client has left; its garbage collector, which closes that iterator,
    # only runs while the server works.
    httpx.get(f"{url}/config", timeout=30, trust_env=False)
    return False
