"""The package that rewritten code calls for a Space."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spacegen import ir
from spacegen.fetching.documents import Fetched


@dataclass(slots=True, kw_only=True)
class Target:
    """A Space, and the package that code imports instead of calling it by strings.

    Attributes:
        name: The Space as the code or the user names it.
        space: What it offers.
        module: The package's dotted name.
        folder: The package's folder.
        moved: Whether the package was written from another address than the code names.
        fetched: Its documents, where the package is still to be written.
    """

    name: str
    space: ir.Space
    module: str
    folder: Path
    moved: bool = False
    fetched: Fetched | None = None
    source: str = ""
    wanted: bool = False
