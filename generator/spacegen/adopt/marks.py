"""Marks in planned code that are replaced by names later.

Which import a name needs, and how a file spells it, is known only when the plan is complete. No source has a NUL
character, so nothing else looks like a mark.
"""

from __future__ import annotations

import re

from spacegen import ir

TEMPFILE = "\0tempfile:tempfile\0"
ANY = "\0typing:Any\0"
CAST = "\0typing:cast\0"
FILE_DATA = "\0spacegen_runtime:FileData\0"

MARK = re.compile("\0([^\0]+):([^:\0]+)\0")
"""A mark: the module, and the name in it."""


def of_errors(name: str) -> str:
    """Return the mark of one of the runtime's errors."""
    return f"\0spacegen_runtime.errors:{name}\0"


def of_package(space: ir.Space, name: str) -> str:
    """Return the mark of a name of a Space's package."""
    return f"\0package {space.package or space.id}:{name}\0"
