"""call_tool and acall_tool: an endpoint called with the arguments that a model wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from ..errors import SpaceError
from ._arguments import WrongArguments, read
from ._files import Files
from ._known import Known, known
from ._results import ToolResult, failure, success
from ._text import TextRules

if TYPE_CHECKING:
    from .._endpoint import Endpoint
    from ..calls.job import AsyncJob

Watch = Callable[["AsyncJob[Any]"], Awaitable[None]]
_LAST_WORDS = 2.0  # seconds for what is told of a job that has ended


def call_tool(
    endpoint: Endpoint[..., Any],
    arguments: str | Mapping[str, Any],
    *,
    files: Files | None = None,
    rules: TextRules | None = None,
) -> ToolResult:
    """Call an endpoint with what a model wrote. What goes wrong is in the result, as text for the model.

    Args:
        endpoint: A function of a package, with its options.
        arguments: A JSON object as text, or the object.
        files: Which files the model may name; by default http(s) URLs of public addresses, and no file of this
            machine. Hand the same one to all calls of a conversation.
        rules: What the Space's text has to keep to.

    Raises:
        ConfigurationError: The package has no spacegen.json, or this is no endpoint.
        TypeError: The arguments are neither text nor a mapping.
    """
    about, files, rules = known(endpoint), files or Files(), rules or TextRules()
    try:
        values, opened = _read(about, arguments, files)
        with opened:
            result = endpoint(**values)
    except (WrongArguments, SpaceError) as error:
        return failure(error, _space(about), rules)
    return success(about, _space(about), result, files, rules)


async def acall_tool(
    endpoint: Endpoint[..., Any],
    arguments: str | Mapping[str, Any],
    *,
    files: Files | None = None,
    rules: TextRules | None = None,
    before: Callable[[], Awaitable[None]] | None = None,
    watch: Watch | None = None,
) -> ToolResult:
    """`call_tool` for asyncio. Cancelling the task cancels the job on the server.

    Args:
        endpoint: As for `call_tool`.
        arguments: As for `call_tool`.
        files: As for `call_tool`.
        rules: As for `call_tool`.
        before: Runs before the call, once its arguments are found to fit; a SpaceError that it raises is the
            result, and nothing is sent.
        watch: Runs beside the call, with its job: for progress and messages. It should end with the job, and
            is cancelled two seconds later.

    Raises:
        ConfigurationError: As for `call_tool`.
        TypeError: As for `call_tool`.
    """
    about, files, rules = known(endpoint), files or Files(), rules or TextRules()
    try:
        values, opened = await _read_aside(about, arguments, files)
        with opened:
            if before is not None:
                await before()
            result = await (endpoint.aio(**values) if watch is None else _watched(endpoint, values, watch))
    except (WrongArguments, SpaceError) as error:
        return failure(error, _space(about), rules)
    return success(about, _space(about), result, files, rules)


def _read(about: Known, arguments: str | Mapping[str, Any], files: Files) -> tuple[dict[str, Any], ExitStack]:
    """The values of a call, and what closes their files."""
    with ExitStack() as opened:
        values = read(about, arguments, lambda named: files.open(named, opened))
        return values, opened.pop_all()
    raise AssertionError("an ExitStack without callbacks of its own lets no error pass")


async def _read_aside(
    about: Known, arguments: str | Mapping[str, Any], files: Files
) -> tuple[dict[str, Any], ExitStack]:
    """The same in a thread where there can be files, for fetching one takes its time."""
    if not about.plan.files:
        return _read(about, arguments, files)
    reading = asyncio.get_running_loop().run_in_executor(None, _read, about, arguments, files)
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        reading.add_done_callback(_close)
        raise


def _close(reading: asyncio.Future[tuple[dict[str, Any], ExitStack]]) -> None:
    if not reading.cancelled() and reading.exception() is None:
        reading.result()[1].close()


async def _watched(endpoint: Endpoint[..., Any], values: dict[str, Any], watch: Watch) -> Any:
    job = await endpoint.asubmit(**values)
    watching = asyncio.ensure_future(watch(job))
    watching.add_done_callback(lambda task: task.cancelled() or task.exception())  # one that left is fine
    try:
        return await job.result()
    finally:
        if job.done():  # what the app said last is still to be told
            await asyncio.wait({watching}, timeout=_LAST_WORDS)
        else:
            job.abandon()
        watching.cancel()


def _space(about: Known) -> str:
    return about.title or about.function
