"""Session hashes: which call gets which, who waits for whom, and what a session leaves behind."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import _fork
from .first import FirstAnswer
from .hashes import Hashes, new_hash
from .line import Line, Place

if TYPE_CHECKING:
    from .._options import Options
    from .credentials import Caller, Jar
    from .server import Server

    Asker = tuple[Server, Options, Jar]

ALL = 2**31  # calls at once, where they run side by side


def has_update(answer: str | bytes) -> bool:
    """Whether an answer, as JSON, changes a component, for all later calls of its session.

    A text may hold the word by chance; then a hash is not used again, which only costs the server something.
    """
    return _holds(answer, ("__type__",))


def has_file(answer: str | bytes) -> bool:
    """Whether an answer brings a file; apps keep those in a folder of the session, and write over them."""
    return _holds(answer, ("path", "is_file"))


def _holds(answer: str | bytes, keys: tuple[str, ...]) -> bool:
    if isinstance(answer, bytes):
        return any(f'"{key}"'.encode() in answer for key in keys)
    return any(f'"{key}"' in answer for key in keys)


class Turn:
    """The turn of one job in its session hash.

    One hash never carries two jobs at once: closing a stream kills every job of its hash, and a cancel stops
    every call of the endpoint in it.
    """

    def __init__(self, *, session: SessionState | None = None, hashes: Hashes | None = None) -> None:
        self.session = session
        self.place = Place()
        self._hashes = hashes
        self.hash = session.hash if session else hashes.take() if hashes else new_hash()

    @property
    def closes(self) -> bool:
        """Whether the server ends the stream of this hash after the job (not once a stream was dropped)."""
        return self.session is None or not self.session.dropped

    def enter(self) -> None:
        """Join the line of the session; `place` is done when this job may go."""
        if self.session is not None:
            self.session.line.enter(self.place)

    def release(self, *, drained: bool, unchanged: bool) -> None:
        """Let the next call of the session go, or give the hash back.

        Args:
            drained: The stream was read to its end, or never opened.
            unchanged: See `Hashes.give_back`.
        """
        if self.session is not None:
            if self.place.done() and not drained:
                self.session.dropped = True
            self.leave()
        elif self._hashes is not None:
            self._hashes.give_back(self.hash, unchanged=drained and unchanged)

    def leave(self) -> None:
        """Leave the line of the session, as often as one likes."""
        if self.session is not None:
            self.session.line.leave(self.place)


@dataclass(eq=False)
class SessionState:
    """The server's side of `space.session()`: one hash, and the line of calls that wait for it.

    Attributes:
        dropped: A stream was closed before its end; the server then never ends the streams of this hash.
        parallel: Its calls run side by side; one after the other they do otherwise.
        keep: It goes on after its `with` block.
        blocks: How many `with` blocks hold it open.
        caller: Server, options and cookies of its last call; None where the server does not know of it.
        first: What its requests wait for.
        mail: Who gets the messages of its one stream, where calls run side by side.
    """

    hash: str = field(default_factory=new_hash)
    parallel: bool = False
    keep: bool = False
    dropped: bool = False
    blocks: int = 0
    caller: Asker | None = None

    def __post_init__(self) -> None:
        self.line = Line(ALL if self.parallel else 1)
        self.forget()
        _fork.forgets(self)

    def forget(self) -> None:
        """Ending it is the business of the process that has begun it."""
        from .mail import Mail

        self.lock, self.caller = threading.Lock(), None
        self.mail = Mail() if self.parallel else None
        self.first = FirstAnswer()
        self._cookies: dict[Caller, Jar] = {}

    def cookies_of(self, caller: Caller) -> Jar:
        """The cookies of the session: behind a balancer, they say which replica has its state."""
        from .credentials import Jar

        with self.lock:
            return self._cookies.setdefault(caller, Jar(caller.jar))

    def enter(self) -> None:
        """One more block holds it open."""
        with self.lock:
            self.blocks += 1

    def leave(self) -> Asker | None:
        """A block ends; see `to_end`."""
        with self.lock:
            self.blocks -= 1
        return self.to_end()

    def to_end(self) -> Asker | None:
        """Whom to tell that it is over, once: when no block and no call holds it any more."""
        with self.lock:
            if self.keep or self.blocks or not self.line.is_empty():
                return None
            caller, self.caller = self.caller, None
            return caller


class StepInHand:
    """One step of a session's stream, which somebody has and who has not asked for the next one yet."""

    def __init__(self, session: SessionState) -> None:
        self.session = session
        self.open = True


in_hand: ContextVar[StepInHand | None] = ContextVar("the step in hand", default=None)
"""The step in whose loop body this code runs; tasks, jobs and threads that inherit the context are part of it."""


def is_stuck(session: SessionState) -> bool:
    """Whether this call, made inside of a loop over a stream of the session, waits for that very stream."""
    step = in_hand.get()
    return step is not None and step.session is session and step.open
