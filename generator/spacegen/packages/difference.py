"""What changes in the files of a package, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from spacegen.packages.find import content_of


def unified(folder: Path, files: Mapping[str, str], changed: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a unified diff, without line ends: what lies in a package, and what would be written.

    Args:
        folder: The package's folder.
        files: Source by path inside the package.
        changed: Paths of the files that differ.
    """
    for name in changed:
        path = (folder / name).as_posix()
        old, new = content_of(folder, name), files.get(name)
        yield from difflib.unified_diff(
            (old or b"").decode(errors="replace").splitlines(),
            (new or "").splitlines(),
            "/dev/null" if old is None else f"a/{path}",
            "/dev/null" if new is None else f"b/{path}",
            lineterm="",
        )
