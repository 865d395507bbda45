"""Whether a spacegen.json has the shape that its readers expect; it may have been edited or merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._json import as_dict, as_list

DEEPEST = 100
LONGEST_NUMBER = 6  # digits; an endpoint without a name is known by its number
HIGHEST = 10**LONGEST_NUMBER - 1
"""Limits the numbers of endpoints, which are all listed when a package is served.

The generator has the same limit.
"""

Check = Callable[[Any], bool]


def is_manifest(said: Any) -> bool:
    """Tell whether JSON can be read as a spacegen.json."""
    endpoints = as_dict(said).get("endpoints", {})
    space = as_dict(said).get("space", {})
    return (
        isinstance(said, dict)
        and isinstance(space, dict)
        and isinstance(endpoints, dict)
        and all(not key.isdecimal() or len(key) <= LONGEST_NUMBER for key in as_dict(endpoints))
        and all(_has(one, ENDPOINT) for one in as_dict(endpoints).values())
    )


def is_type(node: Any, depth: int = 0) -> bool:
    """Tell whether JSON is a type as spacegen.json writes them."""
    if not isinstance(node, dict) or depth > DEEPEST:
        return False
    said = as_dict(node)
    lists = [said.get(name, []) for name in ("anyOf", "prefixItems", "enum", "required")]
    fields = said.get("properties", {})
    if not all(isinstance(one, list) for one in lists) or not isinstance(fields, dict):
        return False
    options, places, choices, required = map(as_list, lists)
    inner = [*options, *places, *as_dict(fields).values()]
    inner += [said[name] for name in ("items", "additionalProperties") if name in said]
    kind = said.get("type", "")
    return (
        isinstance(kind, str)
        and (kind != "array" or not said.keys().isdisjoint(("items", "prefixItems")))
        and (kind != "object" or ("required" if "properties" in said else "additionalProperties") in said)
        and all(map(_is_scalar, choices))
        and all(map(_is_text, required))
        and all(is_type(one, depth + 1) for one in inner)
    )


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, (list, dict))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _is_place(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= HIGHEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, as_list(value)))


def _object_of(fields: Mapping[str, Check]) -> Check:
    return lambda value: _has(value, fields)


def _has(value: Any, fields: Mapping[str, Check]) -> bool:
    """Whether the fields of an object are valid."""
    said = as_dict(value)
    return isinstance(value, dict) and all(check(said[name]) for name, check in fields.items() if name in said)


VALUE: Mapping[str, Check] = {
    "type": is_type,
    "name": _is_text,
    "argument": _is_text,
    "field": _is_text,
    "component": _is_text,
    "choices": _list_of(_is_scalar),
    "labels": _list_of(_is_text),
    "columns": _list_of(_is_text),
    "file_types": _list_of(_is_text),
    "minimum": _is_number,
    "maximum": _is_number,
    "step": _is_number,
}
ENDPOINT: Mapping[str, Check] = {
    "function": _is_text,
    "fn_index": lambda value: value is None or _is_place(value),
    "parameters": _list_of(_object_of(VALUE)),
    "event": _object_of(VALUE),
    "returns": _list_of(_object_of(VALUE)),
    "hidden_inputs": _list_of(_is_place),
    "hidden_outputs": _list_of(_is_place),
}
