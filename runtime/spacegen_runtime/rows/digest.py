"""A digest of a call: the same endpoint with the same arguments has the same key, in every process."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

from .._plan import Plan
from ..errors import InputRefused
from ..values.file_data import FileData

SIZE = 16  # bytes; among 10**12 rows, two have the same key with a probability of 10**-15


def key_of(plan: Plan) -> str:
    """The key of a call, as hexadecimal digits.

    Where the endpoint takes files, a text may name one. A file is identified by its path, its size and the time of
    its last change.

    Raises:
        InputRefused: An argument cannot be recognised by a later run.
    """
    files = bool(plan.files)
    told = {name: _told(value, files) for name, value in plan.given.items()}
    text = json.dumps([str(plan.endpoint), told], sort_keys=True, separators=(",", ":"), default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=SIZE).hexdigest()


def _told(value: Any, files: bool) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _file(value) if files else value
    if isinstance(value, Mapping):
        return {str(key): _told(one, files) for key, one in cast(Any, value).items()}
    if isinstance(value, (list, tuple)):
        return [_told(one, files) for one in cast("list[Any]", value)]
    if isinstance(value, os.PathLike):
        return _file(os.fspath(cast("os.PathLike[str]", value)))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", blake2b(bytes(cast(Any, value)), digest_size=SIZE).hexdigest()]
    if isinstance(value, FileData):
        return _told(value.to_wire() if value.local is None else value.local, files=True)
    names: tuple[str, ...] = tuple(getattr(value.__class__, "model_fields", ()))
    if names:
        return {name: _told(getattr(value, name), files) for name in names}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _told(getattr(value, one.name), files) for one in fields(value)}
    return _other(value, files)


def _file(name: str) -> Any:
    try:
        state = Path(name).stat()
    except (OSError, ValueError):  # a text, or an address
        return name
    return ["file", name, state.st_size, state.st_mtime_ns]


def _other(value: Any, files: bool) -> Any:
    """Images and arrays by their contents; sets, dates and the like by their printed form."""
    if hasattr(value, "tobytes"):
        shape = [str(getattr(value, name, "")) for name in ("mode", "size", "shape", "dtype")]
        return [type(value).__name__, *shape, blake2b(value.tobytes(), digest_size=SIZE).hexdigest()]
    if isinstance(value, (set, frozenset)):
        return sorted(json.dumps(_told(one, files), default=str) for one in cast("set[Any]", value))
    if hasattr(value, "read"):
        raise InputRefused("a later run cannot recognise an open file; give its path")
    text = repr(value)
    if f"at 0x{id(value):x}" in text.lower() or " object at 0x" in text:
        raise InputRefused(f"a {type(value).__name__} cannot be recognised by a later run")
    return [type(value).__name__, text]
