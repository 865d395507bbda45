"""The real call behind a recording: what it calls, and what has happened in it so far."""

from __future__ import annotations

from collections import namedtuple
from concurrent.futures import Future
from typing import Any, cast

from .._endpoint import Endpoint
from .._plan import NO_EVENT
from ..calls.space import Call, Space
from ._book import Entry
from ._offer import Offered
from ._wire import AnyFuture


class Live:
    """A real call that is being recorded, between the thread that makes it and the one that answers from it.

    Attributes:
        entry: What has happened so far.
        news: Done as soon as something more has happened.
        is_left: Whether nobody waits for it any more.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.news: AnyFuture = Future()
        self.is_left = False

    def tell(self) -> None:
        """Say that something has happened."""
        news, self.news = self.news, Future()
        news.set_result(None)


def raw_endpoint(space: Space, offered: Offered) -> Endpoint[..., Any]:
    """An endpoint of the real Space, whose result is its outputs as they come."""
    names = [parameter.name for parameter in offered.parameters]

    def call(*values: Any) -> Call[Any]:
        return space.call(
            offered.key,
            dict(zip(names, values, strict=False)),
            hidden_inputs=offered.hidden_inputs,
            hidden_outputs=offered.hidden_outputs,
            stateful=offered.stateful,
            queued=offered.queued,
            event_data=NO_EVENT if offered.event is None else values[len(names)],
        )

    fields = [f"output_{at}" for at in range(len(offered.outputs))]
    raw: Any = cast(Any, namedtuple)("Raw", fields)  # as many as there are, which no type checker can know
    raw.__annotations__ = dict.fromkeys(raw._fields, Any)
    result: Any = raw if offered.outputs else None
    call.__annotations__["return"] = Call[result]
    return Endpoint(call)
