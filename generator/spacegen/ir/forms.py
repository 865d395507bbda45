"""Canonical schemas for what JSON Schema cannot express, and what counts as a number."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard


def is_number(value: Any) -> TypeGuard[float]:
    """Tell whether a JSON value is a number: not a boolean, and finite."""
    # Not math.isfinite, which raises for integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def is_scalar(value: Any) -> bool:
    """Tell whether a JSON value is a text, number, flag or null, which alone can be a choice of a type."""
    return value is None or isinstance(value, str | bool) or is_number(value)


def or_null(schema: Any) -> Any:
    """Return the schema, also allowing null; a schema that allows null is returned unchanged."""
    options = schema["anyOf"] if isinstance(schema, dict) and schema.keys() == {"anyOf"} else [schema]
    return schema if schema == {} or NULL in options else {"anyOf": [*options, NULL]}


def without_null(schema: Any) -> Any:
    """Return the schema without null, if it is one schema or null."""
    options = schema.get("anyOf", ()) if isinstance(schema, dict) else ()
    others = [option for option in options if option != NULL]
    return others[0] if len(others) == 1 else schema


NULL = {"type": "null"}
FILE = {"type": "file"}
"""The canonical form of a file, for every way in which a Gradio version spells it."""
DATA_URL = {"type": "string", "contentEncoding": "base64"}
"""The canonical form of an image before 4.0: a text on the wire, even if its example says something else."""
