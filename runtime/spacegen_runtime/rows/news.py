"""What the event loop tells the caller's thread."""

from __future__ import annotations

import threading


class News:
    """Whether there is something new for the thread that waits."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._told = False

    def announce(self) -> None:
        """There is something new."""
        with self._condition:
            self._told = True
            self._condition.notify_all()

    def wait(self) -> None:
        """Wait until there is something new since the last time."""
        with self._condition:
            while not self._told:
                self._condition.wait()
            self._told = False
