"""JSON Schemas as Gradio writes them -> canonical schemas -> type nodes and shared models.

A canonical schema has its local `$defs` resolved, noise removed and its size limited. Equal meaning gives equal
bytes, so `spacegen.json` stores this form. Objects with known fields become models, one for each content, even if
many endpoints use it.
"""

from __future__ import annotations

from typing import Any

from spacegen.errors import DocumentError
from spacegen.ir.forms import DATA_URL, FILE, is_number, is_scalar
from spacegen.reading.budget import Budget
from spacegen.text import is_printable

_DEEPEST = 24
_MOST_NODES = 4000
_LONGEST_KEY = 100
_LONGEST_REFERENCE = 300
_KINDS = frozenset(("string", "integer", "number", "boolean", "null"))


def canonical(schema: Any, budget: Budget | None = None) -> Any:
    """Return a schema's canonical form; its nodes, with `$ref`s followed, are paid from the `budget`.

    Raises:
        DocumentError: The schema is nested too deeply or is too large.
        TooLarge: All schemas together are.
    """
    return _Canon(schema, budget or Budget()).node(schema, 0)


class _Canon:
    """One pass over one schema; `$ref`s are local to it."""

    def __init__(self, root: Any, budget: Budget) -> None:
        self._root = root
        self._budget = budget
        self._open: list[str] = []
        self._targets: dict[str, Any] = {}
        self._count = 0

    def node(self, schema: Any, depth: int) -> dict[str, Any]:
        self._count += 1
        self._budget.take()
        if depth > _DEEPEST or self._count > _MOST_NODES:
            raise DocumentError("a type is nested too deeply or is too large")
        if not isinstance(schema, dict):
            return {}  # `true` and `items: true` mean anything; so does a value that is not a schema
        self._budget.take_keys(schema)
        if "$ref" in schema:
            return self._reference(schema["$ref"], depth)
        if "const" in schema and is_scalar(schema["const"]):
            self._budget.take_choices(schema["const"])
            return {"enum": [schema["const"]]}
        if isinstance(schema.get("enum"), list):
            self._budget.take_choices(schema["enum"])
            if not all(map(is_scalar, schema["enum"])):
                return {}  # a list or an object is a choice, too, and no type can name it
            return {"enum": _distinct(schema["enum"]), **_scalar_type(schema)}
        for union in ("anyOf", "oneOf"):
            if isinstance(schema.get(union), list):
                return self._union(schema[union], depth)
        all_of = schema.get("allOf")
        if isinstance(all_of, list) and len(all_of) == 1:
            return self.node(all_of[0], depth + 1)
        return self._typed(schema, depth)

    def _union(self, options: list[Any], depth: int) -> dict[str, Any]:
        nodes = [self.node(option, depth + 1) for option in options]
        # Gradio 3 lists the path of a file as an alternative to the file: two ways to name one thing
        if FILE in nodes:
            pairs = zip(options, nodes, strict=True)
            nodes = [node for option, node in pairs if not _is_path(option)]
        return nodes[0] if nodes == [FILE] else {"anyOf": nodes}

    def _typed(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        kind = schema.get("type")
        if isinstance(kind, list):
            return {"anyOf": [self.node({**schema, "type": one}, depth + 1) for one in kind]}
        if kind == "filepath" or _is_file(schema):
            self._budget.take(depth)  # it is written out where it is part of an object
            return FILE
        if kind == "array" or "prefixItems" in schema:
            return self._array(schema, depth)
        if kind == "object" or isinstance(schema.get("properties"), dict):
            return self._object(schema, depth)
        if kind == "string" and schema.get("description") == "base64 representation of an image":
            return DATA_URL
        if kind in ("integer", "number"):
            limits = {k: schema[k] for k in ("minimum", "maximum") if is_number(schema.get(k))}
            return {"type": kind, **limits}
        return {"type": kind} if isinstance(kind, str) and kind in _KINDS else {}

    def _reference(self, reference: Any, depth: int) -> dict[str, Any]:
        if not isinstance(reference, str) or len(reference) > _LONGEST_REFERENCE or reference in self._open:
            return {}  # recursive: any JSON value from the second level on
        if reference not in self._targets:
            self._targets[reference] = self._target(reference)
        self._open.append(reference)
        node = self.node(self._targets[reference], depth + 1)
        self._open.pop()
        return node

    def _target(self, reference: str) -> Any:
        target = self._root
        for part in reference.removeprefix("#/").split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        return target

    def _array(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        prefix = schema.get("prefixItems")
        if isinstance(prefix, list) and prefix:
            return {"type": "array", "prefixItems": [self.node(item, depth + 1) for item in prefix]}
        return {"type": "array", "items": self.node(schema.get("items"), depth + 1)}

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        self._budget.take_keys(properties)
        if not isinstance(properties, dict) or not properties or not all(map(_is_plain_key, properties)):
            return {
                "type": "object",
                "additionalProperties": self.node(schema.get("additionalProperties"), depth + 1),
            }
        listed = schema.get("required")
        self._budget.take(len(listed) if isinstance(listed, list) else 0)
        wanted = {key for key in listed if isinstance(key, str)} if isinstance(listed, list) else set[str]()
        fields = {key: self._property(value, depth) for key, value in properties.items()}
        title = schema.get("title")
        named = {"title": title[:_LONGEST_KEY]} if isinstance(title, str) and title.strip() else {}
        return {**named, "type": "object", "properties": fields, "required": sorted(wanted & fields.keys())}

    def _property(self, schema: Any, depth: int) -> dict[str, Any]:
        node = self.node(schema, depth + 1)
        default = schema.get("default") if isinstance(schema, dict) else None
        # Only fields that a caller would never set: a tag such as "type": "file", and an empty list.
        if "enum" in node:
            kept = any(type(one) is type(default) and one == default for one in node["enum"])
        else:
            kept = default == [] and node.get("type") == "array"
        return {**node, "default": default} if kept and default is not None else node


def _is_file(schema: dict[str, Any]) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return False
    # Gradio 4 and later; then 3.x, which sent files as data URLs.
    keys = properties.keys()
    return keys >= {"path", "orig_name", "mime_type"} or keys >= {"name", "data", "is_file"}


def _is_path(schema: Any) -> bool:
    if not isinstance(schema, dict) or schema.get("type") != "string":
        return False
    said = schema.get("description")
    return isinstance(said, str) and said.startswith("filepath on your computer")


def _is_plain_key(key: Any) -> bool:
    return isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY and is_printable(key)


def _scalar_type(schema: dict[str, Any]) -> dict[str, str]:
    # With an enum, the stated type is noise: Gradio says `string` for a list of numbers.
    kind = schema.get("type")
    return {"type": kind} if not schema["enum"] and isinstance(kind, str) and kind in _KINDS else {}


def _distinct(values: list[Any]) -> list[Any]:
    return list({(type(value), value): value for value in values}.values())
