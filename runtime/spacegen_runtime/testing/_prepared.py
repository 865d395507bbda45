"""The answers that a test has prepared: for each endpoint a line, in the order of the calls that get them."""

from __future__ import annotations

import threading
from typing import Any

from ._answers import Answer
from ._failures import at_an_upload


class PreparedAnswers:
    """The answers of all endpoints of one fake; calls of several threads may take them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str | int, list[Answer[..., Any]]] = {}

    def begin(self, key: str | int, line: list[Answer[..., Any]]) -> None:
        """Let an endpoint answer from this line, to which `Answer` adds itself; an earlier one is forgotten."""
        with self._lock:
            self._lines[key] = line

    def take(self, key: str | int) -> Answer[..., Any] | None:
        """The answer to the next call of an endpoint, None where a test said nothing; the last one stays."""
        with self._lock:
            line = self._lines.get(key)
            if line is None:
                return None
            return line.pop(0) if len(line) > 1 else line[0]

    def next_error(self, key: str | int) -> BaseException | None:
        """The error that the next call of an endpoint ends with, without taking that answer."""
        with self._lock:
            return self._lines[key][0].error

    def take_refusal(self) -> BaseException | None:
        """The error of an upload, where an endpoint answers with one next: it comes before the call."""
        for key in list(self._lines):
            error = self.next_error(key)
            if at_an_upload(error):
                self.take(key)
                return error
        return None
