"""Turns a call's arguments into what the server takes. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from .._options import Options
from ..errors import FileRefused
from ..protocol.provenance import ServerText
from ..protocol.server import Server
from ..protocol.uploads import Pending, far_url, wire_of
from ..protocol.wire import META, is_url, lies_at_home
from .cannot_send import CannotSend, shown
from .file_data import FileData
from .given import is_frame, is_sound, is_upload
from .sources import checked, is_object, is_source

SEQUENCES = (list, tuple, set, frozenset, range, deque)
NO_IMAGE = frozenset({"Audio", "Video", "Model3d"})
NO_SOUND = frozenset({"Image", "Imageeditor", "Sketchpad", "Paint", "Gallery", "Video", "Model3d"})
LIST = "a list"
OBJECT = "a mapping or a model"
TABLE = "a table (a data frame, or a mapping or model with headers and data)"
WRONG: dict[str, tuple[type[Any], ...]] = {
    LIST: (str, int, float, FileData),
    OBJECT: (str, int, float, *SEQUENCES),
}
A_LIST = "a list of files"
ONE_FILE = "for one file, give a list of one"
VALUES = "what JSON can hold (text, numbers, lists, mappings) or a model"
WHOLE = 1e21  # from this number on, a browser writes an exponent
LONGEST_NUMBER = 4096  # bits; Python itself writes no more than 4300 digits
Node = dict[str, Any]
NOWHERE: Node = {}
STEP = re.compile(r"(\[\d*\]|\{\})")


@lru_cache(maxsize=1024)
def places(files: tuple[str, ...], lists: tuple[str, ...] = (), objects: tuple[str, ...] = ()) -> Node:
    """Patterns such as "sent.files[]" or "pairs[][0]" as a tree; at its leaves (key "") a str is a file.

    The leaf is False if something other than a file is possible as well ("pairs[][0]?"). The key "=" says that a
    list, or an object, is required there.
    """
    root: Node = {}
    for patterns, key, said in ((files, "", True), (lists, "=", LIST), (objects, "=", OBJECT)):
        for pattern in patterns:
            node = root
            for step in STEP.sub(r".\1", pattern.removesuffix("?")).split("."):
                node = node.setdefault(step, {})
            node[key] = False if pattern.endswith("?") else said
    return root


def at_index(node: Node, index: int) -> Node:
    """The node for one item: the one for all items, or the item's own in a list of fixed length."""
    return cast(Node, node.get("[]") or node.get(f"[{index}]", NOWHERE)) if node else NOWHERE


def _holds_files(node: Node) -> bool:
    """Whether this place is a list that contains files."""
    return bool(node) and any(step.startswith("[") and "" in inner for step, inner in node.items())


