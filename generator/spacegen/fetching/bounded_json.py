"""Parsing JSON from strangers, with limits on size and depth."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from spacegen.errors import DocumentError

_DEEPEST = 200
_MOST_DIGITS = 20

_MOST_VALUES = 6_000_000
"""Commas and brackets, counted before parsing, because each may become a hundred bytes of memory."""


def parse_json(text: bytes, what: str) -> Any:
    """Parse JSON that a stranger wrote.

    Args:
        text: The bytes.
        what: What the bytes are, for the error: "https://host/config", "docs.json".

    Raises:
        DocumentError: It is not JSON, is nested too deeply, or has too many values.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise DocumentError(f"{what} has too many values to be a Gradio document.")
    try:
        # Gradio itself writes null for NaN and Infinity; documents from other sources are read in the same way.
        value = json.loads(text, parse_constant=lambda _: None, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise DocumentError(f"{what} is nested too deeply to be a Gradio document.") from None
    except ValueError as error:  # also UnicodeDecodeError
        raise DocumentError(f"{what} is not valid JSON: {error}.") from None
    if _is_deep(value):
        raise DocumentError(f"{what} is nested too deeply to be a Gradio document.")
    return value


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if isfinite(number) else None


def _whole(digits: str) -> int | float | None:
    """Read an integer; a huge one as a browser does, because Python gives thousands of those the same hash."""
    return int(digits) if len(digits) <= _MOST_DIGITS else _finite(digits)


def _is_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(_DEEPEST + 1):
        # Exact types are enough, since json makes no others, and they are faster: a large app has a million
        # values.
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True
