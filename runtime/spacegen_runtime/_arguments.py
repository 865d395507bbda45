"""A call's arguments, turned into what the server takes. Pure."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from ._file_data import META, FileData, is_url, lies_at_home
from ._files import Pending, far_url, wire_of
from ._options import Options
from ._provenance import ServerText
from ._server import Server
from .errors import FileRefused

PLAIN = frozenset({int, float, bool, type(None)})
LISTS = frozenset({list, tuple, set, frozenset})
Node = dict[str, Any]
NOWHERE: Node = {}


@lru_cache(maxsize=1024)
def file_paths(patterns: tuple[str, ...]) -> Node:
    """Patterns such as "history[].files[]" as a tree, whose leaves (key "") are where a str means a file."""
    root: Node = {}
    for pattern in patterns:
        node = root
        for step in pattern.replace("[]", ".[]").replace("{}", ".{}").split("."):
            node = node.setdefault(step, {})
        node[""] = True
    return root


class Encoder:
    """Walks arguments; collects the files that must be uploaded first."""

    def __init__(self, server: Server, options: Options) -> None:
        self.server = server
        self.options = options
        self.pending: list[Pending] = []

    def encode(self, value: Any, node: Node) -> Any:
        """The value as JSON takes it; files are dicts that `upload` completes."""
        kind = value.__class__
        if kind is str or kind is ServerText:
            return self._file(value) if "" in node else value
        if kind in PLAIN:
            return value
        if isinstance(value, Mapping):
            return self._mapping(cast(Any, value), node)
        if kind in LISTS or isinstance(value, tuple):
            inner: Node = node.get("[]", NOWHERE)
            return [self.encode(item, inner) for item in cast("list[Any]", value)]
        if kind in (FileData, bytes, bytearray) or hasattr(value, "__fspath__") or hasattr(value, "read"):
            return self._file(value)
        if hasattr(kind, "model_fields"):
            return self._mapping(dict(_fields(value)), node)
        return value

    def _mapping(self, value: Mapping[Any, Any], node: Node) -> dict[str, Any]:
        every: Node = node.get("{}", NOWHERE)
        return {str(key): self.encode(item, node.get(str(key), every)) for key, item in value.items()}

    def _file(self, given: Any) -> dict[str, Any]:
        """The one place where a value becomes a file: only what the caller typed is a path of this machine."""
        file = given if isinstance(given, FileData) else None
        if file is not None and self._lies_here(file):
            return wire_of(self.server, file)
        source: Any = given if file is None or file.local is None else file.local
        if isinstance(source, os.PathLike):
            source = cast(Any, os).fspath(source)
        if isinstance(source, ServerText) and source.startswith("data:"):  # it holds its bytes itself
            source = FileData.from_wire(source)
        address = _named_by_a_server(source)
        if address is not None:
            return self._by_reference(address)
        name = file.orig_name if file is not None else None
        if far_url(source) and self.server.protocol != "ws":
            return {"path": source, "orig_name": name or str(source).rpartition("/")[2], "meta": dict(META)}
        wire: dict[str, Any] = {}
        self.pending.append(Pending(source, name, wire, file))
        return wire

    def _by_reference(self, address: str) -> dict[str, Any]:
        """A path or address that a server named goes back as it came: what it means, the Space decides."""
        if self.server.protocol == "ws" and is_url(address):
            raise FileRefused(
                f"{address!r} was named by a Space and is not fetched; download it, and pass its bytes"
            )
        return wire_of(self.server, FileData(address))

    def _lies_here(self, file: FileData) -> bool:
        """Whether the Space has the file already; also one that came out of it and was pickled since."""
        if not file.path:
            return False
        if file.access is not None:
            return file.access.server.base == self.server.base
        return file.local is None and file.url in (None, "", self.server.file_url(file.path))


def _named_by_a_server(source: Any) -> str | None:
    """The path or address where a server's word alone says what to send; None where it may be opened or fetched.

    A file of an answer is fetched from its own Space, and from nowhere else.
    """
    if isinstance(source, FileData):
        if lies_at_home(source) or (source.url or "").startswith("data:"):
            return None
        source = next((place for place in (source.path, source.url) if is_url(place)), source.path or source.url)
    return source if isinstance(source, ServerText) else None


def _fields(model: Any) -> Iterable[tuple[str, Any]]:
    """A model's fields under the server's names; what was never set and is None is left out."""
    fields: dict[str, Any] = model.__class__.model_fields
    for name, field in fields.items():
        value = getattr(model, name)
        if value is not None or name in model.model_fields_set:
            yield field.serialization_alias or field.alias or name, value
    yield from (model.model_extra or {}).items()


def full_slots(values: Sequence[Any], hidden: Sequence[int]) -> list[Any]:
    """One entry for every input of the server: null where no parameter stands (State, buttons)."""
    if not hidden:
        return list(values)
    rest = iter(values)
    return [None if at in hidden else next(rest, None) for at in range(len(values) + len(hidden))]


def to_json(body: Mapping[str, Any]) -> bytes:
    """A request body; values that JSON does not know go through pydantic or their own `tolist`."""
    return json.dumps(body, default=_other, separators=(",", ":")).encode()


def _other(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy
        return value.tolist()
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)
