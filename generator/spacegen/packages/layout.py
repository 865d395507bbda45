"""Where things lie in a package."""

from __future__ import annotations

MANIFEST_NAME = "spacegen.json"
MODULES = frozenset({"__init__.py", "endpoints.py", "models.py"})
"""The modules that are written."""
FOLDER = "_runtime"
"""Where a package keeps its copy of the runtime; it imports `._runtime`."""