class Encoder:
    """Converts arguments, and collects the files that must be uploaded first."""

    def __init__(
        self, server: Server, options: Options, component: Callable[[str], str] = lambda name: ""
    ) -> None:
        self.server = server
        self.options = options
        self.component = component  # returns the component of an argument, or "" if it is not known
        self.pending: list[Pending] = []
        self._name = ""

    def argument(self, name: str, value: Any, node: Node) -> Any:
        """One argument, ready to be sent.

        Raises:
            CannotSend: It cannot be sent; the error's first step is the argument's name.
        """
        self._name = name
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.isoformat(" ", "seconds")  # what gr.DateTime reads, and no other form
        try:
            return self.encode(value, node)
        except CannotSend as refused:
            refused.steps.insert(0, name)
            raise
        except RecursionError:
            deep = CannotSend(VALUES, "something nested too deeply")
            deep.steps = [name]
            raise deep from None

    def encode(self, value: Any, node: Node) -> Any:
        """The value as JSON takes it; files are dicts that `upload` completes."""
        kind = value.__class__
        if value is None:
            return value
        if node and "=" in node:
            self._contained(value, node)
        if kind is bool and not node:
            return value
        if isinstance(value, str):
            return self._text(value, node)
        if "" in node and is_object(value):
            return self._object(value)
        if node.get("") and not (is_source(value) or isinstance(value, Mapping) or _holds_files(node)):
            checked(value)  # says what is wrong with it
        if isinstance(value, (int, float)):
            return value if kind is bool else _number(value)
        if isinstance(value, Mapping):
            return self._mapping(cast(Any, value), node)
        if isinstance(value, SEQUENCES):
            return self._list(cast("Iterable[Any]", value), node)
        if hasattr(kind, "model_fields"):
            return self._mapping(dict(_fields(value)), node)
        if is_source(value):
            return self._given_file(value, node)
        return self._other(value, node)

    def _contained(self, value: Any, node: Node) -> None:
        """Refuse what is no list, where one is wanted, or no object; to Python a text is a list of texts."""
        wanted: str = node["="]
        if not isinstance(value, WRONG[wanted]):
            return
        if _holds_files(node):
            raise CannotSend(A_LIST, shown(value), ONE_FILE)
        if wanted == LIST:
            raise CannotSend(LIST, shown(value), "for one value, give a list of one")
        if self.component(self._name) != "Dataframe":
            raise CannotSend(OBJECT, shown(value))
        advice = "of rows, make {'headers': [...], 'data': rows}" if isinstance(value, SEQUENCES) else ""
        raise CannotSend(TABLE, shown(value), advice)

    def _text(self, value: str, node: Node) -> Any:
        if "" in node:
            return self._file(value)
        if _holds_files(node):  # for a type checker, a text is a sequence of texts
            raise CannotSend(A_LIST, shown(value), ONE_FILE)
        return value

    def _given_file(self, value: Any, node: Node) -> Any:
        """A path object, bytes, ...: allowed where the endpoint takes a file; a FileData is allowed anywhere."""
        if "" in node or (isinstance(value, FileData) and not _holds_files(node)):
            return self._file(value)
        if _holds_files(node):
            raise CannotSend(A_LIST, shown(value), ONE_FILE)
        advice = "where it means a file, write FileData.of(it)" if node is NOWHERE else ""
        raise CannotSend(VALUES, shown(value), advice)

    def _object(self, value: Any) -> dict[str, Any]:
        """An image, an array or a sound, which is written as a file first."""
        component = self.component(self._name)
        if is_sound(value) and component in NO_SOUND:
            raise CannotSend(f"a file of a kind that {component} shows", "a sound (sample rate, array)")
        if not is_sound(value) and component in NO_IMAGE:
            advice = "give (sample rate, array)" if component == "Audio" else ""
            raise CannotSend(f"a file of a kind that {component} plays", shown(value), advice)
        return self._file(FileData.of(value))

    def _mapping(self, value: Mapping[Any, Any], node: Node) -> dict[str, Any]:
        every: Node = node.get("{}", NOWHERE)
        encoded: dict[str, Any] = {}
        key: Any = ""
        try:
            for key, item in value.items():
                name = str(key)
                # A field is a name; other keys of a tree are no fields.
                encoded[name] = self.encode(item, node.get(name, every) if name.isidentifier() else every)
        except CannotSend as refused:
            refused.steps.insert(0, f".{key}")
            raise
        return encoded

    def _list(self, value: Iterable[Any], node: Node) -> list[Any]:
        encoded: list[Any] = []
        try:
            if len(node) > ("=" in node):
                encoded.extend(self.encode(item, at_index(node, at)) for at, item in enumerate(value))
            else:
                encoded.extend(self.encode(item, NOWHERE) for item in value)
        except CannotSend as refused:
            refused.steps.insert(0, f"[{len(encoded)}]")
            raise
        return encoded

    def _other(self, value: Any, node: Node) -> Any:
        """A value that JSON does not have, but that has one obvious form in JSON."""
        if isinstance(value, Enum):
            return self.encode(value.value, node)
        if isinstance(value, Decimal):
            return _number(float(value))
        if isinstance(value, (date, time)):  # a datetime is a date
            return value.isoformat()
        if isinstance(value, UUID):
            return str(value)
        if is_frame(value):
            return self._table(value, node)
        if hasattr(value, "tolist") and hasattr(value, "shape"):  # numpy
            return self.encode(value.tolist(), node)
        if is_dataclass(value) and not isinstance(value, type):
            return self._mapping({one.name: getattr(value, one.name) for one in fields(value)}, node)
        several = not hasattr(value, "columns") and isinstance(value, Iterable)
        raise CannotSend(VALUES, shown(value), "make it a list with list(...)" if several else "")

    def _table(self, frame: Any, node: Node) -> Any:
        component = self.component(self._name)
        if component not in ("Dataframe", ""):
            raise CannotSend(VALUES, shown(frame), f"{component} is no table")
        from .objects import table_of

        return self.encode(table_of(frame), node)

    def _file(self, given: Any) -> dict[str, Any]:
        """The one place where a value becomes a file.

        Only a text that the caller wrote is a path on this machine.
        """
        file = FileData.of(given) if is_upload(given) else given if isinstance(given, FileData) else None
        if file is not None and self._lies_here(file):
            return wire_of(self.server, file)
        source: Any = given if file is None or file.local is None else file.local
        if isinstance(source, ServerText) and source.startswith("data:"):  # it contains its bytes itself
            source = FileData.from_wire(source)
        address = _named_by_a_server(source)
        if address is not None:
            return self._by_reference(address)
        name = file.orig_name if file is not None else None
        source = checked(source)
        if far_url(source) and self.server.protocol != "ws":
            return {"path": source, "orig_name": name or str(source).rpartition("/")[2], "meta": dict(META)}
        wire: dict[str, Any] = {}
        self.pending.append(Pending(source, name, wire, file))
        return wire

    def _by_reference(self, address: str) -> dict[str, Any]:
        """A path or address that a server named is sent back unchanged; the Space decides what it means."""
        if self.server.protocol == "ws" and is_url(address):
            raise FileRefused(
                f"{address!r} was named by a Space and is not fetched; download it, and pass its bytes"
            )
        return wire_of(self.server, FileData(address))

    def _lies_here(self, file: FileData) -> bool:
        """Whether the Space has the file already; also if it came from this Space and was pickled since."""
        if not file.path:
            return False
        if file.access is not None:
            return file.access.server.base == self.server.base
        return file.local is None and (not file.url or file.url == self.server.place_of(file.path, file.url))


def _named_by_a_server(source: Any) -> str | None:
    """The path or address, if only a server named what to send; None if it may be opened or fetched.

    A file of an answer is fetched only from its own Space.
    """
    if isinstance(source, FileData):
        if lies_at_home(source) or (source.url or "").startswith("data:"):
            return None
        source = next((place for place in (source.path, source.url) if is_url(place)), source.path or source.url)
    return source if isinstance(source, ServerText) else None


def _fields(model: Any) -> Iterable[tuple[str, Any]]:
    """A model's fields under the server's names; fields that were never set and are None are left out."""
    fields: dict[str, Any] = model.__class__.model_fields
    for name, field in fields.items():
        value = getattr(model, name)
        if value is not None or name in model.model_fields_set:
            yield field.serialization_alias or field.alias or name, value
    yield from (model.model_extra or {}).items()


def _number(value: float) -> float:
    """A number as a browser sends it: whole numbers without a decimal point, which some apps require."""
    if isinstance(value, int):
        if value.bit_length() > LONGEST_NUMBER:
            raise CannotSend("a number", "one of thousands of digits")
        return int(value)
    number = float(value)
    return int(number) if abs(number) < WHOLE and number.is_integer() else number
