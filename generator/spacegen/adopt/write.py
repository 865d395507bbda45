"""Replaces a file completely or not at all, also if the process dies at any moment."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from spacegen.adopt.found import UnreadableFile


def replace_file(path: Path, before: bytes, after: bytes) -> None:
    """Replace a file that is still as it was read.

    Args:
        path: The file; if it is a link, its target is replaced.
        before: The bytes that were read.
        after: The bytes to write.

    Raises:
        UnreadableFile: It has changed meanwhile, or cannot be written; it is unchanged.
    """
    target = path.resolve()
    try:
        if target.read_bytes() != before:
            raise UnreadableFile("was changed by another program in the meantime; it is left as it is")
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(target, temporary)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UnreadableFile(f"cannot be written: {error.strerror or error}; it is unchanged") from None
