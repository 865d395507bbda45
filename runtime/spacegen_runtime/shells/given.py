"""Keeps a pool of httpcore from closing a connection that it has given to a waiting request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


def keep_given(pool: Any) -> None:
    """Let this pool close only connections that no request of it was given.

    httpcore gives an idle connection to a waiting request, and the connection stays idle until that request's own
    thread or task goes on. In that moment another thread may close it, because there are too many or it was idle
    for too long. The request then fails, or waits forever (encode/httpcore, issue 1110; seen with 1.0.9).
    """
    make: Callable[[Any], Any] | None = getattr(pool, "create_connection", None)
    if make is not None and isinstance(getattr(pool, "_requests", None), list):
        pool.create_connection = partial(_made, make, pool._requests)


def _made(make: Callable[[Any], Any], requests: list[Any], origin: Any) -> Any:
    return _Connection(make(origin), requests)


class _Connection:
    """A connection that is not idle while one of the pool's requests has it."""

    def __init__(self, inner: Any, requests: list[Any]) -> None:
        self._inner = inner
        self._requests = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __repr__(self) -> str:
        return repr(self._inner)

    def is_idle(self) -> bool:
        return self._inner.is_idle() and not self._is_given()

    def has_expired(self) -> bool:
        return self._inner.has_expired() and not self._is_given()

    def _is_given(self) -> bool:
        return any(request.connection is self for request in self._requests)
