"""A waiting line: for the calls of a session, and for the few places of a connection pool."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future

from .. import _fork

Place = Future[None]  # done when it is its holder's turn


class Line:
    """Lets a few in at a time, in the order in which they came.

    Every caller that enters must leave. Leaving is allowed at any time and more than once, also after it gave up
    waiting or was interrupted before it knew that it was inside. So make the `Place` first, enter inside a `try`,
    and leave in its `finally`: twice, because Ctrl-C may come before it has left.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.forget()
        _fork.forgets(self)

    def forget(self) -> None:
        """Empty the line, for a forked child."""
        self._lock = threading.Lock()
        self._inside: dict[Place, None] = {}
        self._waiting: OrderedDict[Place, None] = OrderedDict()  # removing one from the middle is fast, too

    def enter(self, place: Place) -> None:
        """Join the end of the line; the place is done as soon as it is its turn."""
        with self._lock:
            self._waiting[place] = None
            self._admit()

    def leave(self, place: Place) -> bool:
        """Leave, whether inside or waiting; True if nobody is inside any more."""
        with self._lock:
            self._waiting.pop(place, None)
            self._inside.pop(place, None)
            self._admit()
            return not self._inside

    def is_empty(self) -> bool:
        """Whether nobody is inside and nobody waits."""
        with self._lock:
            return not self._inside and not self._waiting

    def _admit(self) -> None:
        while self._waiting and len(self._inside) < self._most:
            place = next(iter(self._waiting))
            self._inside[place] = None
            del self._waiting[place]
        for place in self._inside:
            if not place.done():
                place.set_result(None)
