"""A hook that tests use to look at every server before it is called.

A module of its own, so that importing it costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

watch: Callable[[Any], None] | None = None
"""Set by `spacegen_runtime.testing`: gets a `Server`, or the URL of a tool's file, and raises where a test may not
reach it."""
