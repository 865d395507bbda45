"""Makes httpx clients. If that fails, the error names the variable or the option that is wrong."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ..errors import ConfigurationError

C = TypeVar("C", httpx.Client, httpx.AsyncClient)
WRONG = (TypeError, ValueError, ImportError, OSError, AttributeError, httpx.InvalidURL)
"""The errors that httpx raises for invalid settings."""


def made(kind: Callable[..., C], options: Callable[[], dict[str, Any]], base: str) -> C:
    """A client for the server at `base`.

    Raises:
        ConfigurationError: An option makes no sense, or a variable of the environment.
    """
    given: dict[str, Any] = {}
    try:
        given = options()
        return kind(**given)
    except WRONG as error:
        proxy = _wrong_proxy() if given.get("trust_env", True) and given.get("proxy") is None else None
        if proxy is None:
            raise ConfigurationError(f"client_options cannot make an HTTP client: {error}") from error
        host = urlsplit(base).hostname or ""
        if not proxy_bypass(host):
            raise ConfigurationError(proxy) from error
    # The Space is reached without a proxy, and nothing else is.
    pattern = f"all://[{host}]" if ":" in host else f"all://{host}"
    mounts: dict[str, Any] = {"all://": _Refused(proxy), pattern: None, **(given.get("mounts") or {})}
    return kind(**{**given, "trust_env": False, "mounts": mounts})


class _Refused(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends nothing."""

    def __init__(self, why: str) -> None:
        self.why = why

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise ConfigurationError(self.why, url=str(request.url))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise ConfigurationError(self.why, url=str(request.url))


def _wrong_proxy() -> str | None:
    """The message about the first proxy in the environment that cannot be used; None if all can."""
    for scheme, url in getproxies().items():
        if scheme not in ("http", "https", "all"):
            continue
        try:
            httpx.HTTPTransport(proxy=url if "://" in url else f"http://{url}", verify=False)
        except WRONG as error:
            names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
            name = next((name for name in names if os.environ.get(name)), f"the system's {scheme} proxy")
            shown = url.partition("://")[0] if "://" in url else "no URL"
            why = "it must be an http://, https://, socks5:// or socks5h:// URL"
            if isinstance(error, ImportError):
                why = "SOCKS needs `pip install 'httpx[socks]'`"
            return (
                f"{name} names a proxy that cannot be used ({shown}): {why}; or name the Space's host in NO_PROXY"
            )
    return None


@cache
def tls() -> ssl.SSLContext:
    """One TLS context for all clients, because reading the certificates takes longer than a call.

    Raises:
        ConfigurationError: A variable of the environment names certificates that cannot be read.
    """
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        where = os.environ.get(name)
        if where and not any(Path(part).exists() for part in (where, *where.split(os.pathsep))):
            raise ConfigurationError(f"{name} names {where!r}, which does not exist")
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        where = os.environ.get("SSL_CERT_FILE", "")
        raise ConfigurationError(f"SSL_CERT_FILE names {where!r}, which holds no certificates: {error}") from error
