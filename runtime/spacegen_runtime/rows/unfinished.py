"""Rows of a checkpoint that were started and have no outcome: they may have run."""

from __future__ import annotations


class Unfinished:
    """Starts without an outcome, by key and by the row's number, which tells equal rows apart."""

    def __init__(self) -> None:
        self._starts: dict[str, dict[int, int]] = {}

    def start(self, key: str, number: int, instead: int | None) -> None:
        """A row was started; `instead` is the number that it had when an earlier run started it."""
        starts = self._starts.setdefault(key, {})
        earlier = 0 if instead is None else starts.pop(instead, 0)
        starts[number] = starts.get(number, 0) + earlier + 1

    def unsent(self, key: str, number: int) -> None:
        """The last start of a row did not reach the Space; earlier ones may have."""
        starts = self._starts.get(key, {})
        if starts.get(number, 0) > 1:
            starts[number] -= 1
        else:
            self.end(key, number)

    def end(self, key: str, number: int) -> None:
        """A row has its outcome."""
        starts = self._starts.get(key, {})
        starts.pop(number, None)
        if not starts:
            self._starts.pop(key, None)

    def take(self, key: str, number: int) -> tuple[int, int | None]:
        """How often a row without an outcome was started, and the number that it had then.

        The number of a row is another one if the input has changed. Each start is returned once.
        """
        starts = self._starts.get(key)
        if not starts:
            return 0, None
        earlier = number if number in starts else next(iter(starts))
        times = starts.pop(earlier)
        return times, earlier
