"""One call about to be made, as shells and jobs take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .actions import Flow
    from .server import Server


class Start(NamedTuple):
    """One call about to be made: where, how, and of what."""

    server: Server
    flow: Flow[None]
    endpoint: str
