"""Where things lie in a package."""

from __future__ import annotations

MANIFEST_NAME = "spacegen.json"
