"""What a Space refuses before its function runs, with the words that it has for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._json import as_dict, as_list
from ..protocol.wire import is_marked
from ._dialect import Dialect
from ._offer import Offered, Value
from ._script import JobFailed

TOO_FEW = "An event handler didn't receive enough input values"


def refusal(dialect: Dialect, offered: Offered, data: Sequence[Any]) -> JobFailed | None:
    """The error with which a Space would answer these inputs, or None where it takes them."""
    if len(data) < offered.size:
        return JobFailed(None)
    values = [value for at, value in enumerate(data[: offered.size]) if at not in offered.hidden_inputs]
    for parameter, value in zip(offered.parameters, values, strict=False):
        found = _of_one(dialect, parameter, value)
        if found is not None:
            return found
    return None


def _of_one(dialect: Dialect, parameter: Value, value: Any) -> JobFailed | None:
    if value is None:
        return None
    said = parameter.said
    kind = parameter.component.lower()
    if "choices" in said and not said.get("custom") and dialect.since(5, 0):
        words = _choice(kind, said["choices"], value)
        if words:
            return JobFailed(words)
    if kind == "number" or (kind == "slider" and dialect.since(5, 50)):
        return _number(said.get("minimum"), said.get("maximum"), value)
    return None if _fits(dialect, parameter.schema, value) else JobFailed(None)


def _choice(kind: str, choices: list[Any], value: Any) -> str | None:
    for item in as_list(value) if isinstance(value, list) else [value]:
        if item not in choices:
            shown = f"{item!r} (type: {type(item)})"
            if kind == "dropdown" and not isinstance(value, list):
                shown = f"{item}"
            return f"Value: {shown} is not in the list of choices: {choices}"
    return None


def _number(low: Any, high: Any, value: Any) -> JobFailed | None:
    if not isinstance(value, (int, float)):
        return JobFailed(None)  # a comparison or float() fails
    if low is not None and value < low:
        return JobFailed(f"Value {value} is less than minimum value {low}.")
    if high is not None and value > high:
        return JobFailed(f"Value {value} is greater than maximum value {high}.")
    return None


def _fits(dialect: Dialect, schema: Any, value: Any) -> bool:
    """Whether preprocessing gets through; it looks at files and at objects, and little else."""
    given = as_dict(schema)
    kind = given.get("type")
    if kind == "file":
        return is_file(dialect, value)
    if kind == "array":
        inner: Any = given.get("items")
        return isinstance(value, list) and all(
            item is None or _fits(dialect, inner, item) for item in as_list(value)
        )
    if kind == "object" and "properties" in given:
        return _object_fits(dialect, given, value)
    return True


def _object_fits(dialect: Dialect, schema: dict[str, Any], value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    fields = as_dict(value)
    if any(name not in fields for name in schema.get("required", ())):
        return False
    shapes = schema["properties"]
    return all(
        item is None or name not in shapes or _fits(dialect, shapes[name], item) for name, item in fields.items()
    )


def is_file(dialect: Dialect, value: Any) -> bool:
    """Whether this version takes a value for a file."""
    if not isinstance(value, dict):
        return dialect.protocol == "ws" and isinstance(value, str)
    fields = as_dict(value)
    if dialect.protocol == "ws":
        return "name" in fields or "data" in fields
    url = str(fields.get("url") or "")
    if url.startswith("data:") and dialect.since(5, 0):
        return True
    return bool(fields.get("path")) and (is_marked(fields) or not dialect.since(5, 29))
