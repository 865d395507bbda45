"""Files that several calls may send at the same time. No network I/O."""

from __future__ import annotations

import io
import os
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

from .. import errors

_turns: WeakKeyDictionary[Any, RLock] = WeakKeyDictionary()


def turn(file: Any) -> RLock:
    """The lock of a file object, to be held from going to a place in it until what is there was read."""
    try:
        return _turns.setdefault(file, RLock())
    except TypeError:  # an object of some class that nothing can refer to weakly
        return RLock()


def stat_of(path: str) -> os.stat_result:
    """What the system says of a file; raises FileRefused if it is gone since the call began."""
    try:
        return Path(path).stat()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: str, error: OSError) -> errors.FileRefused:
    """The error for a file that the system does not let us read."""
    return errors.FileRefused(f"{path!r} cannot be read: {error.strerror or error}")


def size_of(source: Any) -> int | None:
    """Bytes to send; None if that is unknown, and then it cannot be sent twice either."""
    if isinstance(source, (bytes, bytearray)):
        return len(source)
    if isinstance(source, str):
        return stat_of(source).st_size
    try:
        with turn(source):
            here = source.tell()
            size = source.seek(0, io.SEEK_END)
            size = source.tell() if size is None else size
            source.seek(here)
    except (AttributeError, OSError):
        return None
    return int(size)
