"""Settings of the process that make a command faster; functions that programs call do not change them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_OBJECTS = 200_000
"""New objects after which the garbage collector runs.

With Python's own 700 to 2,000, a fifth of the time would be spent on trees that are all in use.
"""
_CONSOLE = "httpx._main"


@contextmanager
def tuned() -> Iterator[None]:
    """Collect garbage rarely, and load httpx without its command line, until the command ends."""
    thresholds = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *thresholds[1:])
    # httpx's command line loads rich and pygments, a third of its time. None is Python's way to say "cannot be
    # imported", and httpx is prepared for that.
    modules: dict[str, Any] = sys.modules
    modules.setdefault(_CONSOLE, None)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if modules.get(_CONSOLE) is None:
            modules.pop(_CONSOLE, None)
