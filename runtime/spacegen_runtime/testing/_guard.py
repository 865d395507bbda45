"""Which servers a test may reach: fakes, and those that it allows in so many words."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING

from .. import _watch
from ..calls.space import Space
from ..errors import RealCall

if TYPE_CHECKING:
    from ..protocol.server import Server

LOOPBACK = re.compile(r"https?://(localhost|127\.[\d.]+|\[::1\])(:\d+)?(/|$)")


@dataclass(eq=False)
class Closing:
    """A time in which real Spaces may not be called.

    Attributes:
        why: The reason, as the start of a sentence.
        loopback: Whether servers of this machine are open all the same.
        refused: The errors of calls that were made.
    """

    why: str
    loopback: bool
    refused: list[RealCall] = field(default_factory=list[RealCall])


_lock = threading.Lock()
_closed: list[Closing] = []
_allowed: list[Space] = []


@contextmanager
def closed(why: str, *, loopback: bool = False) -> Generator[Closing, None, None]:
    """Refuse every call of a server that is no fake, for this reason."""
    closing = Closing(why, loopback)
    with _lock:
        _closed.append(closing)
        _watch.watch = _look
    try:
        yield closing
    finally:
        with _lock:
            _closed.remove(closing)
            if not _closed:
                _watch.watch = None


@contextmanager
def allow_real(*packages: ModuleType | Space) -> Generator[None, None, None]:
    """Let calls of these packages reach their real Spaces, also inside of `fake_space` and of guarded tests."""
    from ._endpoints import space_of

    spaces = [space_of(package) for package in packages]
    with _lock:
        _allowed.extend(spaces)
    try:
        yield
    finally:
        with _lock:
            for space in spaces:
                _allowed.remove(space)


def _look(called: Server | str) -> None:
    from ._transport import InProcess

    base = called if isinstance(called, str) else called.base
    if not isinstance(called, str) and isinstance(called.client_options.get("transport"), InProcess):
        return
    if any(space.server.base == base for space in [*_allowed]):
        return
    closings = [one for one in reversed([*_closed]) if not (one.loopback and LOOPBACK.match(base))]
    if not closings:
        return
    error = RealCall(
        f"{closings[0].why}, and a call was about to reach {base}. Fake that Space as well: "
        "`with fake_space(package):`; or let it be called: `with allow_real(package):`",
        url=base,
    )
    for closing in closings:  # the guard of a test learns of it, even where a fake inside refused it
        closing.refused.append(error)
    raise error
