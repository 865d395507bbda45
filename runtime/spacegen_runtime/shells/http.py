"""What the two shells share about httpx: settings, building requests, naming failures."""

from __future__ import annotations

import os
import weakref
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.cookiejar import Cookie, CookieJar
from socket import SO_KEEPALIVE, SOL_SOCKET
from time import monotonic
from typing import Any, cast

import httpx
from httpx_sse import SSEError

from .. import errors
from .._options import with_headers
from ..protocol.actions import Broken, Reply, Request, TimedOut
from ..protocol.credentials import Credentials
from ..protocol.server import Server, origin
from .environment import tls
from .parts import opened

USER_AGENT = "spacegen-runtime"
MOMENT = 0.05  # seconds by which our own limit may seem to pass too early
UNSET = httpx.Timeout(5.0)  # the default of httpx
NO_LIMIT = httpx.Timeout(None)
AT_ONCE = 20  # calls; measured on 2 cores: 158 calls/s over 20 connections, 49 calls/s over 100
KEEP = 3.0  # seconds; uvicorn closes idle connections after 5


def settings(server: Server) -> dict[str, Any]:
    """Keyword arguments for a client; the caller's own (proxy, verify, limits, ...) come last."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=AT_ONCE, keepalive_expiry=KEEP)
    made: dict[str, Any] = {
        "limits": limits,
        "headers": {"User-Agent": USER_AGENT},
        "timeout": None,  # each request has its own
        **server.client_options,
    }
    if "verify" not in made:
        made["verify"] = tls()
    kept = httpx.Cookies(made.get("cookies"))
    made["cookies"] = Fixed(kept.jar)
    return made


class Fixed(CookieJar):
    """The cookies that a client was made with.

    Those that a response sets are stored for the caller of that request.
    """

    def __init__(self, cookies: Iterable[Cookie]) -> None:
        super().__init__()
        for cookie in cookies:
            self.set_cookie(cookie)

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Ignore the response's cookies."""


def places(server: Server) -> int | None:
    """How many calls run at once in one pool; None if there is no limit.

    The pool itself has no limit: the time to find a connection grows with the square of the number of waiting
    requests, and streams whose steps make calls would wait for each other.
    """
    limits = server.client_options.get("limits")
    return AT_ONCE if limits is None else cast("httpx.Limits", limits).max_connections


@contextmanager
def httpx_request(
    client: httpx.Client | httpx.AsyncClient, request: Request
) -> Generator[tuple[httpx.Request, Any], None, None]:
    """The httpx request and its login; files given as paths are open during the block."""
    if client.is_closed:  # by its owner, or at the end of the process or the event loop
        raise errors.ConfigurationError(
            f"cannot send to {request.url}: the http client is closed", url=request.url
        )
    timeout = _timeout(client, request)
    headers = {"Accept-Encoding": "gzip, deflate", **request.headers}
    # Compressing middleware may delay events, and a range of a file must be of its uncompressed bytes
    if request.keep:
        headers["Accept-Encoding"] = "identity"
    common: dict[str, Any] = {"content": request.content, "data": request.form}
    with ExitStack() as stack:
        if request.files is not None:
            common["files"] = opened(request, stack)
        who = request.credentials if _is_told(request) else None
        if who is not None:
            headers = with_headers(who.headers, headers)
        if who is not None and who.client:
            prepared = client.build_request(
                request.method, request.url, timeout=timeout, headers=headers, **common
            )
            _add_cookies(prepared, client, headers, who)
            yield prepared, httpx.USE_CLIENT_DEFAULT
        else:  # without the client's headers, login and cookies, which are only for the Space
            headers.setdefault("User-Agent", USER_AGENT)
            extensions = {"timeout": timeout.as_dict()}
            yield (
                httpx.Request(request.method, request.url, headers=headers, extensions=extensions, **common),
                None,
            )


@contextmanager
def sending(request: Request) -> Generator[None, None, None]:
    """Names every error that an unreadable answer causes: httpx does not raise its own errors for all of them.

    Cookies and login challenges of a server are parsed by libraries that may raise any exception.
    """
    try:
        yield
    except (ValueError, LookupError, ArithmeticError, UserWarning) as error:
        raise errors.ProtocolError(f"the request failed: {error!r}", url=request.url) from error


