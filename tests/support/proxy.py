"""A proxy in front of a server that breaks things on demand and counts what passes.

    with Proxy(server.url) as proxy:
        proxy.add(faults.answer(503, {"retry-after": "1"}, on="POST .*/call/"))
        client_of(proxy.url)...
        assert len(proxy.requests) == 2

Runs in a thread of its own. It understands just enough HTTP/1.1 to know where a request and its answer end.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import sys
import threading
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from typing_extensions import Self

from support._http import Head, Reader, answer_body, head_of, request_body
from support.faults import Fault

T = TypeVar("T")
DROP = 0.05  # seconds between two bytes that trickle


@dataclass(frozen=True)
class Seen:
    """A request that reached the proxy, and on which connection, counted from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    connection: int


class Proxy:
    """Passes everything on to `target`, with what `faults`, `round_trip` and `pieces` ask for.

    Args:
        target: Address of the server, with its path prefix when it has one.
        round_trip: Seconds that the link adds to each round trip, one of which a new connection costs too.
        pieces: Answers are written in pieces of 1 to so many bytes; 0 leaves them as they come.
        seed: Makes the sizes of the pieces repeatable.
    """

    def __init__(self, target: str, *, round_trip: float = 0, pieces: int = 0, seed: int = 0) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._prefix = parts.path.rstrip("/")
        self.round_trip = round_trip
        self.pieces = pieces
        self.requests: list[Seen] = []
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self._faults: list[Fault] = []
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """Address of the proxied app, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}{self._prefix}"

    def add(self, *faults: Fault) -> None:
        """Add faults; where several match a request, the first one takes it."""
        self._faults += faults

    def clear(self) -> None:
        """Forget faults and counts."""
        self._faults.clear()
        self.requests.clear()
        self.connections = self.open  # those that are open go on and stay counted

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(self._connection, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connection(self) -> asyncio.StreamReaderProtocol:
        reader = Reader()

        def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(self._serve(reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return asyncio.StreamReaderProtocol(reader, accept)

    async def _serve(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        link = _Link(self, reader, writer, self.connections)
        try:
            await link.run()
        except (OSError, EOFError):
            pass  # either side went away, as it may at any time
        finally:
            self.open -= 1
            await link.close()

    def _fault_for(self, request: Head) -> Fault | None:
        """The first fault whose turn this request is; every fault counts it."""
        taken = [fault for fault in list(self._faults) if fault.takes(request)]
        return taken[0] if taken else None

    def _cut_up(self, data: bytes) -> Iterator[bytes]:
        """The data in pieces of the size that was asked for."""
        while data:
            size = self._random.randint(1, self.pieces) if self.pieces else len(data)
            yield data[:size]
            data = data[size:]


class _Link:
    """One client connection and the server connection that belongs to it."""

    def __init__(self, proxy: Proxy, reader: Reader, writer: asyncio.StreamWriter, number: int) -> None:
        self.proxy = proxy
        self.reader = reader
        self.writer = writer
        self.number = number
        self.upstream: tuple[Reader, asyncio.StreamWriter] | None = None

    async def run(self) -> None:
        await asyncio.sleep(self.proxy.round_trip)  # the handshake of a new connection
        while (request := await self._next_request()) and await self._exchange(request):
            pass

    async def close(self) -> None:
        """Close both connections; cancelled, as when the proxy stops, without waiting for who does not read."""
        writers = [self.writer] + ([self.upstream[1]] if self.upstream else [])
        for writer in writers:
            writer.close()
        try:
            await asyncio.wait_for(_closed(writers), timeout=1)
        finally:
            for writer in writers:
                writer.transport.abort()

    async def _next_request(self) -> Head | None:
        """The next request; None when the client leaves, or the server does between two requests."""
        if self.upstream is None:
            return await head_of(self.reader)
        return await _unless(self.upstream[0].gone, head_of(self.reader))

    async def _exchange(self, request: Head) -> bool:
        """Answer one request; false when the connection is over."""
        proxy = self.proxy
        proxy.requests.append(Seen(request.method, request.path, request.headers, self.number))
        fault = proxy._fault_for(request)
        if fault and fault.kind == "refuse":
            return self._reset()
        if fault and fault.kind == "answer":
            return await self._answer(request, fault)
        if self.upstream is None:
            self.upstream = await _connect(*proxy.target)
        sending = asyncio.create_task(self._send(request, self.upstream[1]))
        try:
            if fault and fault.kind == "lose":
                await sending
                return self._reset()
            passing = self._pass_on(request, self.upstream[0], fault)
            again = await _unless(self.reader.gone, passing)
            return bool(again) and sending.done()
        finally:
            sending.cancel()
            await asyncio.wait({sending})

    async def _answer(self, request: Head, fault: Fault) -> bool:
        async for _ in request_body(request, self.reader):
            pass  # a server reads a request before it refuses it
        await asyncio.sleep(self.proxy.round_trip)
        await self._write(fault.reply)
        return True

    async def _send(self, request: Head, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.proxy.round_trip / 2)
        writer.write(request.raw)
        async for data in request_body(request, self.reader):
            writer.write(data)
            await writer.drain()

    async def _pass_on(self, request: Head, upstream: Reader, fault: Fault | None) -> bool:
        response = await head_of(upstream)
        if response is None:
            return False
        left = fault.after if fault else sys.maxsize
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)
        writing = asyncio.create_task(self._write_late(late))
        try:
            await late.put((self._due(), response.raw))
            async for data in answer_body(response, upstream, request.method):
                if left:
                    await late.put((self._due(), data[:left]))
                rest, left = data[left:], left - len(data)
                if left < 0 and fault is not None and fault.kind == "trickle":
                    await _drop_by_drop(rest, late)
                    left = 0
                if left < 0:
                    break
            await late.put((self._due(), b""))
            await writing
        finally:
            writing.cancel()
            await asyncio.wait({writing})
        return await self._break(fault) if fault and left < 0 else response.keeps_alive

    def _due(self) -> float:
        return asyncio.get_running_loop().time() + self.proxy.round_trip / 2

    async def _write_late(self, late: asyncio.Queue[tuple[float, bytes]]) -> None:
        """Write each piece when it is due, until an empty one."""
        loop = asyncio.get_running_loop()
        while True:
            due, data = await late.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not data:
                return
            await self._write(data)

    async def _break(self, fault: Fault) -> bool:
        if fault.kind == "stall":
            await asyncio.Event().wait()  # until the client goes or the proxy stops
        return False if fault.clean else self._reset()

    async def _write(self, data: bytes) -> None:
        for piece in self.proxy._cut_up(data):
            self.writer.write(piece)
            await self.writer.drain()

    def _reset(self) -> bool:
        """Close so that the client gets a reset instead of an end."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        return False


async def _drop_by_drop(data: bytes, late: asyncio.Queue[tuple[float, bytes]]) -> None:
    for at in range(len(data)):
        await asyncio.sleep(DROP)
        await late.put((0, data[at : at + 1]))


async def _connect(host: str, port: int) -> tuple[Reader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = Reader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.create_connection(lambda: protocol, host, port)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _unless(event: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work returns; None when the event comes first, which cancels the work."""
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        for task in (working, waiting):
            task.cancel()
        await asyncio.wait({working, waiting})


async def _closed(writers: list[asyncio.StreamWriter]) -> None:
    for writer in writers:
        with contextlib.suppress(OSError):
            await writer.wait_closed()
