"""What the two shells share about httpx: settings, building requests, naming failures."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from socket import SO_KEEPALIVE, SOL_SOCKET
from time import monotonic
from typing import Any, cast

import httpx
from httpx_sse import SSEError

from . import errors
from ._actions import Broken, Reply, Request, TimedOut
from ._server import Server

USER_AGENT = "spacegen-runtime"
AT_ONCE = 20  # calls; measured on 2 cores: 158 calls/s over 20 connections, 49 calls/s over 100
KEEP = 3.0  # seconds; uvicorn closes idle connections after 5


def settings(server: Server) -> dict[str, Any]:
    """Keyword arguments for a client; the caller's own (proxy, verify, limits, ...) come last."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=AT_ONCE, keepalive_expiry=KEEP)
    made: dict[str, Any] = {"limits": limits, "headers": {"User-Agent": USER_AGENT}, **server.client_options}
    made.setdefault("verify", _tls())
    return made


def places(server: Server) -> int | None:
    """How many calls run at once in one pool; None where there is no limit.

    The pool has none of its own: the time that it takes to find a connection grows with the square of the requests
    that wait for one, and streams whose steps make calls would wait for each other.
    """
    limits = server.client_options.get("limits")
    return AT_ONCE if limits is None else cast("httpx.Limits", limits).max_connections


@cache
def _tls() -> ssl.SSLContext:
    """One for all clients: reading the certificates takes longer than a call."""
    return httpx.create_ssl_context()


@contextmanager
def built(client: httpx.Client | httpx.AsyncClient, request: Request) -> Generator[httpx.Request, None, None]:
    """The httpx request; files that were given as paths are open as long as the block lasts."""
    if client.is_closed:  # by its owner, or at the end of the process or the event loop
        raise errors.ConfigurationError(
            f"cannot send to {request.url}: the http client is closed", url=request.url
        )
    limit = request.limit
    timeout = httpx.Timeout(connect=request.connect, read=limit, write=limit, pool=limit)
    headers = request.headers
    if request.keep:  # compressing middleware may hold events back, and a part of a file is of its plain bytes
        headers = {**headers, "Accept-Encoding": "identity"}
    common: dict[str, Any] = {"headers": headers, "content": request.content, "data": request.form}
    with ExitStack() as stack:
        if request.files is not None:
            common["files"] = _opened(request, stack)
        if request.bare:  # not the client's own, for its cookies and headers are the Space's
            extensions = {"timeout": timeout.as_dict()}
            yield httpx.Request(request.method, request.url, headers=headers, extensions=extensions)
        else:
            yield client.build_request(request.method, request.url, timeout=timeout, **common)


def _opened(request: Request, stack: ExitStack) -> list[tuple[str, tuple[str, Any, str]]]:
    parts: list[tuple[str, tuple[str, Any, str]]] = []
    for name, source, media in request.files or ():
        if isinstance(source, str):
            source = stack.enter_context(Path(source).open("rb"))  # noqa: SIM115 # closed by the stack
        parts.append(("files", (name, source, media)))
    if request.progress is None and request.limit is None:
        return parts
    import io

    files = [part[1] for part in parts]
    raw = [io.BytesIO(file[1]) if isinstance(file[1], (bytes, bytearray)) else file[1] for file in files]
    total = _Total(request, raw)
    return [("files", (file[0], _Counted(one, total), file[2])) for file, one in zip(files, raw, strict=True)]


class _Total:
    """Adds up what the files of one request have sent, and ends it when its time is up.

    httpx limits each write; a link that is slow but steady passes them all.
    """

    def __init__(self, request: Request, files: list[Any]) -> None:
        self.report = request.progress
        self.url = request.url
        self.deadline = None if request.limit is None else monotonic() + request.limit
        self.sent = 0
        self.size = 0
        for file in files:
            with suppress(OSError, AttributeError):
                self.size += file.seek(0, 2)
                file.seek(0)

    def add(self, size: int) -> None:
        """So many bytes more."""
        if self.deadline is not None and monotonic() > self.deadline:
            raise TimedOut("upload", self.url)
        self.sent += size
        if self.report is not None:
            self.report(self.sent, self.size)


class _Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: Any, total: _Total) -> None:
        self._file = file
        self._total = total

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> Any:
        data = self._file.read(size)
        self._total.add(len(data))
        return data


def reply_of(response: httpx.Response, body: bytes) -> Reply:
    """A response as the core sees it."""
    return Reply(response.status_code, response.headers, body, str(response.request.url))


def socket_of(response: httpx.Response) -> Any:
    """The socket of a response, where it has one of its own; kept alive, so that a dead link is noticed."""
    stream = response.extensions.get("network_stream")
    if stream is None or response.http_version == "HTTP/2":
        return None
    socket = stream.get_extra_info("socket")
    if socket is not None:
        with suppress(OSError):
            socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    return socket


def failure(error: Exception, request: Request) -> Exception:
    """The core's name for a failure of httpx."""
    url, text = request.url, str(error) or type(error).__name__
    match error:
        case httpx.ConnectTimeout():
            return TimedOut("connect", url)
        case httpx.TimeoutException():
            return TimedOut("upload" if request.files else "total", url)
        case httpx.ConnectError() | httpx.ProxyError():
            return Broken(text, unsent=True, url=url)
        case SSEError():
            return errors.ProtocolError("the answer is no event stream", url=url, body=text)
        case httpx.UnsupportedProtocol() | httpx.LocalProtocolError() | httpx.InvalidURL():
            return errors.ConfigurationError(f"cannot send to {url}: {text}", url=url)
        case _:
            return Broken(text, url=url)
