"""A tool call over MCP: `spacegen mcp` in front of an app, and the app's own MCP server, with the same client.

Gradio's server wants an older SDK than ours, so it runs in an environment of its own. SPACEGEN_BENCH_GRADIO_MCP
names the Python there, which has `gradio[mcp]`.

Plain httpx stands beside them without any MCP, as the floor: the two requests of a call, with a session hash of
its own. Gradio's server has one hash, and so one stream of messages, for the calls of all clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
from support.servers import APPS, free_port

from bench._clients import AsyncRaw
from bench._compare import OURS, RAW, measure, report, say

PEER = "Gradio's own"
EXAMPLES = Path(__file__).resolve().parents[2] / "generated_examples"
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore", "NO_PROXY": "*"}


@contextlib.contextmanager
def started(command: list[str], **env: str) -> Iterator[subprocess.Popen[str]]:
    """A process, which ends with the block."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    process = subprocess.Popen(
        command,
        env={**inherited, **QUIET, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def wait_for(url: str) -> None:
    """Until it answers."""
    with httpx.Client(trust_env=False) as client:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                client.get(url)
                return
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


async def whole(url: str, name: str) -> None:
    """What a program does first: connect, list, call."""
    from mcp.client.client import Client

    async with Client(url, mode="legacy") as client:
        await client.list_tools()
        await client.call_tool(name, {"text": "x"})


def main() -> None:
    python = os.environ.get("SPACEGEN_BENCH_GRADIO_MCP")
    if not python:
        say("a tool call over MCP", "left out: SPACEGEN_BENCH_GRADIO_MCP names no Python with gradio[mcp]")
        return
    port = free_port()
    app = f"http://127.0.0.1:{port}"
    command = [python, str(APPS / "text.py"), "--port", str(port)]
    with started(command, GRADIO_MCP_SERVER="True"):
        wait_for(f"{app}/config")
        mine = [sys.executable, "-m", "spacegen", "mcp", str(EXAMPLES / "text_app"), "--http", "0"]
        with started(mine, SPACEGEN_TEXT_APP_SOURCE=app) as process:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None
            _compared(found[0], f"{app}/gradio_api/mcp/", app)


def _compared(ours: str, theirs: str, app: str) -> None:
    echo = asyncio.run(_name(theirs))
    first = {OURS: lambda: asyncio.run(whole(ours, "echo")), PEER: lambda: asyncio.run(whole(theirs, echo))}
    report("connect, list and call over MCP", measure(first, rounds=20, warm=2), base=PEER)
    report("one tool call over MCP", asyncio.run(_calls(ours, theirs, app, echo, at_once=1)), base=PEER)
    report("eight tool calls at once over MCP", asyncio.run(_calls(ours, theirs, app, echo, at_once=8)), base=PEER)


async def _name(url: str) -> str:
    from mcp.client.client import Client

    async with Client(url, mode="legacy") as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
    return next(name for name in names if name.endswith("echo"))


async def _calls(
    ours: str, theirs: str, app: str, echo: str, *, at_once: int, rounds: int = 60
) -> dict[str, list[float]]:
    """Seconds of each round of calls, in one session each."""
    from mcp.client.client import Client

    raw = AsyncRaw(app)
    async with raw.client, Client(ours, mode="legacy") as mine, Client(theirs, mode="legacy") as other:
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            OURS: lambda: mine.call_tool("echo", {"text": "x"}),
            PEER: lambda: other.call_tool(echo, {"text": "x"}),
            RAW: lambda: raw.call("echo", "x"),
        }
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for number in range(-5, rounds):
            for place in range(len(calls)):
                name = list(calls)[(number + place) % len(calls)]
                start = time.perf_counter()
                await asyncio.gather(*(calls[name]() for _ in range(at_once)))
                if number >= 0:
                    taken[name].append(time.perf_counter() - start)
    return taken


if __name__ == "__main__":
    main()
