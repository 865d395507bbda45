"""Plan: what a generated function says about one call; below who makes one and who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Plan(NamedTuple):
    """What a generated function says about one call."""

    endpoint: str | int
    arguments: Mapping[str, Any]
    files: tuple[str, ...] = ()
    hidden_inputs: tuple[int, ...] = ()
    hidden_outputs: tuple[int, ...] = ()
    stateful: bool = False
    queued: bool = True
    oauth: bool = False
    package: str | None = None
