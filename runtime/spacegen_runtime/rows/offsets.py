"""The position of each outcome in a journal: about 50 bytes a row, where a dict of lists needs 300."""

from __future__ import annotations

from array import array

FIRST = 1 << 10


class Offsets:
    """Positions by key; several positions of one key are returned one by one, the first one first.

    An open-addressing table of 64 bits of the key. The reader of the line at a position must check the key: among
    ten million keys, two share those bits with a probability of 3 in a million.
    """

    def __init__(self) -> None:
        self._size = FIRST
        self._keys = 0
        self._marks = array("Q", bytes(8 * FIRST))
        self._newest = array("Q", bytes(8 * FIRST))  # 1 + number of an entry; the newest of its key
        self._places = array("Q")
        self._next = array("Q")  # 1 + number of the next entry of the same key; after the newest, the oldest

    def __len__(self) -> int:
        return len(self._places)

    def add(self, key: str, place: int) -> None:
        """Remember a position."""
        if 3 * self._keys >= 2 * self._size:
            self._grow()
        mark = _mark(key)
        slot = self._slot(mark)
        if not self._marks[slot]:
            self._marks[slot] = mark
            self._keys += 1
        self._places.append(place)
        newest, added = self._newest[slot], len(self._places)
        self._next.append(self._next[newest - 1] if newest else added)
        if newest:
            self._next[newest - 1] = added
        self._newest[slot] = added

    def __contains__(self, key: str) -> bool:
        """Whether a position of this key was ever added, even if it was taken."""
        return bool(self._marks[self._slot(_mark(key))])

    def take(self, key: str) -> int | None:
        """A position of this key, which is not returned again; None if there is none left."""
        slot = self._slot(_mark(key))
        newest = self._newest[slot]
        if not newest:
            return None
        oldest = self._next[newest - 1]
        if oldest == newest:
            self._newest[slot] = 0
        else:
            self._next[newest - 1] = self._next[oldest - 1]
        return self._places[oldest - 1]

    def _slot(self, mark: int) -> int:
        slot = mark & (self._size - 1)
        while self._marks[slot] not in (0, mark):
            slot = (slot + 1) & (self._size - 1)
        return slot

    def _grow(self) -> None:
        marks, newest = self._marks, self._newest
        self._size *= 2
        self._marks, self._newest = array("Q", bytes(8 * self._size)), array("Q", bytes(8 * self._size))
        for mark, head in zip(marks, newest, strict=True):
            if mark:
                slot = self._slot(mark)
                self._marks[slot], self._newest[slot] = mark, head


def _mark(key: str) -> int:
    return int(key[:16], 16) or 1
