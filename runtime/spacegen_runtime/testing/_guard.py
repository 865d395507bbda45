"""Which servers a test may reach: fakes, and those that it allows in so many words."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

from .._space import Space
from ..errors import ConfigurationError
from ..protocol.server import Server
from ..shells import http as _http
from ._endpoints import space_of
from ._transport import InProcess

_lock = threading.Lock()
_closed: list[str] = []
_allowed: list[Space] = []


class RealCall(ConfigurationError):
    """A test was about to call a Space that is no fake."""


@contextmanager
def closed(why: str) -> Generator[None, None, None]:
    """Refuse every call of a server that is no fake, for this reason."""
    with _lock:
        _closed.append(why)
        _http.watch = _watch
    try:
        yield
    finally:
        with _lock:
            _closed.remove(why)
            if not _closed:
                _http.watch = None


@contextmanager
def allow_real(*packages: ModuleType | Space) -> Generator[None, None, None]:
    """Let calls of these packages reach their real Spaces, also inside of `fake_space` and of guarded tests."""
    spaces = [space_of(package) for package in packages]
    with _lock:
        _allowed.extend(spaces)
    try:
        yield
    finally:
        with _lock:
            for space in spaces:
                _allowed.remove(space)


def _watch(server: Server) -> None:
    if isinstance(server.client_options.get("transport"), InProcess):
        return
    if any(space.server.base == server.base for space in [*_allowed]):
        return
    raise RealCall(
        f"{_closed[-1]}, and a call was about to reach {server.base}. Fake that Space as well: "
        "`with fake_space(package):`; or let it be called: `with allow_real(package):`",
        url=server.base,
    )
