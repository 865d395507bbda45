"""Fetches what a model's URL names, from public addresses only: the address that is called is the one checked."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin, urlsplit

from .. import _watch
from ..protocol.addresses import is_public

MOST_HOPS = 5
SECONDS = 60.0


class NotFetched(ValueError):
    """The file behind a URL could not be had, or may not be."""


def public_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host; raises NotFetched where one of them is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched(f"the host {host!r} is not known") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        if not is_public(address):
            raise NotFetched(f"{host!r} lies on this machine or in a private network, which is not open to tools")
    return addresses


def fetch(url: str, *, largest: int, private: bool) -> tuple[BinaryIO, str]:
    """What is behind an http(s) URL, in an unnamed temporary file, and the URL that it came from in the end.

    Args:
        url: Its address. No credentials go along, and no proxy of the environment is used.
        largest: Bytes that it may have.
        private: Whether addresses of private networks and of this machine are open, too.

    Raises:
        NotFetched: It cannot be had, or may not be.
        RealCall: A test may not reach it.
    """
    import httpcore

    deadline = monotonic() + SECONDS
    try:
        with httpcore.ConnectionPool(network_backend=_backend(deadline, private=private)) as pool:
            for _ in range(MOST_HOPS):
                with _answer(pool, url, deadline) as response:
                    if response.status not in (301, 302, 303, 307, 308):
                        return _body(response, largest, deadline), url
                    url = _next(url, response)
    except (
        httpcore.ConnectError,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
    ) as error:
        raise NotFetched(f"it cannot be fetched: {type(error).__name__}") from error
    raise NotFetched(f"it was not reached after {MOST_HOPS} redirects")


@contextmanager
def _answer(pool: Any, url: str, deadline: float) -> Generator[Any, None, None]:
    check(url)
    if _watch.watch is not None:
        _watch.watch(url)
    headers = {"Accept-Encoding": "identity", "User-Agent": "spacegen"}
    limits = dict.fromkeys(("connect", "read", "write", "pool"), max(0.1, deadline - monotonic()))
    with pool.stream("GET", url.partition("#")[0], headers=headers, extensions={"timeout": limits}) as response:
        yield response


def check(url: str) -> None:
    """Raise NotFetched for what is no http(s) URL that may be fetched."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise NotFetched("it is not an http(s) URL") from None
    if not fits or not url.isascii() or any(letter <= " " for letter in url):
        raise NotFetched("it is not an http(s) URL")
    if parts.username is not None:
        raise NotFetched("a URL with a user or a password is not open to tools")


def _next(url: str, response: Any) -> str:
    for name, value in response.headers:
        if name.lower() == b"location":
            return str(urljoin(url, value.decode("latin-1")))
    raise NotFetched("it redirects without naming an address")


def _body(response: Any, largest: int, deadline: float) -> BinaryIO:
    if response.status != 200:
        raise NotFetched(f"the server answered HTTP {response.status}")
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 # closed by the caller
    size = 0
    try:
        for piece in response.iter_stream():
            size += len(piece)
            if size > largest:
                raise NotFetched(f"it has more than {largest >> 20} MB")
            if monotonic() > deadline:
                raise NotFetched(f"it took longer than {SECONDS:.0f} seconds")
            file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast(BinaryIO, file)


def _backend(deadline: float, *, private: bool) -> Any:
    """Connects to the very address that was checked, so a name that changes meanwhile gains nothing.

    No read waits past the deadline, so a server that sends a byte a minute does not hold the call up.
    """
    import httpcore

    class InTime(httpcore.NetworkStream):
        def __init__(self, stream: httpcore.NetworkStream) -> None:
            self.stream = stream

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            left = deadline - monotonic()
            if left <= 0:
                raise httpcore.ReadTimeout
            return self.stream.read(max_bytes, left)

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            self.stream.write(buffer, timeout)

        def close(self) -> None:
            self.stream.close()

        def start_tls(self, *args: Any, **more: Any) -> httpcore.NetworkStream:
            return InTime(self.stream.start_tls(*args, **more))

        def get_extra_info(self, info: str) -> Any:
            return self.stream.get_extra_info(info)

    class Checked(httpcore.SyncBackend):
        def connect_tcp(
            self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any
        ) -> httpcore.NetworkStream:
            error: Exception = NotFetched(f"the host {host!r} has no address")
            for address in [host] if private else public_addresses(host, port):
                left = deadline - monotonic()  # of all addresses together: a name may have a hundred
                if left <= 0:
                    raise httpcore.ConnectTimeout
                try:
                    return InTime(super().connect_tcp(address, port, left, *args, **more))
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                    error = failed
            raise error

    return Checked()
