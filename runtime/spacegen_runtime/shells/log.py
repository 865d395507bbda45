"""The logger `spacegen_runtime`: a line for each call and, at level debug, for each request."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Any

from .._caller import LOGGER
from ..errors import ConfigurationError, SpaceError, without_hash
from ..protocol.actions import Action, Event, Reply, Request
from ..protocol.observed import Observer
from ..protocol.timing import Stopwatch

VARIABLE = "SPACEGEN_LOG"
LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}


@cache
def logger() -> logging.Logger:
    """The logger; with SPACEGEN_LOG=info or debug in the environment, it also writes to standard error.

    Raises:
        ConfigurationError: SPACEGEN_LOG is something else.
    """
    found = logging.getLogger(LOGGER)
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if wanted and wanted not in LEVELS:
        raise ConfigurationError(f"{VARIABLE} must be info or debug, not {wanted!r}")
    if wanted:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s", "%H:%M:%S"))
        found.addHandler(handler)
        found.setLevel(LEVELS[wanted])
    return found


class CallLog(Observer):
    """Logs one call: its requests at level debug, and one line at its end."""

    def __init__(self, log: logging.Logger, endpoint: str) -> None:
        self._log = log
        self._endpoint = endpoint
        self._watch = Stopwatch()

    def event(self, event: Event) -> None:
        """See `Observer`."""
        self._watch.note(event)

    def answered(self, action: Action, answer: Any, seconds: float) -> None:
        """One line for a request, without headers, content and query, which may contain secrets."""
        if isinstance(action, Request) and self._log.isEnabledFor(logging.DEBUG):
            came = f"HTTP {answer.status}" if isinstance(answer, Reply) else type(answer).__name__
            where = without_hash(action.url.partition("?")[0])
            text = "%s: %s %s -> %s in %.0f ms"
            self._log.debug(text, self._endpoint, action.method, where, came, 1000 * seconds)

    def ended(self, error: BaseException | None) -> None:
        """One line for the call."""
        self._watch.stop()
        times, event_id = self._watch.times, self._watch.event_id or "without an event id"
        end = "ok" if error is None else type(error).__name__
        if isinstance(error, SpaceError) and error.args:
            end += f": {error.args[0]}"
        text = "%s %s: %s; %.0f ms queued, %.0f ms run"
        self._log.info(text, self._endpoint, event_id, end, 1000 * times.queued, 1000 * times.ran)
