"""The caller's credentials, and where they may be sent: only to the origin that the user or the Hub named.

Pure.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Hashable, Mapping
from contextlib import suppress
from http.cookiejar import Cookie, CookieJar
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from .. import _fork
from .hashes import Hashes

if TYPE_CHECKING:
    import httpx

Origin = tuple[str, str, int | None]
MOST_COOKIES, LONGEST_COOKIE = 100, 8192  # for one caller; browsers do not keep more cookies, or longer ones
MOST_CALLERS = 64  # the number of callers of one server whose cookies are kept


class Caller:
    """What is stored for one caller of a server; no other caller gets any of it."""

    def __init__(self) -> None:
        self.jar = Jar()
        self.hashes = Hashes()  # used only with `reuse_sessions=True`


class Callers:
    """The callers of one server: each combination of token, login and headers is one caller."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Caller] = {}
        _fork.forgets(self)
        self.forget()

    def forget(self) -> None:
        """A forked child gets its own locks and cookies."""
        self._lock = threading.Lock()
        self._known = {}

    def of(self, identity: Hashable) -> Caller:
        """The caller with this identity; it becomes the most recently used one."""
        with self._lock:
            found = self._known.pop(identity, None) or Caller()
            self._known[identity] = found
            if len(self._known) > MOST_CALLERS:
                del self._known[next(iter(self._known))]
        return found


class Jar:
    """Cookies that several threads may use; it starts with the cookies of another jar."""

    def __init__(self, others: Jar | None = None) -> None:
        _fork.forgets(self)
        self.forget()
        for cookie in others.cookies() if others is not None else ():
            self._made().set_cookie(cookie)

    def forget(self) -> None:
        """A forked child gets its own lock."""
        self._lock = threading.Lock()
        self._jar: CookieJar | None = None  # most servers set no cookie, and each call has a jar

    def _made(self) -> CookieJar:
        if self._jar is None:
            self._jar = CookieJar()
        return self._jar

    def cookies(self) -> list[Cookie]:
        """The cookies that are in it now."""
        if self._jar is None:
            return []
        with self._lock:
            return list(self._jar)

    def take(self, response: httpx.Response) -> None:
        """Store the cookies that a response sets, and delete those that it ends.

        Cookies that make no sense are ignored.
        """
        import httpx

        with self._lock, suppress(Exception):  # http.cookiejar parses dates and numbers that come from the server
            httpx.Cookies(self._made()).extract_cookies(response)
        with self._lock:
            jar = self._made()
            for place, cookie in enumerate(list(jar)):
                if place >= MOST_COOKIES or not _can_be_sent(cookie):
                    jar.clear(cookie.domain, cookie.path, cookie.name)


def _can_be_sent(cookie: Cookie) -> bool:
    """Whether a header can contain it; otherwise every later request of this caller would fail."""
    said = f"{cookie.name}={cookie.value}"
    return len(said) <= LONGEST_COOKIE and said.isascii() and said.isprintable()


class Credentials(NamedTuple):
    """The headers and cookies that identify the caller to a server.

    Attributes:
        origin: The one origin that they go to.
        headers: The headers that carry them.
        jars: The caller's cookies, followed by those that this call or its session started with or received.
            Behind a load balancer, a job runs where its join went, even if other calls of the caller received
            other cookies in the meantime.
        client: Whether the headers, login and cookies of the HTTP client are sent too.
    """

    origin: Origin
    headers: Mapping[str, str]
    jars: tuple[Jar, ...] = ()
    client: bool = False


class Address(NamedTuple):
    """A base URL without its user and password, and the header that carries them."""

    base: str
    headers: Mapping[str, str] = {}


def address_of(url: str) -> Address:
    """Separate the user and password from a URL: they are credentials and must never be shown."""
    url = url.rstrip("/")
    try:
        parts = urlsplit(url)
    except ValueError:  # not an address at all; sending a request to it raises the error
        return Address(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return Address(url)
    name, _, password = user.partition(":")
    said = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode("utf-8", "replace")).decode("ascii")
    return Address(parts._replace(netloc=host).geturl(), {"Authorization": f"Basic {said}"})
