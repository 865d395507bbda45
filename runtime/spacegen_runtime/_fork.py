"""What a forked child must forget: locks of threads that it does not have, connections and jobs of its parent.

A child that kept them would hang on a lock that nobody frees, read the answers to its parent's calls, or cancel
its parent's jobs. Everything that a fork can break registers here, and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from .errors import ConfigurationError

_generation = 0
_resets: list[Callable[[], object]] = []
_holders: WeakSet[Any] = WeakSet()


def generation() -> int:
    """How many forks lie between the first process and this one."""
    return _generation


def in_child(reset: Callable[[], object]) -> None:
    """Call this in every forked child, before anything else runs there; for the state of a module."""
    _resets.append(reset)


def forgets(holder: Any) -> None:
    """Call `holder.forget()` in every forked child, as long as the holder lives; for the state of an object."""
    _holders.add(holder)


def check(born: int, what: str) -> None:
    """Refuse what an earlier process has started.

    Raises:
        ConfigurationError: It was started before a fork that made this process.
    """
    if born != _generation:
        raise ConfigurationError(f"{what} was started in another process, before a fork; call again in this one")


def _forget() -> None:
    global _generation
    _generation += 1
    for reset in _resets:
        reset()
    for holder in list(_holders):
        holder.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
