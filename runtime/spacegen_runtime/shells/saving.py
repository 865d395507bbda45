"""Saves files of results: complete or not at all, and never over a file that the caller did not name."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePath

NUMBERED = 100  # from here on a look for the next number would take long


class Saving:
    """A file that is being saved: under another name until it is complete.

    Attributes:
        part: The file to write.
    """

    def __init__(self, to: Path, name: str) -> None:
        self._named = None if to.is_dir() else to
        self._folder = to if self._named is None else to.parent
        self._name = name
        self.part = self._folder / f".{secrets.token_hex(8)}.part"

    def finish(self) -> Path:
        """Give it its name, and return its path.

        A file that the caller named is replaced. In a folder the server chose the name, and replaces nothing.
        """
        if self._named is not None:
            return self.part.replace(self._named)
        for name in _free_names(self._name):
            target = self._folder / name
            try:
                target.open("xb").close()  # so that nobody else takes the name
            except OSError:
                if not target.is_symlink() and not target.exists():
                    raise
                continue
            try:
                return self.part.replace(target)
            except OSError:
                target.unlink()
                raise
        raise AssertionError("there is always another name")

    def give_up(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):
            self.part.unlink(missing_ok=True)


def _free_names(name: str) -> Iterator[str]:
    """The name, and others that stand in for it: "cat.png", "cat-2.png", ..."""
    path = PurePath(name)
    yield name
    for number in range(2, NUMBERED):
        yield f"{path.stem}-{number}{path.suffix}"
    while True:
        yield f"{path.stem}-{secrets.token_hex(4)}{path.suffix}"
