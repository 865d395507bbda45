"""Ends a blocking read when its time is up."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress
from typing import Any, cast

from .. import _fork
from ..errors import ConfigurationError
from .background import loop

LOOK = 1.0  # seconds between checks of soft deadlines

_wishes: dict[Alarm, float] = {}
_looker: asyncio.AbstractEventLoop | None = None


class Alarm:
    """Shuts down a socket at its deadline, so that a thread that is blocked on it wakes up at once.

    httpx takes one read timeout for a whole body, and Gradio's heartbeats keep resetting it.
    """

    def __init__(self, target: Any) -> None:
        self.rang = False
        self._socket: Any = target
        self._deadline: float | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()

    def set(self, deadline: float) -> None:
        """Ring at this time of `time.monotonic()`; the same deadline again costs nothing."""
        if deadline != self._deadline:
            self._deadline = deadline
            with suppress(ConfigurationError):  # at the end of a process that never had an event loop
                loop().call_soon_threadsafe(self._schedule, deadline)

    def wish(self, deadline: float) -> None:
        """Ring within a second after this time.

        While calls follow each other, this needs no message to another thread.
        """
        global _looker
        _wishes[self] = deadline
        try:
            running = loop()
        except ConfigurationError:
            return
        if _looker is not running:
            _looker = running
            running.call_soon_threadsafe(_look)

    def off(self) -> None:
        """Never ring again: another call may use the socket from now on."""
        _wishes.pop(self, None)
        with self._lock:
            self._socket = None
        if self._deadline is not None:
            self._deadline = None
            with suppress(ConfigurationError):  # as above
                loop().call_soon_threadsafe(self._unschedule)

    def _schedule(self, deadline: float) -> None:
        self._unschedule()
        if self._socket is not None:
            left = max(0.0, deadline - time.monotonic())
            self._handle = asyncio.get_running_loop().call_later(left, self.ring)

    def _unschedule(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def ring(self) -> None:
        """Wake the reader."""
        with self._lock:
            if self._socket is not None:
                self.rang = True
                # Not the method of SSLSocket, which would also discard its TLS state.
                ours = isinstance(self._socket, socket.socket)
                kind = cast(Any, socket.socket if ours else type(self._socket))
                with suppress(OSError):
                    kind.shutdown(self._socket, socket.SHUT_RDWR)


def _look() -> None:
    """Ring the alarms whose soft deadline has passed, and check again later while there are any."""
    global _looker
    _looker = None  # first, so that a soft deadline set in the meantime is not missed
    for alarm, deadline in list(_wishes.items()):
        if time.monotonic() >= deadline:
            alarm.ring()
    if _wishes:
        _looker = asyncio.get_running_loop()
        _looker.call_later(LOOK, _look)


def _forget() -> None:
    """A forked child that kept these would shut down its parent's connections."""
    global _looker
    _wishes.clear()
    _looker = None


_fork.in_child(_forget)
