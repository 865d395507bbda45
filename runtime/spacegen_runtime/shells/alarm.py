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

LOOK = 1.0  # seconds between looks at wishes

_wishes: dict[Alarm, float] = {}
_looker: asyncio.AbstractEventLoop | None = None


class Alarm:
    """Shuts a socket at its deadline, so that a thread that blocks on it wakes at once.

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
            with suppress(ConfigurationError):  # at the end of a process that never had a loop
                loop().call_soon_threadsafe(self._schedule, deadline)

    def wish(self, deadline: float) -> None:
        """Ring within a second after this time; while calls follow each other, this costs no word to a thread."""
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
        """Never ring again: the socket may serve another call from now on."""
        _wishes.pop(self, None)
        with self._lock:
            self._socket = None
        if self._deadline is not None:
            self._deadline = None
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
                # Not the method of an SSLSocket, which would also drop its TLS state.
                ours = isinstance(self._socket, socket.socket)
                kind = cast(Any, socket.socket if ours else type(self._socket))
                with suppress(OSError):
                    kind.shutdown(self._socket, socket.SHUT_RDWR)


def _look() -> None:
    """Ring the alarms whose wish is due, and come back as long as there are wishes."""
    global _looker
    _looker = None  # first, so that a wish made meanwhile is not left alone
    for alarm, deadline in list(_wishes.items()):
        if time.monotonic() >= deadline:
            alarm.ring()
    if _wishes:
        _looker = asyncio.get_running_loop()
        _looker.call_later(LOOK, _look)


def _forget() -> None:
    """A child that kept these would shut the connections of its parent."""
    global _looker
    _wishes.clear()
    _looker = None


_fork.in_child(_forget)
