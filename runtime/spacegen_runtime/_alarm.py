"""Ends a blocking read when its time is up."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from ._background import loop


class Alarm:
    """Shuts a socket at its deadline, so that whoever blocks on it wakes at once.

    httpx takes one read timeout for a whole body, and Gradio's heartbeats keep resetting it.
    """

    def __init__(self, target: Any) -> None:
        self.rang = False
        self._socket: socket.socket | None = target
        self._deadline: float | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()

    def set(self, deadline: float) -> None:
        """Ring at this time of `time.monotonic()`; the same deadline again costs nothing."""
        if deadline != self._deadline:
            self._deadline = deadline
            loop().call_soon_threadsafe(self._schedule, deadline)

    def off(self) -> None:
        """Never ring again: the socket may serve another call from now on."""
        with self._lock:
            self._socket = None
        if self._deadline is not None:
            loop().call_soon_threadsafe(self._unschedule)

    def _schedule(self, deadline: float) -> None:
        self._unschedule()
        if self._socket is not None:
            left = max(0.0, deadline - time.monotonic())
            self._handle = asyncio.get_running_loop().call_later(left, self._ring)

    def _unschedule(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ring(self) -> None:
        with self._lock:
            if self._socket is not None:
                self.rang = True
                with suppress(OSError):  # not the method of an SSLSocket, which would also drop its TLS state
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
