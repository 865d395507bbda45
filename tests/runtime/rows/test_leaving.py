"""Runs that end in the middle: left by their caller, or by an error of the caller's own code."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from runtime.rows.conftest import Drain, in_a_loop
from spacegen_runtime import errors
from spacegen_runtime.shells import background
from text_app import echo


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def _idle() -> None:
    """Wait until no other task runs in this loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=30)


@pytest.mark.usefixtures("no_collector")
def test_a_loop_that_is_left_makes_no_more_calls_and_frees_the_checkpoint(fake: Any, tmp_path: Path) -> None:
    fake.on(echo).returns("first").then.pauses(60).returns("never")
    run = echo.rows(checkpoint=tmp_path / "done.jsonl", concurrency=1)
    for outcome in run.outcomes(map(str, range(1000))):
        assert outcome.value == "first"
        break
    del outcome
    assert [one.restored for one in run.outcomes(["0"])] == [True]
    background.start(_idle()).result(60)
    assert len(fake.calls(echo)) <= 2, "no more than the one in flight"


@pytest.mark.usefixtures("no_collector")
def test_a_loop_of_asyncio_that_is_left_does_the_same(fake: Any, tmp_path: Path) -> None:
    fake.on(echo).returns("first").then.pauses(60).returns("never")
    run = echo.rows(checkpoint=tmp_path / "done.jsonl", concurrency=1)

    async def leave() -> None:
        async for outcome in run.aoutcomes(map(str, range(1000))):
            assert outcome.value == "first"
            break
        assert [one.restored async for one in run.aoutcomes(["0"])] == [True]
        await _idle()

    asyncio.run(leave())
    assert len(fake.calls(echo)) <= 2


class Own(BaseException):
    """An error of the caller's."""


@pytest.mark.parametrize("raised", [ValueError, SystemExit, Own])
@pytest.mark.parametrize(
    "trouble", [errors.RateLimited("slow down", retry_after=0.0), errors.BadStatus("no", status=504)], ids=str
)
def test_an_error_of_on_wait_ends_the_run(
    drain: Drain, fake: Any, raised: type[BaseException], trouble: Exception
) -> None:
    def tell(words: str, seconds: float) -> None:
        raise raised("enough")

    fake.on(echo).raises(trouble)
    with pytest.raises(raised, match="enough"):
        drain(echo.rows(on_wait=tell), "outcomes", list("abcdef"))
    fake.on(echo).returns("fine")
    assert echo("x") == "fine", "and nothing else"


def test_an_input_that_is_cancelled_ends_the_run(fake: Any) -> None:
    async def rows() -> AsyncIterator[str]:
        yield "a"
        raise asyncio.CancelledError("the input was cancelled")

    seen: list[Any] = []

    async def collect() -> None:
        async for one in echo.rows().aoutcomes(rows()):
            seen.append(one.value)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(asyncio.wait_for(collect(), 30))
    assert seen == ["A"]
    assert in_a_loop(echo, "map", ["b"]) == ["B"]
