"""Uploading files to a Space. Flows only, no network I/O."""

from __future__ import annotations

import mimetypes
import re
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .. import errors
from .._json import as_list
from .actions import Flow, Reply, Request
from .downloads import Fetched, download
from .kinds import HEAD, ending_of
from .messages import body_of, json_of, status_error
from .names import safe_name
from .request import Sender
from .server import Server
from .sharing import size_of, stat_of
from .wire import Sent, WireFile, is_url

ASK_LIMIT_FROM = 8 << 20  # uploads of this size are worth one look at the server's own limit
NEAR = r"localhost$|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|[^.]+$"
"""Hosts that the Space cannot reach or, from 5.0 on, refuses to reach: such files are fetched here instead."""


@dataclass(eq=False)
class Pending:
    """A file that is to be uploaded; the server's path for it is then written into `wire`."""

    source: Any
    name: str | None
    wire: dict[str, Any]
    file: WireFile | None = None


def upload(sender: Sender, pending: list[Pending]) -> Flow[None]:
    """Send the files that the Space does not have yet, in one request, and complete all wire forms."""
    left = list(pending)
    for item in pending:
        if (yield from _still_there(sender, item)):
            left.remove(item)
    if left:
        yield from _upload(sender, left)


def _still_there(sender: Sender, item: Pending) -> Flow[bool]:
    """Whether the Space still has what an earlier call sent: it may have lost its disk, or emptied its cache."""
    sent = item.file.sent.get(sender.server.base) if item.file is not None else None
    if sent is None or sent.state != _state(item.source):
        return False
    request = sender.request("HEAD", sender.server.file_url(sent.path))
    reply = yield from sender.send(request, repeatable=True)
    if reply.status != 200:
        if hasattr(item.source, "seek"):  # it was read to its end
            item.source.seek(sent.start)
        return False
    item.wire.update(wire_of(sender.server, WireFile(sent.path, orig_name=sent.name, size=sent.size)))
    return True


def _state(source: Any) -> tuple[int, ...]:
    """The state of a file on disk; it is different after a change."""
    if not isinstance(source, str) or is_url(source):
        return ()
    seen = stat_of(source)
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def _start(source: Any) -> int:
    """The position from which a file object is read."""
    try:
        return int(source.tell())
    except (AttributeError, OSError):
        return 0


def _upload(sender: Sender, pending: list[Pending]) -> Flow[None]:
    states = [_state(item.source) for item in pending]
    starts = [_start(item.source) for item in pending]
    with ExitStack() as spools:
        sources = yield from _gathered(sender, pending, spools)
        names = [_upload_name(item, source) for item, source in zip(pending, sources, strict=True)]
        sizes = [size_of(source) for source in sources]
        yield from _check_limit(sender, names, sizes)
        parts = [
            (name, source, mimetypes.guess_type(name)[0] or "application/octet-stream")
            for name, source in zip(names, sources, strict=True)
        ]
        paths = yield from _send(sender, parts, repeatable=None not in sizes)
    for item, path, name, size, state, start in zip(pending, paths, names, sizes, states, starts, strict=True):
        item.wire.update(wire_of(sender.server, WireFile(path, orig_name=name, size=size)))
        if item.file is not None and not is_url(item.source):
            item.file.sent[sender.server.base] = Sent(path, name, size, state, start)


def _gathered(sender: Sender, pending: list[Pending], spools: ExitStack) -> Flow[list[Any]]:
    """The files to send; files of other Spaces and of URLs that the Space cannot reach are fetched first."""
    sources: list[Any] = []
    for item in pending:
        source = item.source
        if isinstance(source, WireFile) or is_url(source):
            file = source if isinstance(source, WireFile) else WireFile(path=source)
            item.name = item.name or file.name
            source = spools.enter_context(closing(_spool()))
            options = sender.options if file.access is None else file.access.options
            yield from download(file, options, into=source, deadline=sender.deadline)
            source.seek(0)
        sources.append(source)
    return sources


def _send(sender: Sender, parts: list[tuple[str, Any, str]], *, repeatable: bool) -> Flow[list[str]]:
    if not repeatable:  # it cannot be sent again after a login, a redirect or a Space that wakes: these come first
        yield from sender.config(oldest=0)
    reply = yield from sender.send(_upload_request(sender, parts), repeatable=repeatable)
    if reply.status in (404, 405):
        before = sender.server.prefix
        yield from sender.config(oldest=0)
        if repeatable and sender.server.prefix != before:  # Gradio 5 put all routes under another one
            reply = yield from sender.send(_upload_request(sender, parts), repeatable=repeatable)
    if reply.status == 413:
        raise (yield from _too_large(sender, reply, parts))
    if reply.status != 200:
        raise status_error(reply)
    paths = as_list(json_of(reply))
    if len(paths) != len(parts):
        raise errors.ProtocolError("the server did not take the files", url=reply.url, body=paths)
    return [str(path) for path in paths]


def _too_large(sender: Sender, reply: Reply, parts: list[tuple[str, Any, str]]) -> Flow[errors.FileRefused]:
    """The error message if the server, or one in front of it, found the files too large."""
    sizes = {name: size_of(source) for name, source, _ in parts}
    try:
        limit = (yield from sender.config()).max_file_size
    except errors.SpaceError:
        limit = None
    over = [name for name, size in sizes.items() if limit is not None and size is not None and size > limit]
    listed = ", ".join(f"{name} ({sizes[name]} bytes)" for name in over or sizes)
    known = "a server in front of the Space may take less than it does"
    if over:
        known = f"the Space takes at most {limit} bytes"
    return errors.FileRefused(
        f"the server says that this is too large (HTTP 413): {listed}; {known}",
        status=reply.status,
        url=reply.url,
        body=body_of(reply),
    )


def _upload_request(sender: Sender, parts: list[tuple[str, Any, str]]) -> Request:
    return sender.request(
        "POST",
        sender.server.url("/upload"),
        files=parts,
        progress=sender.options.on_upload,
        limit=sender.options.timeout.upload,
    )


def wire_of(server: Server, file: WireFile) -> dict[str, Any]:
    """The description of an uploaded file, in the form that the server's version expects."""
    if server.protocol == "ws":  # 3.x
        return {"name": file.path, "orig_name": file.name, "is_file": True, "data": None}
    wire = file.to_wire()
    if file.path and file.url == server.place_of(file.path, file.url):
        # Also behind gr.load: the path is used, and no address is fetched
        wire["url"] = server.file_url(file.path)
    return wire


def _check_limit(sender: Sender, names: list[str], sizes: list[int | None]) -> Flow[None]:
    known = [size or 0 for size in sizes]
    if max(known) < ASK_LIMIT_FROM and sender.server.config is None:
        return
    limit = (yield from sender.config()).max_file_size
    for name, size in zip(names, known, strict=True):
        if limit is not None and size > limit:
            raise errors.FileRefused(f"{name} has {size} bytes; the Space takes at most {limit}")


def far_url(source: object) -> bool:
    """Whether a source is a URL that the Space can fetch by itself."""
    return is_url(source) and not re.match(NEAR, urlsplit(str(source)).hostname or "")


def _spool() -> Any:
    return Fetched()  # the caller closes it


def _upload_name(item: Pending, source: Any) -> str:
    if item.name:
        return safe_name(item.name)
    if isinstance(source, str):
        return safe_name(source)
    own = getattr(source, "filename", None) or getattr(source, "name", None)  # Flask names the field of its form
    if isinstance(own, str):
        return safe_name(own)
    return "file" + ending_of(bytes(source[:HEAD]) if isinstance(source, (bytes, bytearray)) else b"")
