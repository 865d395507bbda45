"""Runs the server: over standard input and output, or over HTTP on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from spacegen.agents.catalogue import Tool
from spacegen.agents.server import Settings, make_server
from spacegen.listening import HOST, listen

PATH = "/mcp"


def serve(
    tools: Sequence[Tool], settings: Settings, *, port: int | None, started: Callable[[str], object]
) -> None:
    """Serve until the client leaves, or until Ctrl-C.

    Args:
        tools: What is offered.
        settings: What is allowed.
        port: Of HTTP on this machine, 0 takes a free one; None is standard input and output.
        started: Called with the address of HTTP once it is known.

    Raises:
        SpacegenError: The port is taken, or may not be used.
    """
    if port is None:
        asyncio.run(_over_standard_input(tools, settings))
    else:
        _over_http(tools, settings, port, started)


async def _over_standard_input(tools: Sequence[Tool], settings: Settings) -> None:
    from mcp.server.stdio import stdio_server

    server, sessions = make_server(tools, settings)
    try:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        await sessions.end()


def _over_http(tools: Sequence[Tool], settings: Settings, port: int, started: Callable[[str], object]) -> None:
    import uvicorn

    server, sessions = make_server(tools, settings)
    # The SDK refuses requests whose Host or Origin is not this machine: no page in a browser reaches the tools.
    app = server.streamable_http_app(streamable_http_path=PATH, host=HOST)
    listening = listen(port, "--http")
    started(f"http://{HOST}:{listening.getsockname()[1]}{PATH}")
    running = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    asyncio.run(_until_stopped(running, listening, sessions))


async def _until_stopped(running: Any, listening: Any, sessions: Any) -> None:
    try:
        await running.serve(sockets=[listening])
    finally:
        await sessions.end()
