"""Small replacements in a text; everything else stays the same, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LINE, NAME, INSIDE = -20, -10, 5
"""Ranks of insertions at one place: a line before the statement, a keyword, then text directly at the value."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text between two positions; equal positions mean an insertion.

    Attributes:
        rank: Order of insertions at the same place; the lower one comes first.
    """

    start: int
    end: int
    rank: int = 0
    text: str = ""


class Conflict(Exception):
    """Two edits overlap: a bug in the plan; nothing is changed."""


def apply(text: str, edits: Iterable[Edit], *, offset: int = 0) -> str:
    """Return the text with all edits made; `offset` is where it starts in the text that the edits speak of.

    Raises:
        Conflict: Two edits overlap.
    """
    parts, done = [], 0
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end, one.rank)):
        start, end = edit.start - offset, edit.end - offset
        if start < done:
            raise Conflict(text[start:end])
        parts += [text[done:start], edit.text]
        done = end
    return "".join([*parts, text[done:]])
