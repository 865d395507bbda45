"""Who a call is, and where that may be told: credentials go to the origin that the user or the Hub named. Pure."""

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
MOST_COOKIES, LONGEST_COOKIE = 100, 8192  # of one caller; browsers keep no more, and no longer ones
MOST_CALLERS = 64  # callers of one server whose cookies are kept, the last ones


class Caller:
    """What a server and one of its callers keep for each other; no other caller gets any of it."""

    def __init__(self) -> None:
        self.jar = Jar()
        self.hashes = Hashes()  # for calls whose options say so


class Callers:
    """The callers of one server: each token, login and set of headers is one."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Caller] = {}
        _fork.forgets(self)
        self.forget()

    def forget(self) -> None:
        """A forked child has locks and cookies of its own."""
        self._lock = threading.Lock()
        self._known = {}

    def of(self, identity: Hashable) -> Caller:
        """The caller with this identity; it is now the last one that was seen."""
        with self._lock:
            found = self._known.pop(identity, None) or Caller()
            self._known[identity] = found
            if len(self._known) > MOST_CALLERS:
                del self._known[next(iter(self._known))]
        return found


class Jar:
    """Cookies, for any number of threads; those that are in another one to begin with."""

    def __init__(self, others: Jar | None = None) -> None:
        _fork.forgets(self)
        self.forget()
        for cookie in others.cookies() if others is not None else ():
            self._jar.set_cookie(cookie)

    def forget(self) -> None:
        """A forked child has a lock of its own."""
        self._lock = threading.Lock()
        self._jar = CookieJar()

    def cookies(self) -> list[Cookie]:
        """Those that are in it now."""
        with self._lock:
            return list(self._jar)

    def take(self, response: httpx.Response) -> None:
        """Keep what a response sets, and forget what it ends; a cookie that makes no sense is no cookie."""
        import httpx

        with self._lock, suppress(Exception):  # http.cookiejar parses dates and numbers of strangers
            httpx.Cookies(self._jar).extract_cookies(response)
        with self._lock:
            for place, cookie in enumerate(list(self._jar)):
                if place >= MOST_COOKIES or not _can_be_sent(cookie):
                    self._jar.clear(cookie.domain, cookie.path, cookie.name)


def _can_be_sent(cookie: Cookie) -> bool:
    """Whether a header can hold it: else no request of this caller could be made any more."""
    said = f"{cookie.name}={cookie.value}"
    return len(said) <= LONGEST_COOKIE and said.isascii() and said.isprintable()


class Credentials(NamedTuple):
    """What tells a server who asks.

    Attributes:
        origin: The one origin that they go to.
        headers: The headers that carry them.
        jars: The caller's cookies, and after them those that this call or its session began with or was told.
            Behind a balancer, a job is where its join was, whatever other calls of the caller were told meanwhile.
        client: Whether the headers, login and cookies of the http client go along.
    """

    origin: Origin
    headers: Mapping[str, str]
    jars: tuple[Jar, ...] = ()
    client: bool = False


class Address(NamedTuple):
    """A base URL without its user and password, and the header that says them."""

    base: str
    headers: Mapping[str, str] = {}


def address_of(url: str) -> Address:
    """Split what a URL says about its user off: it is a credential, and no part of an address that is shown."""
    url = url.rstrip("/")
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all, which whoever sends to it says
        return Address(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return Address(url)
    name, _, password = user.partition(":")
    said = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode("utf-8", "replace")).decode("ascii")
    return Address(parts._replace(netloc=host).geturl(), {"Authorization": f"Basic {said}"})
