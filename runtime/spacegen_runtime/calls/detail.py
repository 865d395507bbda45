"""Detail: a result, with everything that is known about its call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .._json import copied
from ..protocol.actions import Event, Finished, Log
from ..protocol.timing import Stopwatch, Times

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail(Generic[R]):
    """A result, with everything that is known about its call.

    Attributes:
        value: The result.
        raw: The outputs as the server sent them, without hidden ones.
        event_id: The server's id of the job; None if the endpoint does not use the queue.
        times: Seconds in the queue, in the app's function, and in all.
        logs: What the app said through gr.Info, gr.Warning and gr.Success.
    """

    value: R
    raw: list[Any]
    event_id: str | None
    times: Times
    logs: tuple[Log, ...]

    def __repr__(self) -> str:
        from ..values.notebook import short_fields

        told = {"value": self.value, "event_id": self.event_id, "times": self.times, "logs": self.logs}
        return short_fields("Detail", told)


class _Taker:
    """Collects the events of one call."""

    def __init__(self) -> None:
        self._watch = Stopwatch()
        self._logs: list[Log] = []
        self._value: Any = None

    def note(self, event: Event) -> None:
        self._watch.note(event)
        if isinstance(event, Log):
            self._logs.append(event)
        elif isinstance(event, Finished):
            self._value = event.value

    def detail(self) -> Detail[Any]:
        watch = self._watch
        watch.stop()
        return Detail(
            value=self._value,
            raw=copied(watch.raw or ()),
            event_id=watch.event_id,
            times=watch.times,
            logs=tuple(self._logs),
        )


def detail_of(happening: Generator[Event, None, None]) -> Detail[Any]:
    """The detail of the call that has these events."""
    taker = _Taker()
    with closing(happening):
        for event in happening:
            taker.note(event)
    return taker.detail()


async def adetail_of(happening: AsyncGenerator[Event, None]) -> Detail[Any]:
    """`detail_of` for asyncio."""
    taker = _Taker()
    async with aclosing(happening):
        async for event in happening:
            taker.note(event)
    return taker.detail()
