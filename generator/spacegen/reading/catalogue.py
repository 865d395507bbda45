"""The models of one Space: one for each content, however many endpoints use it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from spacegen.ir import types
from spacegen.ir.forms import FILE
from spacegen.ir.types import ClassName, Identifier
from spacegen.ir.unions import union
from spacegen.naming import Either, class_name, model_field_name
from spacegen.reading.budget import Budget
from spacegen.reading.choices import choice

_LONGEST_HINT = 40
_MODEL, _FIELD = 2, 1
"""What a class and each of its fields cost: no more than the values that write them out."""
_SHAPE = 40
"""What the first field of a type costs: another generator is asked how to write it, which takes milliseconds."""
_SCALARS: dict[str, types.TypeNode] = {
    "string": types.Text(),
    "integer": types.Whole(),
    "number": types.Real(),
    "boolean": types.Flag(),
    "null": types.Nothing(),
}


class Catalogue:
    """All models of one Space. Add every schema first, then read types: names depend on all of them."""

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._objects: dict[str, tuple[str, dict[str, Any]]] = {}
        self._shapes: set[str] = set()
        self._names: dict[str, ClassName] = {}
        self.names: set[str] = set()
        """The names of all models."""

    def add(self, schema: Any, function: str, value: str = "result") -> None:
        """Note the objects in a canonical schema.

        The function, its parameter `value` and the fields on the way name those without a title.
        """
        for name, node in _walk(schema, f"{function}_{value[:_LONGEST_HINT]}"):
            if "properties" in node:
                digest, title = _digest(node), node.get("title") or name
                if digest not in self._objects:
                    self._pay(node["properties"])
                known, _ = self._objects.get(digest, (title, node))
                self._objects[digest] = (min(title, known, key=lambda one: (len(one), one)), node)

    def _pay(self, properties: dict[str, Any]) -> None:
        """Pay for a class before it is made."""
        self._budget.take(_MODEL + _FIELD * len(properties))
        for schema in properties.values():
            shape = _shape(schema)
            if shape not in self._shapes:
                self._budget.take(_SHAPE)
                self._shapes.add(shape)

    def name(self, taken: set[str]) -> None:
        """Give each model a name that is not `taken`; it does not depend on the order in the documents."""
        for digest, (title, _) in sorted(self._objects.items(), key=lambda item: (item[1][0], item[0])):
            self._names[digest] = class_name(title, taken)
            taken.add(self._names[digest])
            self.names.add(self._names[digest])

    def models(self) -> tuple[types.Model, ...]:
        """Return all models in order of name."""
        models = [self._model(self._names[digest], node) for digest, (_, node) in self._objects.items()]
        return tuple(sorted(models, key=lambda model: model.name))

    def _model(self, name: ClassName, schema: dict[str, Any]) -> types.Model:
        properties = schema["properties"]
        fields = tuple(
            types.Field(
                key=key,
                name=field,
                type=self.type(value),
                required=key in schema["required"],
                default=value.get("default"),
            )
            for (key, value), field in zip(properties.items(), self._field_names(properties), strict=True)
        )
        return types.Model(name=name, fields=fields)

    def _field_names(self, keys: Iterable[str]) -> list[Identifier]:
        names: dict[Identifier, None] = {}
        for key in keys:
            # A field may not hide a class that a later one is of.
            names[model_field_name(key, Either(names, self.names))] = None
        return list(names)

    def type(self, schema: Any) -> types.TypeNode:
        """Return the type node of a canonical schema.

        Raises:
            TypeError: It is none; only in a manifest that somebody has changed.
        """
        if "anyOf" in schema:
            return union(tuple(self.type(option) for option in schema["anyOf"]))
        if "enum" in schema:
            return choice(schema["enum"], _SCALARS.get(schema.get("type", "")))
        kind = schema.get("type")
        if schema == FILE:
            return types.File()
        if kind == "array":
            if "prefixItems" in schema:
                if not schema["prefixItems"]:
                    raise TypeError("a tuple without types")
                return types.TupleOf(tuple(self.type(item) for item in schema["prefixItems"]))
            return types.ListOf(self.type(schema["items"]))
        if kind == "object":
            if "properties" in schema:
                return types.ModelRef(self._names[_digest(schema)])
            return types.DictOf(self.type(schema["additionalProperties"]))
        return _SCALARS.get(kind or "", types.Anything())


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


def _shape(schema: Any) -> str:
    """Return a field's type without its words, by which the model generator is asked for it."""
    if "enum" in schema or "properties" in schema:
        return "enum" if "enum" in schema else "properties"
    for several in ("anyOf", "prefixItems"):
        if several in schema:
            return f"{several}({', '.join(map(_shape, schema[several]))})"
    inner = schema.get("items", schema.get("additionalProperties"))
    return f"{schema.get('type')}({'' if inner is None else _shape(inner)})"


def _digest(schema: dict[str, Any]) -> str:
    bare = {key: value for key, value in schema.items() if key != "default"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
