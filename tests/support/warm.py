"""Processes that have imported Gradio and wait: a server forked from one is there in a fraction of the time.

Importing Gradio is most of what it takes to start an app, and a run of the tests starts dozens.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

SCRIPT = Path(__file__).resolve().parent.parent / "apps" / "_warm.py"
POSSIBLE = hasattr(os, "pidfd_open")  # Linux


class Forked:
    """A process that is the child of another; what `subprocess.Popen` has for one's own.

    Attributes:
        pid: Its process id, and that of its group.
        stdin: Where to write to it; it ends when this is closed.
        returncode: Nobody but its parent knows.
    """

    returncode = None

    def __init__(self, pid: int, stdin: IO[bytes]) -> None:
        self.pid = pid
        self.stdin = stdin
        self._handle = os.pidfd_open(pid)
        self._ended = False

    def poll(self) -> int | None:
        """Tell whether it has ended: 0 then, whatever it returned."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, as `subprocess.Popen` does."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def _has_ended(self, timeout: float | None) -> bool:
        if not self._ended:
            poll = select.poll()  # select() knows no descriptor above 1023
            poll.register(self._handle, select.POLLIN)
            self._ended = bool(poll.poll(None if timeout is None else timeout * 1000))
            if self._ended:
                os.close(self._handle)
        return self._ended


class Warm:
    """One process that has imported the Gradio of an interpreter."""

    def __init__(self, python: Path, environment: Mapping[str, str]) -> None:
        self._asks, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with asked:
            self._process = subprocess.Popen(
                [str(python), str(SCRIPT), str(asked.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[asked.fileno()],
                env=dict(environment),
                start_new_session=True,
            )

    def start(self, words: list[str], environment: Mapping[str, str], output: IO[bytes]) -> Forked:
        """Run a script with its arguments; what it prints goes into a file."""
        given, gives = os.pipe()
        wish = json.dumps({"words": words, "environment": dict(environment)}).encode()
        try:
            socket.send_fds(self._asks, [wish], [given, output.fileno()])
        finally:
            os.close(given)
        stdin = os.fdopen(gives, "wb")
        told = self._asks.recv(100)
        if not told:
            stdin.close()
            raise RuntimeError("Gradio cannot be imported there")
        return Forked(int(told), stdin)

    def stop(self) -> None:
        """End it; its children are their owners' to end."""
        self._asks.close()
        self._process.wait()


_warm: dict[Path, Warm] = {}
_lock = threading.Lock()


def forked(python: Path, words: list[str], environment: Mapping[str, str], output: IO[bytes]) -> Forked:
    """Run a script in a process that has Gradio already."""
    with _lock:
        if python not in _warm:
            _warm[python] = Warm(python, environment)
        return _warm[python].start(words, environment, output)


def stop_all() -> None:
    """End those that wait; the next one that is asked for starts again."""
    with _lock:
        while _warm:
            _warm.popitem()[1].stop()
