"""The client of the asyncio shell for each server and event loop: opened once, closed with either of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple, cast

import httpx

from .. import _watch
from ..protocol.line import Line
from ..protocol.server import Server
from .background import is_running
from .environment import made
from .http import places, settings
from .loops import kept, running_loop


class AsyncShared(NamedTuple):
    """A client, the places for calls over it, and what closes it."""

    client: httpx.AsyncClient
    places: Line | None
    keeper: AsyncGenerator[None, None] | None


async def ashared_for(server: Server) -> AsyncShared:
    """What all calls of a server share in this event loop; closed with either of them."""
    if _watch.watch is not None:
        _watch.watch(server)
    loop = running_loop()
    if server.async_client is not None and not is_running(loop):
        return AsyncShared(cast(httpx.AsyncClient, server.async_client), None, None)
    clients = kept(loop, AsyncShared)
    shared = clients.get(server)
    if shared is None:
        client, most = made(httpx.AsyncClient, lambda: settings(server), server.base), places(server)
        keeper = _keep(client)
        shared = clients[server] = AsyncShared(client, None if most is None else Line(most), keeper)
        await keeper.__anext__()
    return shared


async def _keep(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    """Closes a client when the loop ends: a loop closes its unfinished async generators."""
    try:
        yield
    finally:
        await client.aclose()
