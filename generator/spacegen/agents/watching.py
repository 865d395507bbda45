"""What a client is told about a running call: its place in the queue, the app's progress and messages."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Coroutine
from typing import Any

from mcp import types

from spacegen.agents.catalogue import Tool
from spacegen.text import plain

_BEAT_SECONDS = 10.0
"""A client may give up a call after a minute of silence, so it hears at least this often that it continues."""
_LONGEST = 2000  # characters of a message of the app
_STEP = 1e-6  # progress must grow from one notification to the next
_LEVELS: tuple[types.LoggingLevel, ...] = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
_OF_LOG: dict[str, types.LoggingLevel] = {"warning": "warning", "error": "error"}


class Levels:
    """The lowest level of messages that each client wants."""

    def __init__(self) -> None:
        self._by_client: dict[str, types.LoggingLevel] = {}

    def set(self, client: str, level: types.LoggingLevel) -> None:
        """Record the level that a client wants."""
        self._by_client[client] = level

    def of(self, client: str) -> types.LoggingLevel:
        """Return the level that it wants; by default, all messages."""
        return self._by_client.get(client, "debug")


async def waited(session: Any, work: Coroutine[Any, Any, None], words: str) -> None:
    """Wait for the work before a job, and tell a client from time to time that the call continues."""
    going, progress = asyncio.ensure_future(work), 0.0
    try:
        while not going.done():
            await asyncio.wait({going}, timeout=_BEAT_SECONDS)
            if not going.done():
                progress += _STEP / 1000
                await session.report_progress(progress, None, words)
        await going
    finally:
        going.cancel()


async def follow(session: Any, job: Any, tool: Tool, level: types.LoggingLevel) -> None:
    """Report the progress of a job to a client until it ends."""
    told, logs, progress = "", 0, 0.0
    changes = job.changes()
    coming = asyncio.ensure_future(anext(changes))
    try:
        while True:
            await asyncio.wait({coming}, timeout=_BEAT_SECONDS)
            if coming.done():
                try:
                    coming.result()
                except StopAsyncIteration:
                    return
                coming = asyncio.ensure_future(anext(changes))
                quiet = False
            else:
                quiet = True
            for log in job.logs[logs:]:
                logs += 1
                await _say(session, log, tool, level)
            share, words = _state(job, tool)
            if quiet or words != told:
                told, progress = words, max(progress + _STEP, share or 0.0)
                await session.report_progress(progress, 1.0 if share is not None else None, words)
    finally:
        coming.cancel()


def _state(job: Any, tool: Tool) -> tuple[float | None, str]:
    """The progress as a number, if the app reports it, and as text."""
    status = job.status()
    if status.stage == "queued" and status.position is not None:
        eta = f", about {status.eta:.0f} s" if status.eta else ""
        return None, (f"queued behind {status.position} jobs" if status.position else "next in the queue") + eta
    shares = [one for one in map(_share, status.progress) if one is not None]
    words = ", ".join(filter(None, (_shown(unit.desc, tool, 200) for unit in status.progress)))
    steps = len(job.outputs())
    if shares:
        return min(shares), f"{words} {min(shares):.0%}".strip()
    return None, words or (f"{steps} steps so far" if steps else str(status.stage))


def _shown(text: Any, tool: Tool, most: int) -> str:
    """A text of a Space without markup and hidden characters."""
    return str(tool.tools.one_line(plain(text, most), most))


def _share(unit: Any) -> float | None:
    if unit.length and unit.index is not None:
        return float(unit.index) / float(unit.length)
    return None if unit.progress is None else float(unit.progress)


async def _say(session: Any, log: Any, tool: Tool, wanted: types.LoggingLevel) -> None:
    level = _OF_LOG.get(log.level, "info")
    if _LEVELS.index(level) < _LEVELS.index(wanted):
        return
    with warnings.catch_warnings():  # newer clients ask for messages in another way, which the SDK handles
        warnings.simplefilter("ignore")
        words = _shown(log.message, tool, _LONGEST)
        sending = session.send_log_message(level, words, logger=tool.name, related_request_id="this")
    await sending
