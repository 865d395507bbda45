"""The layout of a package."""

from __future__ import annotations

MANIFEST_NAME = "spacegen.json"
MODULES = frozenset({"__init__.py", "endpoints.py", "models.py"})
"""The modules that are written."""
LARGEST_MODULE = 1 << 20
"""Bytes of one file of Python in a package.

Parsing one, as `check` does with files from strangers, needs a thousand times as much memory.
"""
FOLDER = "_runtime"
"""Where a package keeps its copy of the runtime; it imports `._runtime`."""
