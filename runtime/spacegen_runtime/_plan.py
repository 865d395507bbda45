"""Plan: what a generated function says about one call.

Both the code that makes plans and the code that runs them import this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

NO_EVENT: Any = object()
"""The event data of an endpoint that needs none."""


EVENT_DATA = "event_data"
"""What generated functions call it."""


class Plan(NamedTuple):
    """What a generated function says about one call."""

    endpoint: str | int
    arguments: Mapping[str, Any]
    files: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    hidden_inputs: tuple[int, ...] = ()
    hidden_outputs: tuple[int, ...] = ()
    stateful: bool = False
    queued: bool = True
    oauth: bool = False
    event_data: Any = NO_EVENT
    package: str | None = None

    @property
    def given(self) -> Mapping[str, Any]:
        """All values that the caller gave; they distinguish this call from other calls of the endpoint."""
        if self.event_data is NO_EVENT:
            return self.arguments
        return {**self.arguments, EVENT_DATA: self.event_data}
