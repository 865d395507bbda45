"""The error for a value that cannot be sent."""

from __future__ import annotations

from typing import Any


class CannotSend(ValueError):
    """A value that cannot be sent; `steps` is its place inside the argument, such as "[2]" and ".image"."""

    def __init__(self, takes: str, got: str, advice: str = "") -> None:
        super().__init__(f"takes {takes}, not {got}{f'; {advice}' if advice else ''}")
        self.steps: list[str] = []
        self.missing = False  # a file that was named does not exist


def shown(value: Any) -> str:
    """A value as an error shows it: its type, and the text or the number itself, shortened."""
    kind = value.__class__
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and kind.__module__ == "builtins":
        text = repr(value) if not isinstance(value, int) or value.bit_length() < 256 else "a long number"
        return f"{text[:60]}... ({kind.__name__})" if len(text) > 60 else f"{text} ({kind.__name__})"
    name = kind.__qualname__
    return (
        name
        if kind.__module__ in ("builtins", "__main__")
        else f"{kind.__module__.partition('.')[0].lstrip('_')} {name}"
    )
