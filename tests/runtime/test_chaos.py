"""Many calls of all kinds at once over a link that breaks at random: each ends, and no job runs twice.

`SPACEGEN_TEST_CHAOS=200 pytest tests/runtime/test_chaos.py` makes a soak test of it.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest
from runtime.conftest import function, space_at
from spacegen_runtime import Endpoint, Space, SpaceError, Timeouts
from spacegen_runtime.shells import background as _background
from support import faults
from support.proxy import Proxy
from support.servers import Servers

ROUNDS = int(os.environ.get("SPACEGEN_TEST_CHAOS", "2"))
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
        fine = way not in WHOLE or "end" in _lines(mark)
    except SpaceError:
        fine = True
    took = time.monotonic() - start
    if not fine:
        return f"{way.__name__} of {name} gave a result, but the app did not run to its end"
    return f"{way.__name__} of {name} took {took:.1f} s" if took > LIMIT + CLEAN_UP else ""


def _lines(mark: Path) -> list[str]:
    return mark.read_text().splitlines() if mark.exists() else []


@pytest.mark.parametrize("seed", [1, 2])
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
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    with Proxy(server("streaming").url, pieces=dice.choice([0, 7, 100])) as proxy:
        space = space_at(proxy.url)
        assert asyncio.run(all_rounds(proxy, space)) == []
    assert not asyncio.all_tasks(_background.loop())
    assert [mark.name for mark in tmp_path.iterdir() if _lines(mark).count("start") > 1] == []
