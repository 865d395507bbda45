"""Whether rewritten code can import a package that the user named: it may lie anywhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from spacegen.adopt.target import Target


def dotted(folder: Path) -> str:
    """Return the name under which code imports a package, including parent folders that are packages."""
    above = import_root(folder.resolve().parent)
    return ".".join((*folder.resolve().parent.relative_to(above).parts, folder.name))


def import_root(folder: Path) -> Path:
    """Return the folder that imports begin at, for code in a folder that may be a package."""
    above = folder.resolve()
    while (above / "__init__.py").is_file() and above.name.isidentifier():
        above = above.parent
    return above


def out_of_reach(target: Target, places: Iterable[Path]) -> str | None:
    """Return why code cannot import a package; None where it lies with the code, or Python finds it.

    Args:
        target: The package.
        places: The folders of the code, and the one for new packages.
    """
    folder = target.folder
    real = folder.resolve()
    linked = folder.parent.resolve() / folder.name  # a link beside the code is as good as a folder
    root = import_root(real.parent)
    within = [import_root(place) for place in places]
    if root in _found() or any(way.is_relative_to(top) for way in (real, linked) for top in within):
        return None
    return f"the code cannot import it from there: put {root} on the import path, or move the package"


def _found() -> set[Path]:
    """Return where this Python looks for modules."""
    return {Path(place).resolve() for place in sys.path}
