"""Session hashes: new ones, and those that calls of one caller use one after the other."""

from __future__ import annotations

import os

from .. import _fork

IDLE_HASHES = 256


def new_hash() -> str:
    """A session hash that nobody can guess, because anyone who knows it can read the session."""
    return os.urandom(8).hex()


class Hashes:
    """Session hashes that calls of one caller use one after the other.

    The server copies its whole page for each new hash. That costs little for a small app, but 35 to 45 ms and
    close to a megabyte for one of 390 components (Gradio 5.50 and later). So `map` has one of these for its
    rows, and `reuse_sessions=True` one for all calls of a package; every other call has a new hash.
    """

    def __init__(self) -> None:
        self._idle: list[str] = []
        _fork.forgets(self)

    def forget(self) -> None:
        """A forked child shares no hashes with its parent."""
        self._idle = []

    def take(self) -> str:
        """A hash that no other call uses at the moment."""
        try:
            return self._idle.pop()
        except IndexError:
            return new_hash()

    def give_back(self, used: str, *, unchanged: bool) -> None:
        """Keep the hash for another call, unless something that happened in this call could be seen there.

        Args:
            used: The hash.
            unchanged: The call gave a result without updates and files, and its stream was read to its end: there
                was no error, no dropped stream and no cancel.
        """
        if unchanged and len(self._idle) < IDLE_HASHES:
            self._idle.append(used)
