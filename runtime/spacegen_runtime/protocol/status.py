"""The status of a call, from its events. Pure."""

from __future__ import annotations

from dataclasses import replace

from .._status import Event, Status
from .actions import Partial, Progressed, Queued, Started


def status_after(status: Status, event: Event) -> Status:
    """The status after an event; the same object if nothing has changed."""
    match event:
        case Queued(position, size, eta):
            return replace(status, stage="queued", position=position, queue_size=size, eta=eta)
        case Started(eta):
            return replace(status, stage="running", position=None, eta=eta)
        case Progressed(units):
            return replace(status, stage="running", progress=units)
        case Partial() if status.stage != "running":
            return replace(status, stage="running")
        case _:
            return status
