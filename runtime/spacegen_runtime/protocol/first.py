"""The first answer that a session gets, which all its other requests wait for."""

from __future__ import annotations

from .actions import Flow, Reply, Wait
from .line import Line, Place


class FirstAnswer:
    """Lets one request of a session go first: behind a load balancer, its answer decides where all others go."""

    def __init__(self) -> None:
        self.came = False
        self._line = Line(1)

    def before(self, sending: Flow[Reply], deadline: float | None) -> Flow[Reply]:
        """Send once the first answer of the session is there, or as the request that gets it."""
        place = Place()
        try:
            self._line.enter(place)
            if not place.done():
                yield Wait(place, deadline)
            if self.came:
                self._line.leave(place)
            reply = yield from sending
            self.came = True
            return reply
        finally:
            try:
                self._line.leave(place)
            finally:  # Ctrl-C may have come before it had left
                self._line.leave(place)
