"""What a forked child process must forget: the parent's locks, connections and jobs.

A child that kept them would hang on a lock that nobody frees, read the answers to its parent's calls, or cancel
its parent's jobs. Everything that a fork can break registers here, and nowhere else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from threading import get_ident
from typing import Any
from weakref import WeakSet

from .errors import ConfigurationError

_LIBRARIES = frozenset(
    {
        *("annotated_types", "anyio", "certifi", "exceptiongroup", "h11", "h2", "httpcore", "httpx", "httpx_sse"),
        *("idna", "pydantic", "pydantic_core", "sniffio", "socksio", "spacegen_runtime", "typing_extensions"),
        "typing_inspection",
    }
)
_late: set[str] = set()
_generation = 0
_half_imported: list[str] = []  # in a child: modules that a thread of the parent was importing
_resets: list[Callable[[], object]] = []
_holders: WeakSet[Any] = WeakSet()


def generation() -> int:
    """How many times this process and its ancestors were forked."""
    return _generation


def in_child(reset: Callable[[], object]) -> None:
    """Call this in every forked child, before anything else runs there; for the state of a module."""
    _resets.append(reset)


def imports_late(module: str) -> None:
    """Note that calls may import this module of a generated package."""
    _late.add(module)


def forgets(holder: Any) -> None:
    """Call `holder.forget()` in every forked child, as long as the holder lives; for the state of an object."""
    _holders.add(holder)


def check(born: int, what: str) -> None:
    """Refuse to use what was started before a fork.

    Raises:
        ConfigurationError: It was started before a fork that made this process.
    """
    if born != _generation:
        raise ConfigurationError(
            f"{what} was started in another process, before a fork; make the call again in this process"
        )


def ready() -> None:
    """Refuse a call that would wait forever in a forked child, for an import that it cannot finish.

    Raises:
        ConfigurationError: Another thread was importing what calls need when this process was forked.
    """
    if _half_imported:
        raise ConfigurationError(
            "this process cannot make calls: it was forked while another thread imported "
            f"{', '.join(_half_imported)}; make one call before you fork, or fork before threads make calls"
        )


def _left_half_imported() -> list[str]:
    """The modules that calls may need and that another thread was importing when this process was forked.

    Python keeps a lock for each module that is being imported (`_module_locks` of importlib), and frees none of
    them in a forked child: an import of that module never ends there.
    """
    locks: dict[str, Any] = getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {})
    found = [(name, reference()) for name, reference in list(locks.items()) if _is_needed(name)]
    return [name for name, lock in found if lock is not None and getattr(lock, "owner", None) != get_ident()]


def _is_needed(module: str) -> bool:
    root = module.partition(".")[0]
    return root in _LIBRARIES or root in sys.stdlib_module_names or module in _late


def _forget() -> None:
    global _generation, _half_imported
    _generation += 1
    _half_imported = _left_half_imported()
    for reset in _resets:
        reset()
    for holder in list(_holders):
        holder.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
