"""Saves files of results: complete or not at all, and never over a file that the caller did not name."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePath

from .._caller import warn_caller
from ..errors import UnexpectedOutput, UnexpectedOutputWarning
from ..protocol.kinds import HEAD, ending_of, is_another
from ..protocol.names import safe_name
from ..protocol.provenance import ServerText
from ..protocol.wire import WireFile

_SLASHES = ("/", os.sep, os.altsep or "/")
NUMBERED = 100  # beyond this, searching for the next number would take long


class Saving:
    """A file that is being saved, under a temporary name until it is complete.

    Attributes:
        part: The file to write.
    """

    def __init__(self, to: str | os.PathLike[str], file: WireFile) -> None:
        self._name = file.name
        if isinstance(to, ServerText):  # the Space chose it: it is a name for a file, and no place on this machine
            to, self._name = ".", safe_name(to)
        target = Path(to)
        if os.fsdecode(to).endswith(_SLASHES):
            target.mkdir(parents=True, exist_ok=True)
        self._named = None if target.is_dir() else target
        self._folder = target if self._named is None else target.parent
        if not self._folder.is_dir():
            text = "no such folder; a name that ends with a slash makes one"
            raise FileNotFoundError(errno.ENOENT, text, str(self._folder))
        self._file = file
        self.part = self._folder / f".{secrets.token_hex(8)}.part"

    def finish(self) -> Path:
        """Give it its name, and return its path.

        A file that the caller named is replaced. In a folder, the name comes from the server and replaces nothing.
        """
        if self._named is not None:
            self._check_ending(self._named)
            if self._named.exists() and not self._named.is_file():  # a device or a pipe takes the bytes, and stays
                with self.part.open("rb") as source, self._named.open("wb") as pipe:
                    shutil.copyfileobj(source, pipe)
                self.part.unlink()
                return self._named
            return self.part.replace(self._named)
        for name in _free_names(self._name):
            target = self._folder / name
            try:
                target.open("xb").close()  # so that no other program takes the name
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

    def _check_ending(self, named: Path) -> None:
        """Warn if, for example, the name says PNG and the file is a WebP."""
        with self.part.open("rb") as file:
            head = file.read(HEAD)
        if not is_another(named.suffix, head):
            return
        better = named.with_suffix(ending_of(head)).name
        problem = f"{named.name!r} would be the name of a file that is {ending_of(head)}; call it {better!r}"
        if self._file.access is not None and self._file.access.options.strict:
            raise UnexpectedOutput(problem, url=self._file.url)
        warn_caller(f"{problem}, or convert it: file.image().save(...)", UnexpectedOutputWarning)

    def give_up(self) -> None:
        """Delete the temporary file."""
        with suppress(OSError):
            self.part.unlink(missing_ok=True)


def _free_names(name: str) -> Iterator[str]:
    """The name, and alternatives to it: "cat.png", "cat-2.png", ..."""
    path = PurePath(name)
    yield name
    for number in range(2, NUMBERED):
        yield f"{path.stem}-{number}{path.suffix}"
    while True:
        yield f"{path.stem}-{secrets.token_hex(4)}{path.suffix}"
