"""Runs of both shells behind one function, over a fake Space."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import text_app
from spacegen_runtime.testing import fake_space
from text_app import echo, order

Drain = Callable[..., list[Any]]


def blocking(run: Any, way: str, *values: Any, stop_after: int | None = None, **constants: Any) -> list[Any]:
    seen: list[Any] = []
    iterator = getattr(run, way)(*values, **constants)
    for one in iterator:
        seen.append(one)
        if len(seen) == stop_after:
            iterator.close()
            break
    return seen


def in_a_loop(run: Any, way: str, *values: Any, stop_after: int | None = None, **constants: Any) -> list[Any]:
    async def collect() -> list[Any]:
        seen = []
        iterator = getattr(run, f"a{way}")(*values, **constants)
        async for one in iterator:
            seen.append(one)
            if len(seen) == stop_after:
                await iterator.aclose()
                break
        return seen

    return asyncio.run(collect())


@pytest.fixture(params=[blocking, in_a_loop], ids=["sync", "async"])
def drain(request: pytest.FixtureRequest) -> Drain:
    shell: Drain = request.param
    return shell


@pytest.fixture
def fake() -> Iterator[Any]:
    with fake_space(text_app) as one:
        one.on(echo).does(lambda text: text.upper())
        one.on(order).does(lambda size, count=1, extras=(): f"{count} {size}")
        yield one
