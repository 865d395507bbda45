"""Sessions: each client has its own, and they end with the server."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any

from spacegen.agents.catalogue import Tool

_MOST = 256


def client_of(ctx: Any) -> str:
    """Return an id for the client: the session id of HTTP; over standard input there is only one client."""
    return "" if ctx.request is None else str(ctx.request.headers.get("mcp-session-id", "none"))


class Sessions:
    """One session for each client and Space, made with the first call that needs it."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._processes: dict[tuple[str, int], str] = {}

    @contextlib.asynccontextmanager
    async def open(self, client: str, tool: Tool) -> AsyncIterator[None]:
        """Run the block in the client's session, if the endpoint keeps state.

        An HTTP client without a session id is a new client each time.
        """
        if not tool.endpoint.stateful or client == "none":
            yield
            return
        key = (client, id(tool.package.module))
        session = self._open.pop(key, None) or tool.package.module.space.session(keep=True)
        self._open[key] = session
        if len(self._open) > _MOST:
            client_and_space, oldest = self._open.popitem(last=False)
            self._processes.pop(client_and_space, None)
            await oldest.aend()
        async with session:
            yield

    def has_lost(self, client: str, tool: Tool, process: str) -> bool:
        """Return whether the app was restarted since the session began, and so has lost its state."""
        key = (client, id(tool.package.module))
        if key not in self._open:
            return False
        before, self._processes[key] = self._processes.get(key, process), process
        return before != process

    async def end(self) -> None:
        """End all of them."""
        while self._open:
            _, session = self._open.popitem()
            await session.aend()
