"""The event loop that runs the caller's code, and what of ours belongs to one."""

from __future__ import annotations

import asyncio
import weakref
from typing import Any, TypeVar

from ..errors import ConfigurationError

T = TypeVar("T")
_KEPT = "_spacegen_kept"  # an attribute of the loop: a dictionary of ours would keep the loop alive


def running_loop() -> asyncio.AbstractEventLoop:
    """The asyncio event loop that runs this code; trio has none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "no asyncio event loop runs here; call f(...) in a thread, under trio with trio.to_thread.run_sync"
        ) from None


def kept(loop: asyncio.AbstractEventLoop, kind: type[T]) -> weakref.WeakKeyDictionary[Any, T]:
    """What of one kind belongs to the loop, by whom it serves; it goes with either of them."""
    kinds: dict[type[Any], weakref.WeakKeyDictionary[Any, Any]] | None = getattr(loop, _KEPT, None)
    if kinds is None:
        kinds = {}
        setattr(loop, _KEPT, kinds)
    return kinds.setdefault(kind, weakref.WeakKeyDictionary())
