"""Exchanging two folders in one step, as far as the operating system can, with a lock."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # Linux: renameat2(2)
_RENAME_SWAP = 2  # macOS: renamex_np(2)
# The call exists, but this kernel or file system cannot do it.
_UNABLE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})


def swap(first: Path, second: Path) -> bool:
    """Exchange two folders in one atomic step.

    Returns:
        False if the system cannot do that; then nothing has changed.

    Raises:
        OSError: The system can do it in general, but not with these two folders.
    """
    code = _native_swap(os.fsencode(first), os.fsencode(second))
    if code in _UNABLE:
        return False
    if code:
        raise OSError(code, os.strerror(code), str(second))
    return True


def _native_swap(first: bytes, second: bytes) -> int:
    """Return 0, or the errno of the system's own call."""
    if sys.platform == "linux":
        call, arguments = "renameat2", (_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE)
    elif sys.platform == "darwin":
        call, arguments = "renamex_np", (first, second, _RENAME_SWAP)
    else:
        return errno.ENOSYS
    function = getattr(ctypes.CDLL(None, use_errno=True), call, None)
    if function is None:  # a C library older than 2018, or musl
        return errno.ENOSYS
    return 0 if function(*arguments) == 0 else ctypes.get_errno()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let only one process at a time replace packages in a folder; the others wait.

    The lock is on the folder itself, so it leaves nothing behind, and the system releases it when the process
    dies. Windows cannot lock folders: there, a file in the folder is locked, and removed afterwards.
    """
    if sys.platform == "win32":
        from filelock import FileLock

        with FileLock(folder / ".spacegen.lock"):
            yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems lock no folders
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power failure, if the system supports that."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
