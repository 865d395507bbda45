"""Reading files that a stranger may have put there: only regular files of a limited size."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

_FORBIDDEN = frozenset('\\:*?"<>|')


class NotPlain(OSError):
    """It is a link, a device, a pipe, a folder, or too large; the message says which. Nothing was read."""


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading, without following a link and without waiting for a device or a pipe.

    Raises:
        NotPlain: It is not a regular file.
        OSError: It does not exist, or cannot be read.
    """
    # A file can be replaced between a check and its opening, so the opened file is checked. O_NONBLOCK is
    # for pipes, whose opening waits for a writer; Windows has neither flag.
    if path.is_symlink():
        raise NotPlain(0, "it is a symbolic link")
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")]
    file = os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise NotPlain(0, "it is not a regular file")
    return file


def read_plain(path: Path, most: int) -> bytes:
    """Read a whole regular file.

    Args:
        path: The file.
        most: Bytes that it may have.

    Raises:
        NotPlain: It is not a regular file, or it is larger.
        OSError: It does not exist, or cannot be read.
    """
    with open_plain(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise NotPlain(0, f"it is larger than {most >> 20} MB")
    return content


def is_inside_name(name: str) -> bool:
    """Return whether a text is a plain path below a folder, with `/` between names valid on every system."""
    path = PurePosixPath(name)
    plain = name == str(path) and not path.is_absolute() and not {"", ".", ".."} & set(name.split("/"))
    return plain and name.isprintable() and not set(name) & _FORBIDDEN


def read_inside(folder: Path, name: str, most: int) -> bytes:
    """Read a file of a folder as `read_plain` does; no part of its path may be a link.

    Raises:
        NotPlain: Its name leads out of the folder, a part of its path is a link, or it is not a regular file.
        OSError: It does not exist, or cannot be read.
    """
    if not is_inside_name(name):
        raise NotPlain(0, "its name leads outside the folder")
    above = folder
    for part in name.split("/")[:-1]:
        above = above / part
        if above.is_symlink():
            raise NotPlain(0, "it is reached through a symbolic link")
    return read_plain(folder / name, most)
