"""A digest of a call: the same endpoint with the same arguments has the same key, in every process."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from pathlib import Path
from stat import S_ISREG
from typing import Any, cast
from uuid import UUID

from .._plan import Plan
from ..errors import InputRefused
from ..protocol.provenance import ServerText
from ..values.encode import NOWHERE, Node, at_index, places
from ..values.file_data import FileData
from ..values.given import is_array, is_frame
from ..values.published import PUBLISHED

SIZE = 16  # bytes; among 10**12 rows, two have the same key with a probability of 10**-15
PRINTED = (Enum, Decimal, date, time, UUID, range)  # their printed form is all that they are
FILE: Node = {"": True}
REFERRING = ("O", "T")  # kinds of arrays whose bytes are references: to objects, or to texts of any length


def key_of(plan: Plan) -> str:
    """The key of a call, as hexadecimal digits.

    Where the endpoint takes a file, a text may name one. A file is identified by its path, its size and the time
    of its last change.

    Raises:
        InputRefused: An argument cannot be recognised by a later run.
    """
    tree = places(plan.files)
    try:
        told = {name: _told(value, tree.get(name, NOWHERE)) for name, value in plan.given.items()}
        text = json.dumps([str(plan.endpoint), told], sort_keys=True, separators=(",", ":"), default=str)
    except RecursionError:
        raise InputRefused("a later run cannot recognise something nested so deeply") from None
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=SIZE).hexdigest()


def _told(value: Any, node: Node) -> Any:
    """What distinguishes a value, in JSON; `node` says where in it a text is a file."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):  # what a Space wrote names no file of this machine
        return _file(value) if "" in node and not isinstance(value, ServerText) else value
    if isinstance(value, Mapping):
        every: Node = node.get("{}", NOWHERE)
        return {str(key): _told(one, node.get(str(key), every)) for key, one in cast(Any, value).items()}
    if isinstance(value, (list, tuple, deque)):
        return [_told(one, at_index(node, at)) for at, one in enumerate(cast("list[Any]", value))]
    if isinstance(value, os.PathLike):
        return _file(os.fspath(cast("os.PathLike[str]", value)))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", _digest(bytes(cast(Any, value)))]
    if isinstance(value, FileData):
        return _told(value.to_wire(), NOWHERE) if value.local is None else _told(value.local, FILE)
    if hasattr(value.__class__, "model_fields"):
        return _model(value, node)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _told(getattr(value, one.name), node.get(one.name, NOWHERE)) for one in fields(value)}
    return _other(value, node)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=SIZE).hexdigest()


def _file(name: str) -> Any:
    try:
        state = Path(name).stat()
    except (OSError, ValueError):  # a text, or an address
        return name
    # A folder is no file to send, and changes for other reasons; an empty text would be the current one
    return ["file", name, state.st_size, state.st_mtime_ns] if S_ISREG(state.st_mode) else name


def _model(value: Any, node: Node) -> dict[str, Any]:
    told = dict[str, Any]()
    declared: dict[str, Any] = value.__class__.model_fields
    more: dict[str, Any] = value.model_extra or {}
    for name, field in declared.items():
        sent: str = field.serialization_alias or field.alias or name
        told[name] = _told(getattr(value, name), node.get(sent, NOWHERE))
    return {**told, **{name: _told(one, node.get(name, NOWHERE)) for name, one in more.items()}}


def _other(value: Any, node: Node) -> Any:
    """Images, arrays and frames by their contents; dates and the like by their printed form."""
    kind = type(value).__name__
    if is_frame(value):
        from ..values.objects import table_of

        return [kind, _told(table_of(value), NOWHERE)]
    refers = getattr(getattr(value, "dtype", None), "kind", "") in REFERRING
    if hasattr(value, "tobytes") and not refers:
        shape = [str(getattr(value, name, "")) for name in ("mode", "size", "shape", "dtype")]
        return [kind, *shape, _digest(value.tobytes()), *_palette(value)]
    if hasattr(value, "tolist") and hasattr(value, "shape"):
        return [kind, str(getattr(value, "dtype", "")), _told(value.tolist(), node)]
    if is_array(value):
        return [kind, _other(value.__array__(), node)]
    if isinstance(value, (set, frozenset)):
        inner = node.get("[]", NOWHERE)
        return sorted(json.dumps(_told(one, inner), default=str) for one in cast("set[Any]", value))
    if isinstance(value, PRINTED) or value is PUBLISHED:
        return [kind, repr(value)]
    if hasattr(value, "read"):
        raise InputRefused("a later run cannot recognise an open file; give its path")
    raise InputRefused(f"a {kind} cannot be recognised by a later run")


def _palette(image: Any) -> list[str]:
    """The colours of an image whose bytes are numbers of colours, and which of them is transparent."""
    if getattr(image, "mode", "") not in ("P", "PA"):
        return []
    return [_digest(bytes(image.getpalette(None) or ())), repr(image.info.get("transparency"))]
