"""Limits on the bytes of an answer, counted as they arrive and after decompression."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import httpx

from ..errors import ProtocolError

LARGEST = 64 << 20  # bytes of an answer that is read as a whole, or of one message of a stream
LARGEST_REFUSAL = 1 << 20  # of an error answer, of which only the message is used
PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # and how zlib calls them


class Body:
    """Collects an answer, decompressed, and counts its bytes."""

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
        if self.unpacked.eof:  # zlib would keep what follows, and copy it for each chunk
            return b""
        try:
            return bytes(self.unpacked.decompress(data, most))
        except zlib.error as error:
            raise ProtocolError("the answer's compression is damaged", url=self.url) from error

    def whole(self) -> bytes:
        """The whole body."""
        return b"".join(self.parts)


def _unpacker(response: httpx.Response, url: str) -> Any:
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed in ("", "identity"):
        return None
    if packed not in PACKED:  # two layers are refused, too: with them, a kilobyte can become a gigabyte
        raise ProtocolError(f"the answer is packed as {packed[:40]!r}, which was not asked for", url=url)
    return zlib.decompressobj(PACKED[packed])


class Messages:
    """The bytes of an event stream, as `httpx_sse` takes them, counted from one message to the next."""

    def __init__(self, response: httpx.Response, url: str) -> None:
        if "text/event-stream" not in response.headers.get("content-type", "").lower():
            raise ProtocolError("the answer is not an event stream", url=url)
        plain(response, url)
        self.url = url
        self.inner: Any = response.stream
        self.since = 0
        # Not the server's own headers: whatever charset they name, an event stream is in UTF-8.
        self.response = httpx.Response(
            200, headers={"content-type": "text/event-stream"}, stream=_CountedStream(self)
        )

    def count(self, data: bytes) -> bytes:
        """The bytes, unless they are too many."""
        self.since += len(data)
        if self.since > LARGEST:
            raise ProtocolError(f"a message has more than {LARGEST >> 20} MB", url=self.url)
        return data


class _CountedStream(httpx.SyncByteStream, httpx.AsyncByteStream):
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
    """Refuse a body that is compressed although that was not requested: it could need any amount of memory."""
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise ProtocolError(f"the answer is packed as {packed[:40]!r}, which was not asked for", url=url)
