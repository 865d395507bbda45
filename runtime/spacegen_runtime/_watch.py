"""A look at every server before it is called; for tests. Alone in a module, so that it costs no import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

watch: Callable[[Any], None] | None = None
"""Set by `spacegen_runtime.testing`: gets a `Server`, and raises where a test may not reach it."""
