"""Bounds that hold against any server: on the time of a blocking request, and on the bytes of an answer.

httpx limits each read. A server that sends one byte now and then passes every such limit, so the time that is left
is looked up again before each read and write; and an answer is counted as it comes, after it is unpacked.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

import httpcore
import httpx

from ..errors import ProtocolError

LARGEST = 64 << 20  # bytes of an answer that is read as a whole, or of one message of a stream
LARGEST_REFUSAL = 1 << 20  # of what comes with a status that is an error: only its words are of use
PIECE = 1 << 14  # bytes of a request that are written before the clock is looked at again
PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # and how zlib calls them

_due: ContextVar[float | None] = ContextVar("when the request must be over", default=None)


@contextmanager
def until(deadline: float | None) -> Generator[None, None, None]:
    """What a blocking client does in this block is over at this time of `time.monotonic()`."""
    token = _due.set(deadline)
    try:
        yield
    finally:
        _due.reset(token)


def _left(limit: float | None, late: type[Exception]) -> float | None:
    due = _due.get()
    if due is None:
        return limit
    left = due - monotonic()
    if left <= 0:
        raise late("the time is up")
    return left if limit is None else min(left, limit)


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes know when the request must be over."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            self.inner.write(buffer[start : start + PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Makes such connections."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self.inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        limit = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self.inner.connect_tcp(host, port, limit, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        limit = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self.inner.connect_unix_socket(path, limit, socket_options))

    def sleep(self, seconds: float) -> None:
        self.inner.sleep(seconds)


def clocked(client: httpx.Client) -> httpx.Client:
    """The client, with connections that know when a request must be over.

    httpx has no public way to hand httpcore a network backend; a transport of another kind is left as it is.
    """
    hidden: Any = client
    for transport in (hidden._transport, *hidden._mounts.values()):
        pool = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if isinstance(inner, httpcore.NetworkBackend) and not isinstance(inner, _Backend):
            hidden_pool: Any = pool
            hidden_pool._network_backend = _Backend(inner)
    return client


class Body:
    """Puts an answer together, unpacked, and counts it."""

    def __init__(self, response: httpx.Response, url: str) -> None:
        self.url = url
        self.refusal = response.status_code >= 300
        self.parts: list[bytes] = []
        self.size = 0
        self.packed = 0
        self.unpacked = _unpacker(response, url)

    def add(self, data: bytes) -> bool:
        """Take the next bytes; False where no more are wanted."""
        self.packed += len(data)
        most = LARGEST_REFUSAL if self.refusal else LARGEST
        while data and self.size <= most:
            if self.unpacked is None:
                part, data = data, b""
            else:
                part = self._unpack(data, most + 1 - self.size)
                data = self.unpacked.unconsumed_tail
            self.parts.append(part)
            self.size += len(part)
        if max(self.size, self.packed) <= most:
            return True
        if self.refusal:
            return False
        raise ProtocolError(f"the answer has more than {LARGEST >> 20} MB", url=self.url)

    def _unpack(self, data: bytes, most: int) -> bytes:
        try:
            return bytes(self.unpacked.decompress(data, most))
        except zlib.error as error:
            raise ProtocolError("the answer is packed wrongly", url=self.url) from error

    def whole(self) -> bytes:
        """All that was taken."""
        return b"".join(self.parts)


def _unpacker(response: httpx.Response, url: str) -> Any:
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed in ("", "identity"):
        return None
    if packed not in PACKED:  # two layers, too: a kilobyte can hold a gigabyte then
        raise ProtocolError(f"the answer is packed as {packed[:40]!r}, which nobody asked for", url=url)
    return zlib.decompressobj(PACKED[packed])


class Messages:
    """The bytes of an event stream, as `httpx_sse` takes them, counted from one message to the next."""

    def __init__(self, response: httpx.Response, url: str) -> None:
        if "text/event-stream" not in response.headers.get("content-type", "").lower():
            raise ProtocolError("the answer is no event stream", url=url)
        plain(response, url)
        self.url = url
        self.inner: Any = response.stream
        self.since = 0
        # Not the server's own headers: whatever charset they name, an event stream is in UTF-8.
        self.response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Counted(self))

    def count(self, data: bytes) -> bytes:
        """The bytes, if they are not too many."""
        self.since += len(data)
        if self.since > LARGEST:
            raise ProtocolError(f"a message has more than {LARGEST >> 20} MB", url=self.url)
        return data


class _Counted(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, messages: Messages) -> None:
        self.messages = messages

    def __iter__(self) -> Iterator[bytes]:
        pieces: Iterable[bytes] = self.messages.inner
        for data in pieces:
            yield self.messages.count(data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self.messages.inner:
            yield self.messages.count(data)


def plain(response: httpx.Response, url: str) -> None:
    """Refuse a body that is packed though it was asked for as it is: unpacking could need any memory."""
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise ProtocolError(f"the answer is packed as {packed[:40]!r}, which nobody asked for", url=url)
