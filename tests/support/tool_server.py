"""The MCP server of some packages, in this process, with the official client in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp.client.client import Client
from spacegen.agents.catalogue import open_tools
from spacegen.agents.server import Settings, make_server

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "generated_examples"


@asynccontextmanager
async def connected(sources: list[str], mode: str = "legacy", **more: Any) -> AsyncIterator[Any]:
    """A client; what `Settings` has and the `headers` of a gateway are the server's, the rest is the client's."""
    headers = more.pop("headers", None)
    settings = {name: more.pop(name) for name in [*more] if name in Settings.__dataclass_fields__}
    with open_tools(sources, headers=headers) as tools:
        made, sessions = make_server(tools, Settings(**settings))
        try:
            async with Client(made, mode=mode, **more) as client:
                yield client
        finally:
            await sessions.end()


def text_of(result: Any) -> str:
    """The first block of a result, which is its text."""
    return str(result.content[0].text)
