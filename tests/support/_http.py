"""Just enough HTTP/1.1 to know where a message ends; bytes pass through unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

PIECE = 1 << 16


class Reader(asyncio.StreamReader):
    """A stream reader that tells when the other side has gone, also to those who do not read."""

    def __init__(self) -> None:
        super().__init__(limit=1 << 20)
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: BaseException) -> None:
        super().set_exception(exc)  # type: ignore[arg-type]  # typeshed says Exception; the base class takes any
        self.gone.set()


@dataclass(frozen=True)
class Head:
    """The first lines of a request or an answer."""

    raw: bytes
    start: tuple[str, str, str]
    headers: Mapping[str, str]

    @property
    def method(self) -> str:
        return self.start[0]

    @property
    def path(self) -> str:
        return self.start[1]

    @property
    def chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def length(self) -> int | None:
        """Bytes of the body where the head tells."""
        value = self.headers.get("content-length")
        return None if value is None else int(value)

    @property
    def keeps_alive(self) -> bool:
        """Whether another message may follow an answer on its connection."""
        return self.headers.get("connection", "").lower() != "close" and (self.chunked or self.length is not None)

    @property
    def without_body(self) -> bool:
        """Whether the status of an answer rules out a body."""
        return self.start[1] in ("204", "304")


async def head_of(reader: asyncio.StreamReader) -> Head | None:
    """Read the next head; None when the other side closed instead."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    one, two, three = [*first.split(" ", 2), ""][:3]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Head(raw, (one, two, three), headers)


async def request_body(head: Head, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The body of a request as it stands on the wire."""
    async for data in _chunks(reader) if head.chunked else _bytes(reader, head.length or 0):
        yield data


async def answer_body(head: Head, reader: asyncio.StreamReader, method: str) -> AsyncIterator[bytes]:
    """The body of the answer to a request of this method, as it stands on the wire."""
    if method == "HEAD" or head.without_body:
        return
    async for data in _chunks(reader) if head.chunked else _bytes(reader, head.length):
        yield data


async def _bytes(reader: asyncio.StreamReader, left: int | None) -> AsyncIterator[bytes]:
    """So many bytes, or all until the end."""
    while left is None or left > 0:
        data = await reader.read(PIECE if left is None else min(PIECE, left))
        if not data:
            return
        left = None if left is None else left - len(data)
        yield data


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Chunks with their sizes, to the empty one and its blank line."""
    while True:
        line = await reader.readline()
        size = int(line.split(b";")[0] or b"0", 16)
        if not size:
            yield line + await reader.readline()
            return
        yield line
        async for data in _bytes(reader, size + 2):
            yield data
