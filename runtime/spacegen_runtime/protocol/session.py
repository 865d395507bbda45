"""Session hashes: which call gets which one, which calls wait for others, and what a call changes in a session."""

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
    """Whether an answer, as JSON, changes a component for all later calls of its session.

    A text may contain the word by chance; then the hash is not reused, which only costs the server a little.
    """
    return _holds(answer, ("__type__",))


def has_file(answer: str | bytes) -> bool:
    """Whether an answer contains a file; apps keep files in a folder of the session and may overwrite them."""
    return _holds(answer, ("path", "is_file"))


def _holds(answer: str | bytes, keys: tuple[str, ...]) -> bool:
    if isinstance(answer, bytes):
        return any(f'"{key}"'.encode() in answer for key in keys)
    return any(f'"{key}"' in answer for key in keys)


class Turn:
    """One job's turn to use its session hash.

    One hash never carries two jobs at once: closing a stream kills every job of its hash, and a cancel stops
    every call of the endpoint in it.
    """

    def __init__(self, *, session: SessionState | None = None, hashes: Hashes | None = None) -> None:
        self.session = session
        self.place = Place()
        self._hashes = hashes
        self._taken: str | None = None

    @property
    def hash(self) -> str:
        """The session hash; one of those that calls share is taken only where it is needed."""
        if self.session is not None:
            return self.session.hash
        if self._taken is None:
            self._taken = self._hashes.take() if self._hashes is not None else new_hash()
        return self._taken

    @property
    def known(self) -> str:
        """The session hash as far as a server can have seen it; empty where none was needed."""
        return self.session.hash if self.session is not None else self._taken or ""

    @property
    def closes(self) -> bool:
        """Whether the server ends the stream of this hash after the job (not once a stream was dropped)."""
        return self.session is None or not self.session.dropped

    def enter(self) -> None:
        """Join the line of the session; `place` is done when this job may start."""
        if self.session is not None:
            self.session.line.enter(self.place)

    def begin(self, server: Server, options: Options, cookies: Jar) -> None:
        """The server is about to see the session; these tell it of the end."""
        if self.session is not None:
            self.session.caller = server, options, cookies

    def release(self, *, drained: bool, unchanged: bool) -> None:
        """Let the next call of the session start, or give the hash back.

        Args:
            drained: The stream was read to its end, or never opened.
            unchanged: See `Hashes.give_back`.
        """
        if self.session is not None:
            if self.place.done() and not drained:
                self.session.dropped = True
            self.leave()
        elif self._hashes is not None and self._taken is not None:
            self._hashes.give_back(self._taken, unchanged=drained and unchanged)

    def leave(self) -> None:
        """Leave the line of the session, as often as one likes."""
        if self.session is not None:
            self.session.line.leave(self.place)


@dataclass(eq=False)
class SessionState:
    """The server's side of `space.session()`: one hash, and the line of calls that wait for it.

    Attributes:
        dropped: A stream was closed before its end; the server then never ends the streams of this hash.
        parallel: Its calls run at the same time; otherwise one after the other.
        keep: It continues after its `with` block.
        blocks: How many `with` blocks hold it open.
        caller: Server, options and cookies of its last call; None if the server has not seen the session yet.
        first: The first answer of the session, which its other requests wait for.
        mail: Distributes the messages of its one stream, if calls run at the same time.
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
        """In a forked child: start empty. The process that began the session ends it."""
        from .mail import Mail

        self.lock, self.caller = threading.Lock(), None
        self.mail = Mail() if self.parallel else None
        self.first = FirstAnswer()
        self._cookies: dict[Caller, Jar] = {}

    def cookies_of(self, caller: Caller) -> Jar:
        """The cookies of the session: behind a load balancer, they lead to the replica that has its state."""
        from .credentials import Jar

        with self.lock:
            return self._cookies.setdefault(caller, Jar(caller.jar))

    def enter(self) -> None:
        """Another `with` block opens it."""
        with self.lock:
            self.blocks += 1

    def leave(self) -> Asker | None:
        """A `with` block ends; see `to_end`."""
        with self.lock:
            self.blocks -= 1
        return self.to_end()

    def to_end(self) -> Asker | None:
        """Whom to tell that the session is over, if no block and no call uses it any more; else None."""
        with self.lock:
            if self.keep or self.blocks or not self.line.is_empty():
                return None
            caller, self.caller = self.caller, None
            return caller


class StepInHand:
    """One step of a session's stream whose receiver has not asked for the next step yet."""

    def __init__(self, session: SessionState) -> None:
        self.session = session
        self.open = True


in_hand: ContextVar[StepInHand | None] = ContextVar("the step in hand", default=None)
"""The step in whose loop body this code runs, directly or in a task, job or thread that inherits the context."""


def is_stuck(session: SessionState) -> bool:
    """Whether this call was made inside a loop over a stream of the session, and so waits for that same stream."""
    step = in_hand.get()
    return step is not None and step.session is session and step.open
