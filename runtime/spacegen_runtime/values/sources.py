"""Checks and prepares what a caller passes as a file, before anything is sent."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

from ..protocol.wire import is_url
from .cannot_send import CannotSend, shown
from .file_data import FileData
from .given import is_array, is_frame, is_image, is_sound

A_FILE = "a file (a path, an http(s) URL, bytes, a binary file object, an image, an array or a FileData)"
BUFFERS: tuple[type[Any], ...] = (bytearray, memoryview)


def is_source(value: Any) -> bool:
    """Whether this always means a file: bytes, a path object, a file object, a FileData."""
    return isinstance(value, (FileData, bytes, *BUFFERS)) or hasattr(value, "__fspath__") or hasattr(value, "read")


def is_object(value: Any) -> bool:
    """Whether this is written as a file before it is sent: an image, an array, or a sound."""
    return not isinstance(value, FileData) and (is_image(value) or is_array(value) or is_sound(value))


def checked(source: Any) -> Any:
    """The source as it is sent: a path as text, bytes, or a binary file object.

    Raises:
        CannotSend: It is none of them, or it cannot be read.
    """
    if isinstance(source, BUFFERS):
        return bytes(source)
    if isinstance(source, FileData) and not (source.path or source.url):
        raise CannotSend(A_FILE, "a FileData without path and url")
    if isinstance(source, (bytes, FileData)) or is_url(source):
        return source
    if isinstance(source, str) or hasattr(source, "__fspath__"):
        return _readable(os.fsdecode(source))
    if not hasattr(source, "read"):
        raise CannotSend(A_FILE, shown(source), _advice(source))
    _check_open(source)
    return source


def _readable(path: str) -> str:
    if path.startswith("data:"):
        raise CannotSend(A_FILE, "a data URL", "decode it, and give its bytes")
    if not path:
        raise CannotSend(A_FILE, "an empty text")
    try:
        there, folder = Path(path).exists(), Path(path).is_dir()
    except (OSError, ValueError):  # longer than a path can be, or it contains NUL
        there = folder = False
    if folder:
        raise CannotSend(A_FILE, f"the folder {path!r}", "give the files in it")
    if there and os.access(path, os.R_OK):
        return path
    if there:
        raise CannotSend(A_FILE, f"{shown(path)}, which this process may not read")
    refused = CannotSend(A_FILE, f"{shown(path)}, which is not a file on this machine")
    refused.missing = True
    raise refused


def _check_open(file: Any) -> None:
    try:
        start = file.read(0)
    except Exception as error:  # an unknown object may raise anything
        raise CannotSend("a file object that can be read", f"{shown(file)}: {error}") from error
    if inspect.iscoroutine(start):
        start.close()
    if not isinstance(start, (bytes, bytearray, memoryview)):
        how = "open it with mode 'rb'" if isinstance(start, str) else ""
        raise CannotSend("a binary file object", f"{shown(file)}, which gives {type(start).__name__}", how)


def _advice(value: Any) -> str:
    if is_frame(value):
        return "write the table into a file first (to_csv), and give that"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "it takes one file, not several (a sound is (sample rate, array))"
    return ""
