"""A lock of the operating system on a file, which ends with the process that holds it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from ..errors import ConfigurationError


def locked(file: IO[bytes], path: Path) -> None:
    """Take the file for this process alone, until it is closed.

    Raises:
        ConfigurationError: Another process (or another run of this one) has it.
    """
    try:
        _lock(file)
    except OSError as error:
        raise ConfigurationError(f"another run writes to {path} now; wait for it, or name another file") from error


if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 60  # a byte that is never written, because on Windows a locked byte cannot be read

    def _lock(file: IO[bytes]) -> None:
        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
