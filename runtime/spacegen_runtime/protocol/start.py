"""One call that is ready to be made, for shells and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .actions import Flow
    from .server import Server


class Start(NamedTuple):
    """One call that is ready to be made: the server, the flow and the endpoint's name."""

    server: Server
    flow: Flow[None]
    endpoint: str
