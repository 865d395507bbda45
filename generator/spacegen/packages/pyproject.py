"""A `pyproject.toml`, which may have come with a stranger's pull request, read with bounds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from spacegen.errors import ListingError
from spacegen.fetching.recorded import repository_of
from spacegen.packages.plainfile import read_plain
from spacegen.text import printable, shorten

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_LARGEST = 1 << 20
_MOST_WORK = 4_000_000
_WORD = b"spacegen"


def spacegen_table(path: Path) -> Any:
    """Return the table `[tool.spacegen]` of a pyproject.toml, or None.

    A file that does not contain the word "spacegen" is not parsed, so its other contents do not matter.

    Raises:
        ListingError: It cannot be read, leads outside the repository, or would take too long to read.
    """
    try:
        real, here = path.resolve(), path.parent.resolve()
        if not real.is_relative_to(repository_of(here) or here):
            raise ListingError(f"{path} is a link that leads outside the repository.")
        content = read_plain(real, _LARGEST)
        whole = tomllib.loads(content.decode()) if _WORD in content and _is_quick(content) else {}
    except (OSError, ValueError, RecursionError, RuntimeError) as error:  # a TOMLDecodeError is a ValueError
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ListingError(f"{path} cannot be read: {shorten(printable(why), 200)}.") from error
    tool = whole.get("tool")
    return tool.get("spacegen") if isinstance(tool, dict) else None


def _is_quick(content: bytes) -> bool:
    """Refuse keys with thousands of parts (`a.a.a`): tomllib's work grows with the square of their number."""
    dots = [line.count(b".") for line in content.splitlines()]
    if sum(dots) * max(dots) > _MOST_WORK:
        raise ValueError("its keys have too many parts")
    return True
