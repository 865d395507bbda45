"""A limit on the work that the documents of one Space may cause.

A few bytes can cause gigabytes of work: `$ref`s that double, one component behind thousands of inputs, files in an
object that is written out for every parameter. So the code that reads documents must pay for each piece before it
is made, once for each use. The budget suffices for what a document contains literally; only repetition can exceed
it, and fields of many hundreds of different types, which take longest.
"""

from __future__ import annotations

from typing import Any

from spacegen.errors import TooLarge
from spacegen.fetching.documents import Documents

_FREE = 10_000
MOST = 100_000
"""Forty times what the largest measured app needs."""
_COPIED = 8
"""So many values cost as much as one piece, if they are only copied or looked at."""
_CHARACTERS = 100
"""So many characters cost as much as one piece; a piece is a node of a type, a choice or an input."""


class Budget:
    """The number of pieces that may still be made.

    Args:
        documents: What causes the work; each value in it allows one more piece.
        free: Pieces that are always allowed.
    """

    def __init__(self, documents: Documents | None = None, *, free: int = _FREE) -> None:
        self._documents = documents
        self._left = free
        self.taken = 0

    def take(self, pieces: int = 1) -> None:
        """Pay for some pieces before they are made.

        Raises:
            TooLarge: They are more than the documents allow.
        """
        self.taken += pieces
        self._left -= pieces
        if self._left < 0:
            self._ask_for_more()

    def take_choices(self, choices: Any) -> None:
        """Pay for values that a type names one by one."""
        self.take(pieces_of(choices, MOST))

    def take_keys(self, value: Any) -> None:
        """Pay for looking through the keys of an object; other values cost nothing."""
        if isinstance(value, dict):
            self.take(len(value) // _COPIED)

    def take_words(self, *texts: str) -> None:
        """Pay for text that is repeated."""
        self.take(sum(map(len, texts)) // _CHARACTERS)

    def take_default(self, value: Any) -> None:
        """Pay for a copy of a JSON value, which is far less work than a type with as many nodes."""
        self.take(1 + pieces_of(value, MOST) // _COPIED)

    def _ask_for_more(self) -> None:
        if self._documents is not None:
            documents, self._documents = self._documents, None
            written = [documents.config, documents.info, documents.openapi]
            self._left += min(pieces_of(written, MOST), MOST - _FREE)
        if self._left < 0:
            raise TooLarge(
                "The Space's types, choices and inputs are too many to be written as one package.",
                "Use --include to name the endpoints that you need.",
            )


def pieces_of(value: Any, most: int) -> int:
    """Count the values in a JSON value; a long text counts as several. Stop soon after `most`."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        one = waiting.pop()
        count += 1
        if isinstance(one, str):
            count += len(one) // _CHARACTERS
        elif isinstance(one, dict):
            count += sum(map(len, one)) // _CHARACTERS
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return count
