"""The path under which an app's API lies: one rule, which the runtime's `protocol.config.read_prefix` repeats.

The two distributions cannot import each other; `tests/prefixes.json` holds both to the same rule.
"""

from __future__ import annotations

import re
from typing import Any

from spacegen.errors import DocumentError

_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_LONGEST = 200


def read_prefix(value: Any) -> str:
    """Return the `api_prefix` of a config, without slashes at its end; empty if there is none.

    It becomes part of every address that a package calls: it may consist only of plain path segments that do not
    begin with a dot.

    Raises:
        DocumentError: It is anything else.
    """
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= _LONGEST and _PREFIX.fullmatch(prefix := value.rstrip("/")):
        return prefix
    raise DocumentError("The app's api_prefix is not a path.")
