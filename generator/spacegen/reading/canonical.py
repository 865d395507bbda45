"""JSON Schemas as Gradio writes them -> canonical schemas -> type nodes and shared models.

A canonical schema has local `$defs` resolved, noise dropped and its size bounded; equal meaning gives equal
bytes, so it is also what `spacegen.json` keeps. Objects with known fields become models, one for each content
however many endpoints use it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from spacegen import ir
from spacegen.errors import DocumentError
from spacegen.ir.forms import DATA_URL, FILE, is_number
from spacegen.ir.types import ClassName, Identifier
from spacegen.ir.unions import choice, union
from spacegen.naming import class_name, model_field_name
from spacegen.text import is_printable

_DEEPEST = 24
_MOST_NODES = 4000
_LONGEST_KEY = 100
_LONGEST_HINT = 40
_SCALARS: dict[str, ir.TypeNode] = {
    "string": ir.Text(),
    "integer": ir.Whole(),
    "number": ir.Real(),
    "boolean": ir.Flag(),
    "null": ir.Nothing(),
}


class Budget:
    """How many nodes all types of one Space may have together, `$ref`s followed."""

    def __init__(self, nodes: int = 100_000) -> None:
        self.left = nodes


def canonical(schema: Any, budget: Budget | None = None) -> Any:
    """Return a schema's canonical form; its nodes are taken from the `budget`.

    Raises:
        DocumentError: The schema is too deep or too large to be meant seriously.
    """
    return _Canon(schema, budget or Budget()).node(schema, 0)


class _Canon:
    """One pass over one schema; `$ref`s are local to it."""

    def __init__(self, root: Any, budget: Budget) -> None:
        self._root = root
        self._budget = budget
        self._open: list[str] = []
        self._count = 0

    def node(self, schema: Any, depth: int) -> dict[str, Any]:
        self._count += 1
        self._budget.left -= 1
        if self._budget.left < 0:
            raise DocumentError("all types together are too large")
        if depth > _DEEPEST or self._count > _MOST_NODES:
            raise DocumentError("a type is nested too deeply or is too large")
        if not isinstance(schema, dict):
            return {}  # `true` and `items: true` mean anything; so does what is no schema at all
        if "$ref" in schema:
            return self._reference(schema["$ref"], depth)
        if "const" in schema and _is_scalar(schema["const"]):
            return {"enum": [schema["const"]]}
        if isinstance(schema.get("enum"), list):
            return {"enum": _distinct(v for v in schema["enum"] if _is_scalar(v)), **_scalar_type(schema)}
        for union in ("anyOf", "oneOf"):
            if isinstance(schema.get(union), list):
                return {"anyOf": [self.node(option, depth + 1) for option in schema[union]]}
        all_of = schema.get("allOf")
        if isinstance(all_of, list) and len(all_of) == 1:
            return self.node(all_of[0], depth + 1)
        return self._typed(schema, depth)

    def _typed(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        kind = schema.get("type")
        if isinstance(kind, list):
            return {"anyOf": [self.node({**schema, "type": one}, depth + 1) for one in kind]}
        if kind == "filepath" or _is_file(schema):
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
        return {"type": kind} if isinstance(kind, str) and kind in _SCALARS else {}

    def _reference(self, reference: Any, depth: int) -> dict[str, Any]:
        if reference in self._open:
            return {}  # recursive: any JSON value from the second round on
        target = self._root
        for part in str(reference).removeprefix("#/").split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        self._open.append(reference)
        node = self.node(target, depth + 1)
        self._open.pop()
        return node

    def _array(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        prefix = schema.get("prefixItems")
        if isinstance(prefix, list) and prefix:
            return {"type": "array", "prefixItems": [self.node(item, depth + 1) for item in prefix]}
        return {"type": "array", "items": self.node(schema.get("items"), depth + 1)}

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not properties or not all(map(_is_plain_key, properties)):
            return {
                "type": "object",
                "additionalProperties": self.node(schema.get("additionalProperties"), depth + 1),
            }
        listed = schema.get("required")
        wanted = {key for key in listed if isinstance(key, str)} if isinstance(listed, list) else set[str]()
        fields = {key: self._property(value, depth) for key, value in properties.items()}
        title = schema.get("title")
        named = {"title": title} if isinstance(title, str) and title.strip() else {}
        return {**named, "type": "object", "properties": fields, "required": sorted(wanted & fields.keys())}

    def _property(self, schema: Any, depth: int) -> dict[str, Any]:
        node = self.node(schema, depth + 1)
        default = schema.get("default") if isinstance(schema, dict) else None
        # Only what a caller would never set: a tag such as "type": "file", and an empty list.
        kept = default in node["enum"] if "enum" in node else default == [] and node.get("type") == "array"
        return {**node, "default": default} if kept and default is not None else node


class Catalogue:
    """All models of one Space. Add every schema first, then read types: names depend on all of them."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[str, dict[str, Any]]] = {}
        self._names: dict[str, ClassName] = {}

    @property
    def names(self) -> frozenset[str]:
        """The names of all models."""
        return frozenset(self._names.values())

    def add(self, schema: Any, function: str, value: str = "result") -> None:
        """Note the objects in a canonical schema.

        The function, its parameter `value` and the fields on the way name those without a title.
        """
        for name, node in _walk(schema, f"{function}_{value[:_LONGEST_HINT]}"):
            if "properties" in node:
                digest, title = _digest(node), node.get("title") or name
                known, _ = self._objects.get(digest, (title, node))
                self._objects[digest] = (min(title, known, key=lambda one: (len(one), one)), node)

    def name(self, taken: set[str]) -> None:
        """Give each model a name that is not `taken`; the documents' order does not change it."""
        for digest, (title, _) in sorted(self._objects.items(), key=lambda item: (item[1][0], item[0])):
            self._names[digest] = class_name(title, taken)
            taken.add(self._names[digest])

    def models(self) -> tuple[ir.Model, ...]:
        """Return all models in order of name."""
        models = [self._model(self._names[digest], node) for digest, (_, node) in self._objects.items()]
        return tuple(sorted(models, key=lambda model: model.name))

    def _model(self, name: ClassName, schema: dict[str, Any]) -> ir.Model:
        properties = schema["properties"]
        fields = tuple(
            ir.Field(
                key=key,
                name=field,
                type=self.type(value),
                required=key in schema["required"],
                default=value.get("default"),
            )
            for (key, value), field in zip(properties.items(), self._field_names(properties), strict=True)
        )
        return ir.Model(name=name, fields=fields)

    def _field_names(self, keys: Iterable[str]) -> list[Identifier]:
        taken = {*self.names}  # a field may not hide a class that a later one is of
        names: list[Identifier] = []
        for key in keys:
            names.append(model_field_name(key, taken))
            taken.add(names[-1])
        return names

    def type(self, schema: Any) -> ir.TypeNode:
        """Return the type node of a canonical schema."""
        if "anyOf" in schema:
            return union(self.type(option) for option in schema["anyOf"])
        if "enum" in schema:
            return choice(schema["enum"], _SCALARS.get(schema.get("type", "")))
        kind = schema.get("type")
        if schema == FILE:
            return ir.File()
        if kind == "array":
            if "prefixItems" in schema:
                return ir.TupleOf(tuple(self.type(item) for item in schema["prefixItems"]))
            return ir.ListOf(self.type(schema["items"]))
        if kind == "object":
            if "properties" in schema:
                return ir.ModelRef(self._names[_digest(schema)])
            return ir.DictOf(self.type(schema["additionalProperties"]))
        return _SCALARS.get(kind or "", ir.Anything())


def _is_file(schema: dict[str, Any]) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return False
    # Gradio 4 and later; then 3.x, which sent files as data URLs.
    return {"path", "orig_name", "mime_type"} <= set(properties) or {"name", "data", "is_file"} <= set(properties)


def _is_plain_key(key: Any) -> bool:
    return isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY and is_printable(key)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool) or is_number(value)


def _scalar_type(schema: dict[str, Any]) -> dict[str, str]:
    # With values there, the stated type is noise: Gradio says `string` of a list of numbers.
    kind = schema.get("type")
    return {"type": kind} if not schema["enum"] and isinstance(kind, str) and kind in _SCALARS else {}


def _distinct(values: Iterator[Any]) -> list[Any]:
    return list({(type(value), value): value for value in values}.values())


def _walk(schema: Any, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield name, schema
    for child in (*schema.get("anyOf", ()), *schema.get("prefixItems", ())):
        yield from _walk(child, name)
    for key, child in schema.get("properties", {}).items():
        yield from _walk(child, f"{name}_{key}")
    yield from _walk(schema.get("items"), name)
    yield from _walk(schema.get("additionalProperties"), name)


def _digest(schema: dict[str, Any]) -> str:
    bare = {key: value for key, value in schema.items() if key != "default"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