def _timeout(client: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Timeout:
    """The limits of a request, combined with those that the owner of the client has set."""
    own, limit = client.timeout, request.limit
    if own == UNSET:
        own = NO_LIMIT
    return httpx.Timeout(
        connect=_shorter(request.connect, own.connect),
        read=_shorter(limit, own.read),
        write=_shorter(limit, own.write),
        pool=_shorter(limit, own.pool),
    )


def _shorter(limit: float | None, own: float | None) -> float | None:
    if limit is None or own is None:
        return own if limit is None else limit
    return min(limit, own)


def _is_told(request: Request) -> bool:
    """The one rule: credentials are sent only to the origin that they are for, also after redirects."""
    return request.credentials is not None and origin(request.url) == request.credentials.origin


_own_cookies: weakref.WeakKeyDictionary[Any, list[Cookie]] = weakref.WeakKeyDictionary()


def _add_cookies(prepared: httpx.Request, client: Any, headers: Mapping[str, str], who: Credentials) -> None:
    """The cookies that the client was made with, and the caller's; not those that other callers received later."""
    own = _own_cookies.get(client)
    if own is None:
        own = _own_cookies[client] = list(client.cookies.jar)
    cookies = [*own, *(cookie for jar in who.jars for cookie in jar.cookies())]
    if not cookies and not len(client.cookies.jar):
        return
    typed = httpx.Headers({**client.headers, **headers}).get("cookie")
    prepared.headers.pop("cookie", None)
    merged = httpx.Cookies()
    for cookie in cookies:
        merged.jar.set_cookie(cookie)
    merged.set_cookie_header(prepared)
    if typed:
        prepared.headers["cookie"] = "; ".join(filter(None, (typed, prepared.headers.get("cookie"))))


def reply_of(response: httpx.Response, body: bytes, request: Request) -> Reply:
    """A response as the core sees it; its cookies are stored for the caller of the request."""
    if "set-cookie" in response.headers and request.credentials is not None and _is_told(request):
        for jar in request.credentials.jars:
            jar.take(response)
    return Reply(response.status_code, response.headers, body, str(response.request.url), _peer_of(response))


def _peer_of(response: httpx.Response) -> str:
    """The IP address at the other end of the connection: of the server, or of a proxy."""
    stream = response.extensions.get("network_stream")
    with suppress(OSError):  # the connection is closed already
        end = cast("tuple[Any, ...] | str | None", stream and stream.get_extra_info("server_addr"))
        return str(end[0]) if isinstance(end, tuple) else ""  # the address of a Unix socket is a path
    return ""


def socket_of(response: httpx.Response) -> Any:
    """The socket of a response, if the response has its own.

    TCP keep-alive is set, so that a dead connection is noticed.
    """
    stream = response.extensions.get("network_stream")
    if stream is None or response.http_version == "HTTP/2":
        return None
    socket = stream.get_extra_info("socket")
    if socket is not None:
        with suppress(OSError):
            socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    return socket


def _system_words(error: Exception) -> str:
    """What the system said, where anyio hides it behind "All connection attempts failed"."""
    inner = error.__cause__ and error.__cause__.__context__ and error.__cause__.__context__.__cause__
    known = isinstance(inner, OSError) and inner.errno
    return f"[Errno {known}] {os.strerror(known)}" if known else ""


def failure(error: Exception, request: Request) -> Exception:
    """The core's exception for an exception of httpx."""
    url, text = request.url, str(error) or type(error).__name__
    match error:
        case httpx.ConnectTimeout():
            return TimedOut("connect", url)
        case httpx.TimeoutException() if request.deadline is None or monotonic() < request.deadline - MOMENT:
            text = f"the http client's own timeout passed ({type(error).__name__})"
            return errors.CallTimeout(text, limit="client", url=url)
        case httpx.TimeoutException():
            return TimedOut("upload" if request.files else "total", url)
        case httpx.ConnectError() | httpx.ProxyError():
            return Broken(_system_words(error) or text, unsent=True, url=url)
        case SSEError():
            return errors.ProtocolError("the answer is not an event stream", url=url, body=text)
        case httpx.UnsupportedProtocol() | httpx.LocalProtocolError() | httpx.InvalidURL():
            return errors.ConfigurationError(f"cannot send to {url}: {text}", url=url)
        case _:
            return Broken(text, url=url)
