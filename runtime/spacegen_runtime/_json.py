"""JSON from servers, which may be anything."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard


def parse(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError for anything else, and for JSON that is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def as_dict(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one: what servers say is not to be trusted."""
    return value if _is_dict(value) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if _is_list(value) else []


def as_number(value: Any) -> Any:
    """The value if it is a number that a float can hold, else None."""
    return value if type(value) in (int, float) and abs(value) <= sys.float_info.max else None


def as_text(value: Any) -> str | None:
    """The value if it is a text, else None."""
    return value if isinstance(value, str) else None


def _is_dict(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def to_json(body: Mapping[str, Any]) -> bytes:
    """The bytes of a request body that `Encoder` made."""
    return json.dumps(body, separators=(",", ":")).encode()


def copied(values: Iterable[Any]) -> list[Any]:
    """The same JSON in lists and dicts of its own: a change in them is none in the original.

    It walks without recursion: JSON may be deeper than Python's stack.
    """
    whole = list(values)
    left: list[Any] = [whole]
    while left:
        place = left.pop()
        inside: Iterable[tuple[Any, Any]] = as_dict(place).items() or enumerate(as_list(place))
        for key, inner in inside:
            if inner.__class__ in (dict, list):
                place[key] = inner.copy()
                left.append(place[key])
    return whole
