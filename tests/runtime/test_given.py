"""A connection that a pool has given to one call is not closed by another, however they meet."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NamedTuple

import httpcore
import httpx
import pytest
from spacegen_runtime.shells.connections import guarded
from support.sockets import listening

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
ONE_IDLE = httpx.Limits(max_keepalive_connections=1)


class Counted(NamedTuple):
    """A server that keeps connections open, and those that it has."""

    url: str
    opened: list[socket.socket]


@contextmanager
def server() -> Iterator[Counted]:
    opened: list[socket.socket] = []

    def answer(link: socket.socket) -> None:
        opened.append(link)
        with link, suppress(OSError), link.makefile("rb") as lines:
            for line in lines:
                if not line.strip():
                    link.sendall(ANSWER)

    with listening(answer) as port:
        yield Counted(f"http://127.0.0.1:{port}", opened)


def test_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as wanted, server() as other, httpx.Client(limits=ONE_IDLE, trust_env=False) as client:
        guarded(client).get(wanted.url)
        requests = import_module("httpcore._sync.connection_pool").PoolRequest
        wait = requests.wait_for_connection

        def meanwhile(self: Any, timeout: float | None = None) -> Any:
            given = wait(self, timeout)
            monkeypatch.setattr(requests, "wait_for_connection", wait)
            client.get(other.url)  # there are two connections now, and one is enough
            return given

        monkeypatch.setattr(requests, "wait_for_connection", meanwhile)
        assert client.get(wanted.url).text == "ok"
        assert len(wanted.opened) == 1


def test_in_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(limits=ONE_IDLE, trust_env=False) as client:
            await guarded(client).get(wanted.url)
            requests = import_module("httpcore._async.connection_pool").AsyncPoolRequest
            wait = requests.wait_for_connection

            async def meanwhile(self: Any, timeout: float | None = None) -> Any:
                given = await wait(self, timeout)
                monkeypatch.setattr(requests, "wait_for_connection", wait)
                await client.get(other.url)
                return given

            monkeypatch.setattr(requests, "wait_for_connection", meanwhile)
            assert (await client.get(wanted.url)).text == "ok"

    with server() as wanted, server() as other:
        asyncio.run(run())
        assert len(wanted.opened) == 1


def test_a_pool_still_closes_what_no_call_has() -> None:
    with server() as one, server() as other, httpx.Client(limits=ONE_IDLE, trust_env=False) as client:
        guarded(client)
        for url in (one.url, other.url, one.url, other.url):
            client.get(url)
        transport: Any = client._transport
        assert isinstance(transport._pool, httpcore.ConnectionPool)
        assert len(transport._pool.connections) == 1
