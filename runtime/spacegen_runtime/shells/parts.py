"""The files of an upload, as httpx reads them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

from .. import errors
from ..protocol.actions import Request, TimedOut
from ..protocol.sharing import size_of, turn, unreadable


def opened(request: Request, stack: ExitStack) -> list[tuple[str, tuple[str, Any, str]]]:
    """The files of a request, as httpx takes them; those given as paths are closed by the stack."""
    total = _UploadTotal(request)
    parts: list[tuple[str, tuple[str, Any, str]]] = []
    for name, source, media in request.files or ():
        if isinstance(source, str):
            source = _file_at(source, stack)
        elif isinstance(source, (bytes, bytearray)) and total.counts:
            import io

            source = io.BytesIO(source)
        parts.append(("files", (name, _part(name, source, total), media)))
    return parts


def _file_at(path: str, stack: ExitStack) -> Any:
    try:
        return stack.enter_context(Path(path).open("rb"))  # closed by the stack
    except OSError as error:
        raise unreadable(path, error) from error


def _part(name: str, source: Any, total: _UploadTotal) -> Any:
    if isinstance(source, (bytes, bytearray)):
        return source
    size = size_of(source)
    if size is None:
        return _Part(name, source, total)
    total.size += size
    return _SharedPart(name, source, total, size)


class _UploadTotal:
    """Adds up the sent bytes of one request's files, and ends the request when its time is up.

    httpx limits each single write, so a slow but steady connection never exceeds its limit.
    """

    def __init__(self, request: Request) -> None:
        self.counts = request.progress is not None or request.limit is not None
        self.report = request.progress
        self.url = request.url
        self.deadline = None if request.limit is None else monotonic() + request.limit
        self.sent = 0
        self.size = 0

    def add(self, size: int) -> None:
        """So many bytes more."""
        if self.deadline is not None and monotonic() > self.deadline:
            raise TimedOut("upload", self.url)
        self.sent += size
        if self.report is not None:
            self.report(self.sent, self.size)


class _Part:
    """A file that is read once, from where it is; an error that reading it raises names the file."""

    def __init__(self, name: str, file: Any, total: _UploadTotal) -> None:
        self._name = name
        self._file = file
        self._total = total

    def read(self, size: int) -> Any:
        """So many bytes or fewer; none at the end."""
        data = self._next(size)
        self._total.add(len(data))
        return data

    def _next(self, size: int) -> Any:
        try:
            return self._file.read(size)
        except Exception as error:  # an unknown object may raise anything
            raise errors.FileRefused(f"{self._name} cannot be read: {error}") from error


class _SharedPart(_Part):
    """A file of a known size, read from a place of its own: other calls may read the same object meanwhile.

    httpx announces the size, so a file that has another one by then ends the request.
    """

    def __init__(self, name: str, file: Any, total: _UploadTotal, size: int) -> None:
        super().__init__(name, file, total)
        self._size = size
        self._at = 0

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another place, counted as `io.IOBase.seek` counts."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def _next(self, size: int) -> Any:
        with turn(self._file):
            self._file.seek(self._at)
            data = super()._next(size)
        self._at += len(data)
        if self._at > self._size or (not data and self._at < self._size):
            raise errors.FileRefused(f"{self._name} changed while it was sent")
        return data
