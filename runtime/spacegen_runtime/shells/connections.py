"""Connections that know when a request must be over, and how much may come before the body of its answer.

httpx limits each read, so a server that sends one byte from time to time never exceeds its limit. Therefore the
remaining time is checked before each read and write.
"""

from __future__ import annotations

import socket
from collections.abc import Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

import httpcore
import httpx

from .given import keep_given

LARGEST_HEAD = 1 << 20  # bytes before the body begins, including informational answers (1xx)
PIECE = 1 << 14  # bytes of a request that are written before the time is checked again

_due: ContextVar[float | None] = ContextVar("when the request must be over", default=None)
_head: ContextVar[list[int] | None] = ContextVar("the bytes that may come before the body", default=None)


@contextmanager
def until(deadline: float | None) -> Generator[None, None, None]:
    """What a blocking client does in this block must end by this time of `time.monotonic()`."""
    token = _due.set(deadline)
    try:
        yield
    finally:
        _due.reset(token)


@contextmanager
def before_body() -> Generator[None, None, None]:
    """A client in this block reads no more bytes than a head may have: a server could send 102 answers forever."""
    token = _head.set([LARGEST_HEAD])
    try:
        yield
    finally:
        _head.reset(token)


def _counted(data: bytes) -> bytes:
    left = _head.get()
    if left is not None:
        left[0] -= len(data)
        if left[0] < 0:
            raise httpcore.RemoteProtocolError(f"more than {LARGEST_HEAD >> 20} MB came before the answer")
    return data


def _left(limit: float | None, late: type[Exception]) -> float | None:
    due = _due.get()
    if due is None:
        return limit
    left = due - monotonic()
    if left <= 0:
        raise late("the time is up")
    return left if limit is None else min(left, limit)


class _Peer:
    """A connection that is asked once who is at its other end, and not for every answer."""

    inner: Any
    _peer: Any = None

    def get_extra_info(self, info: str) -> Any:
        if info != "server_addr":
            return self.inner.get_extra_info(info)
        if self._peer is None:
            self._peer = self.inner.get_extra_info(info)
        return self._peer


class _NetworkStream(_Peer, httpcore.NetworkStream):
    """A connection whose reads and writes know when the request must be over."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return _counted(self.inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            self.inner.write(buffer[start : start + PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _left(timeout, httpcore.ConnectTimeout)
        stream = self.inner.start_tls(ssl_context, server_hostname, limit)
        return stream if _is_shared(stream) else _NetworkStream(stream)


def _is_shared(stream: Any) -> bool:
    """Whether this is an HTTP/2 connection, where a reader may also receive the answers to other requests."""
    secured = stream.get_extra_info("ssl_object")
    return secured is not None and secured.selected_alpn_protocol() == "h2"


def _addresses(host: str, port: int, limit: float | None) -> list[str]:
    """The IP addresses of a host, looked up in a thread of its own where the time is limited.

    No limit of a socket ends a look-up, and nothing interrupts it. One that takes too long is left to its thread.
    """
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found.set_result([str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except BaseException as error:  # raised again by whoever waits
            found.set_exception(error)

    try:
        Thread(target=look_up, name="spacegen-look-up", daemon=True).start()
    except RuntimeError:  # at the end of a process no thread starts any more
        look_up()
    try:
        return found.result(limit)
    except WaitTimeout:
        raise httpcore.ConnectTimeout(f"no address of {host} within {limit:.3g} s") from None
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error


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
        if limit is None:
            return _NetworkStream(self.inner.connect_tcp(host, port, None, local_address, socket_options))
        end = monotonic() + limit
        hosts = _addresses(host, port, limit)
        for more, one in zip(reversed(range(len(hosts))), hosts, strict=True):
            # The limit is for all of them; one that does not answer leaves the others their share
            share = (end - monotonic()) / (more + 1)
            try:
                if share <= 0:
                    raise httpcore.ConnectTimeout("the time is up")
                stream = self.inner.connect_tcp(one, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not more:
                    raise
            else:
                return _NetworkStream(stream)
        raise httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        limit = _left(timeout, httpcore.ConnectTimeout)
        return _NetworkStream(self.inner.connect_unix_socket(path, limit, socket_options))

    def sleep(self, seconds: float) -> None:
        self.inner.sleep(seconds)


class _AsyncNetworkStream(_Peer, httpcore.AsyncNetworkStream):
    """A connection of asyncio whose reads are counted; the event loop limits the time."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self.inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return _counted(await self.inner.read(max_bytes, timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self.inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self.inner.aclose()

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        stream = await self.inner.start_tls(ssl_context, server_hostname, timeout)
        return stream if _is_shared(stream) else _AsyncNetworkStream(stream)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """Makes such connections."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self.inner = inner

    async def connect_tcp(self, host: str, port: int, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        return _AsyncNetworkStream(await self.inner.connect_tcp(host, port, *args, **more))

    async def connect_unix_socket(self, path: str, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        return _AsyncNetworkStream(await self.inner.connect_unix_socket(path, *args, **more))

    async def sleep(self, seconds: float) -> None:
        await self.inner.sleep(seconds)


Client = TypeVar("Client", httpx.Client, httpx.AsyncClient)


def guarded(client: Client) -> Client:
    """The client, with connections that know when a request must be over, and how much may come before a body.

    httpx has no public way to give httpcore a network backend; a transport of another kind stays as it is.
    """
    hidden: Any = client
    for transport in (hidden._transport, *hidden._mounts.values()):
        pool: Any = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if isinstance(inner, httpcore.NetworkBackend) and not isinstance(inner, _Backend):
            pool._network_backend = _Backend(inner)
            keep_given(pool)
        if isinstance(inner, httpcore.AsyncNetworkBackend) and not isinstance(inner, _AsyncBackend):
            pool._network_backend = _AsyncBackend(inner)
            keep_given(pool)
    return client
