"""The source that `spacegen.json` records, so that it means the same wherever the package's repository lies."""

from __future__ import annotations

import os
from pathlib import Path

from spacegen.source import SavedFile, read_source


def record(source: str, found: str, folder: Path) -> str:
    """Return what is recorded of a source.

    Args:
        source: What the user typed.
        found: What it turned out to be: a Space id or an address, or a file's name.
        folder: The package's folder. A file is recorded as seen from there, with `/` between folders and a dot in
            front, so that the two can move together.
    """
    asked = read_source(source)
    if not isinstance(asked, SavedFile):
        return found
    path = asked.path.resolve()
    try:
        relative = Path(os.path.relpath(path, folder.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        return path.as_posix()
    return relative if relative.startswith("../") else f"./{relative}"


def recall(recorded: str, folder: Path) -> str:
    """Return a recorded source as something that can be read: files are found from the package's folder."""
    if recorded.startswith(("./", "../")):
        return str(Path(os.path.normpath(folder.resolve() / recorded)))
    return recorded
