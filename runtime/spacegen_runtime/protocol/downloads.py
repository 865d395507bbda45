"""Downloading files from a Space. Flows only, no network I/O."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import unquote_to_bytes

from .. import errors
from .._options import Options
from .actions import Broken, Chunk, Close, Flow, Next, Reply, Request, Sleep, TimedOut
from .messages import status_error
from .request import BACKOFF, Sender
from .server import Server
from .wire import WireFile, is_url

IN_MEMORY = 2 << 20  # larger files that pass through this process are kept on disk


class Fetched(SpooledTemporaryFile[bytes]):
    """A fetched file, or one that passes through this process.

    It says that it is open for reading, because `wave.open` asks.
    """

    def __init__(self) -> None:
        super().__init__(max_size=IN_MEMORY)

    @property
    def mode(self) -> str:
        """The mode in which it is open."""
        return "rb"


def download(
    file: WireFile, options: Options, *, into: IO[bytes] | None = None, deadline: float | None = None
) -> Flow[None]:
    """Fetch a file as `Chunk` events, or into another file.

    After a lost connection it continues where it stopped, if the server still has the same file.
    """
    if (file.url or "").startswith("data:"):
        yield from _arrived(_data_in(file.url or ""), into)
        return
    sender, request = _located(file, options)
    # A file that a call waits for must arrive within the call's time limit
    sender.deadline = deadline or sender.deadline
    done, attempt, mark = 0, 0, ("", "")
    while True:
        headers = {**request.headers, **_rest(done, mark)} if done else request.headers
        # A file that is fetched to be sent on is named after the address that the caller gave, not after a
        # redirect's.
        reply = yield from sender.send(replace(request, headers=headers), repeatable=True, elsewhere=into is None)
        if done and reply.status == 416 and reply.headers.get("content-range") == f"bytes */{done}":
            return
        if reply.status >= 300 and not (done and reply.status == 416):
            raise _not_served(reply, file)
        if not done:
            mark = _mark(reply)
        elif not _continues(reply, done, mark):
            text = "the download broke, and the server does not go on with the same file"
            raise errors.ConnectionLost(text, url=request.url, status=reply.status)
        # A server that does not support ranges starts again from the beginning
        skip = done if reply.status != 206 else 0
        try:
            while (chunk := (yield Next(sender.deadline))) is not None:
                kept = chunk[skip:] if skip else chunk
                skip = max(0, skip - len(chunk))
                done += len(kept)
                yield from _arrived(kept, into)
            return
        except Broken as broken:
            attempt += 1
            if attempt > options.retries:
                raise errors.ConnectionLost(f"the download broke: {broken}", url=request.url) from broken
            yield Close()
            yield Sleep(BACKOFF * 2**attempt)
        except TimedOut as late:
            raise sender.timed_out(late.limit, url=request.url) from late


def _mark(reply: Reply) -> tuple[str, str]:
    """The header that tells this version of the file from others, and its value; both empty if there is none."""
    etag = reply.headers.get("etag", "")
    if etag.startswith('"'):  # a weak one stays the same for other bytes
        return "etag", etag
    date = reply.headers.get("last-modified", "")
    return ("last-modified", date) if date else ("", "")


def _rest(done: int, mark: tuple[str, str]) -> dict[str, str]:
    """The headers that ask for what is missing of the same version, and for another version as a whole."""
    asked = {"Range": f"bytes={done}-"}
    return {**asked, "If-Range": mark[1]} if mark[1] else asked


def _continues(reply: Reply, done: int, mark: tuple[str, str]) -> bool:
    """Whether this is the same version of the file: the rest of it, or all of it once more."""
    if reply.status == 416:
        return False
    said = reply.headers.get(mark[0]) if mark[0] else ""
    if reply.status != 206:
        return said == mark[1]
    part = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", reply.headers.get("content-range", ""))
    if part is None or int(part[1]) != done or part[3] not in ("*", str(int(part[2]) + 1)):
        return False
    return said is None or said == mark[1]  # 206 alone says that it is the same; a date need not be repeated


def _arrived(data: bytes, into: IO[bytes] | None) -> Flow[None]:
    if into is not None:
        into.write(data)
    elif data:
        yield Chunk(data)


def _located(file: WireFile, options: Options) -> tuple[Sender, Request]:
    """Where a file is fetched from: always under the Space's own address, whatever its `url` says."""
    elsewhere = next((u for u in (file.path, file.url or "") if is_url(u)), "")
    if file.access is None:
        return _anonymous(elsewhere, options, file)
    server = file.access.server
    sender = Sender(server, options, file.access.cookies)
    if file.is_stream:  # live media: the chunks so far, as one file; 4.x gives them once
        url = server.stream_url(file.path).replace("playlist.m3u8", "playlist-file")
    elif is_url(file.path) or not file.path:
        if not server.owns(elsewhere):
            return _anonymous(elsewhere, options, file)
        url = elsewhere
    else:
        url = server.place_of(file.path, file.url)
    return sender, sender.request("GET", url, keep="bytes")


def _anonymous(url: str, options: Options, file: WireFile) -> tuple[Sender, Request]:
    if not url:
        raise errors.FileRefused(f"{file!r} has neither a path on a Space nor a URL")
    stranger = Server(url, prefix="", protocol="")
    plain = replace(options, token=False, auth=None, headers={})
    request = Request("GET", url, {}, keep="bytes", outside=file.came_from_outside())
    return Sender(stranger, plain), request


def _not_served(reply: Reply, file: WireFile) -> errors.SpaceError:
    if reply.status in (403, 404):
        return errors.FileRefused(
            f"the server refuses to send {file!r} (HTTP {reply.status})", status=reply.status, url=reply.url
        )
    return status_error(reply)


def _data_in(url: str) -> bytes:
    """The bytes in a data URL."""
    head, _, data = url.partition(",")
    try:
        return base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)
    except ValueError as error:  # a server may call anything a data URL
        raise errors.FileRefused(f"the file is a data URL that cannot be read: {error}") from error
