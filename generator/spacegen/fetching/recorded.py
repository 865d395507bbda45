"""The source that `spacegen.json` records: it stays valid when the repository is moved."""

from __future__ import annotations

import os
from pathlib import Path

from spacegen.errors import ManifestError
from spacegen.fetching.source import SavedFile, read_source


def record(source: str, found: str, folder: Path) -> str:
    """Return what is recorded of a source.

    Args:
        source: What the user typed.
        found: What it turned out to be: a Space id or an address, or a file's name.
        folder: The package's folder. A file is recorded relative to that folder, with `/` between folders and a
            dot in front, so that both can be moved together.
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
    """Return a recorded source in a form that can be read; files are relative to the package's folder.

    Raises:
        ManifestError: It names a file that a package cannot be written from. A stranger may have written the
            manifest, and the error for an unreadable file could reveal a part of its contents.
    """
    if not recorded.startswith(("./", "../")):
        if isinstance(read_source(recorded), SavedFile):
            raise _no_source(folder, recorded, "is a file that is not named relative to the package's folder")
        return recorded
    path = Path(os.path.normpath(folder.resolve() / recorded))
    if path.suffix != ".json":
        raise _no_source(folder, recorded, "is not a file of saved documents (.json)")
    root = repository_of(folder.resolve())
    if path.is_symlink() or (root is not None and not path.resolve().is_relative_to(root)):
        raise _no_source(folder, recorded, "lies outside of the repository, or is a symbolic link")
    return str(path)


def repository_of(folder: Path) -> Path | None:
    """Return the top folder of the repository that contains a folder, or None."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _no_source(folder: Path, recorded: str, why: str) -> ManifestError:
    return ManifestError(
        f"The source of {folder.resolve().name}, {recorded[:200]!r}, {why}.",
        "Write the package from an address, a Space, or a .json file inside the repository.",
    )
