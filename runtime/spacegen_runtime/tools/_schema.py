"""JSON Schemas of what a tool takes and returns, made from the types in a package's spacegen.json. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .._json import as_dict
from ._known import FILE, KINDS, Known, Parameter, Schema, kind_of, or_null, union, widened
from ._text import one_line, shown, some_of, visible

LONGEST_DEFAULT = 100  # characters of JSON; longer defaults are described as the Space's own
MOST_SUGGESTIONS = 20
A_FILE = "a path in the folder that is open to tools, an http(s) URL, or the uri of a file in an earlier result"
FILE_RETURNED: Schema = {
    "type": "object",
    "properties": {
        "uri": {"type": "string"},
        "name": {"type": "string"},
        "mime_type": {"type": "string"},
        "size": {"type": "integer"},
    },
    "required": ["uri", "name"],
}
"""A file in a result; its uri is taken where a tool wants a file."""


def input_schema(known: Known) -> Schema:
    """The schema of a tool's arguments."""
    return {
        "type": "object",
        "properties": {one.key: parameter_schema(one) for one in known.parameters},
        "required": [one.key for one in known.parameters if one.required],
        "additionalProperties": False,
    }


def output_schema(known: Known) -> Schema:
    """The schema of a tool's result: an object of its outputs, each of which a Space may leave empty (null)."""
    return {
        "type": "object",
        "properties": {name: or_null(_plain(node, taken=False)) for name, node in known.returns},
        "required": [name for name, _ in known.returns],
    }


def parameter_schema(parameter: Parameter) -> Schema:
    """The schema of one argument, with all that is known of it in words."""
    schema, said = _plain(parameter.type, taken=True), parameter.published
    limits: Schema = {name: said[name] for name in ("minimum", "maximum") if name in said}
    if limits:
        schema = _limited(schema, limits)
    schema = {**schema, "description": _words(parameter)}
    if _shows_default(parameter):
        schema["default"] = shown(said.get("default"))
    return schema


def _plain(node: Schema, *, taken: bool) -> Schema:
    """A type as JSON Schema says it; files are what a model writes, or reads, for one."""
    if node == FILE:
        return {"type": "string"} if taken else FILE_RETURNED
    if "anyOf" in node:
        return union([_plain(option, taken=taken) for option in node["anyOf"]])
    if "enum" in node:
        return _choice(node)
    kind = node.get("type")
    if kind == "array" and "prefixItems" in node:
        items = [_plain(item, taken=taken) for item in node["prefixItems"]]
        # Some vendors refuse an array without `items`.
        return {"type": kind, "prefixItems": items, "items": union(items), **dict.fromkeys(SIZES, len(items))}
    if kind == "array":
        return {"type": kind, "items": _plain(node["items"], taken=taken)}
    if kind == "object":
        return _object(node, taken=taken)
    bounds: Schema = {name: node[name] for name in ("minimum", "maximum") if name in node}
    return {"type": kind, **bounds} if kind in KINDS.values() else {}


SIZES = ("minItems", "maxItems")


def _object(node: Schema, *, taken: bool) -> Schema:
    if "properties" not in node:
        return {"type": "object", "additionalProperties": _plain(node["additionalProperties"], taken=taken)}
    fields = {
        visible(name): {
            **_plain(one, taken=taken),
            **({"default": shown(one["default"])} if taken and "default" in one else {}),
        }
        for name, one in as_dict(node["properties"]).items()
    }
    return {"type": "object", "properties": fields, "required": [*map(visible, node["required"])]}


def _choice(node: Schema) -> Schema:
    values: list[Any] = node["enum"]
    if not values:  # the app fills them in later
        return {"type": node["type"]} if "type" in node else {"type": ["string", "number"]}
    if not all(_can_be_sent(value) for value in values):
        return _plain(widened(node), taken=True)
    kinds = list(dict.fromkeys(map(kind_of, values)))
    seen = {(kind_of(one), one): one for one in shown(values)}  # two that look alike are one
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": [*seen.values()]}


def _can_be_sent(value: Any) -> bool:
    """Half of a surrogate pair is no text in any encoding."""
    return not isinstance(value, str) or value.isascii() or not any("\ud800" <= one <= "\udfff" for one in value)


def _limited(schema: Schema, limits: Mapping[str, Any]) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_limited(option, limits) for option in schema["anyOf"]]}
    return {**schema, **limits} if schema.get("type") in ("number", "integer") and "enum" not in schema else schema


def _shows_default(parameter: Parameter) -> bool:
    if parameter.required:
        return False
    default = parameter.published.get("default")
    if default is None or not _can_be_sent(json.dumps(default, ensure_ascii=False)):
        return False
    if isinstance(default, dict) or _has_file(parameter):
        return False
    return len(json.dumps(default)) <= LONGEST_DEFAULT


def _has_file(parameter: Parameter) -> bool:
    return '{"type": "file"}' in json.dumps(parameter.type)


def _words(parameter: Parameter) -> str:
    """What a person would see beside the component, and what its limits are."""
    said = parameter.published
    label, component = one_line(str(said.get("label", "")), 300), one_line(str(said.get("component", "")), 60)
    words = [f"{label} ({component})." if label and component else f"{label or component or parameter.name}."]
    if said.get("custom") and said.get("choices"):
        words.append(f"For example {_listed(said['choices'])}.")
    if "step" in said and ("minimum" in said or "maximum" in said):
        words.append(f"In steps of {said['step']}.")
    if _has_file(parameter):
        words.append(f"A file is {A_FILE}.")
    if said.get("file_types"):
        words.append(f"Kinds of files: {', '.join(one_line(str(one), 20) for one in said['file_types'][:20])}.")
    if not parameter.required and not _shows_default(parameter):
        words.append("It may be left out: then it is empty." if said.get("default") is None else OWN_DEFAULT)
    return " ".join(words)


OWN_DEFAULT = "It may be left out: the Space has a value of its own."


def _listed(choices: Iterable[Any]) -> str:
    shown = [one_line(json.dumps(choice, ensure_ascii=False), 60) for choice in choices]
    return some_of(shown, MOST_SUGGESTIONS)
