"""One difference between a package and its Space, and what it means for callers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from spacegen.ir.space import Endpoint
from spacegen.quoting import literal
from spacegen.text import shorten, some_of

Level = Literal["breaking", "compatible", "cosmetic"]
LEVELS: tuple[Level, ...] = ("breaking", "compatible", "cosmetic")
_LONGEST_TYPE = 100
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        endpoint: The endpoint's name as the package has it (`/greet`), or None for the Space as a whole.
        symbol: The function or model that it is about, or None.
        kind: What happened, for programs: `parameter-removed`.
        level: `breaking` if callers' code stops type-checking or calls fail, `compatible` if existing code is not
            affected, `cosmetic` if only texts differ.
        message: One sentence; it may contain text of the Space.
        did_you_mean: The name that replaced the old one, as far as that is known.
        outdated: Whether the package's description of a call is no longer right: the call fails, or the runtime
            first has to ask the Space for its present inputs.
    """

    endpoint: str | None
    symbol: str | None = None
    kind: str
    level: Level
    message: str
    did_you_mean: str | None = None
    outdated: bool = False


def breaking(kind: str, message: str, *, did_you_mean: str | None = None) -> Change:
    """Return a change that breaks callers."""
    return Change(
        endpoint=None, kind=kind, level="breaking", message=message, did_you_mean=did_you_mean, outdated=True
    )


def compatible(kind: str, message: str, *, outdated: bool = False) -> Change:
    """Return a change that does not affect callers."""
    return Change(endpoint=None, kind=kind, level="compatible", message=message, outdated=outdated)


def cosmetic(kind: str, message: str, *, outdated: bool = False) -> Change:
    """Return a change of texts only."""
    return Change(endpoint=None, kind=kind, level="cosmetic", message=message, outdated=outdated)


def of_endpoint(endpoint: Endpoint, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes with the endpoint that they belong to."""
    return tuple(replace(change, endpoint=str(endpoint.key), symbol=str(endpoint.function)) for change in changes)


def short(annotation: object) -> str:
    """Return a type as people read it."""
    return f"`{shorten(str(annotation), _LONGEST_TYPE)}`"


def listed(values: Iterable[object]) -> str:
    """Return some values as a list for people."""
    texts = [f"`{shorten(literal(value), 60)}`" for value in values]
    return some_of(texts, _MOST_NAMED)


def told(change: Change) -> str:
    """Return a change as a sentence that names what it is about."""
    subject = f"{change.endpoint}: " if change.endpoint else ""
    needless = change.did_you_mean is None or change.did_you_mean in change.message
    guess = "" if needless else f"; did you mean {change.did_you_mean}?"
    return f"{subject}{change.message}{guess}"
