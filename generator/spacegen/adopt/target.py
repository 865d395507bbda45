"""The package that rewritten code calls for a Space."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        source: What the package was or will be written from.
        makers: The files of this run that create Clients of it, each with their number.
        wanted: The files whose new text imports the package.
    """

    name: str
    space: ir.Space
    module: str
    folder: Path
    moved: bool = False
    fetched: Fetched | None = None
    source: str = ""
    makers: dict[Path | None, int] = field(default_factory=dict)
    wanted: set[Path | None] = field(default_factory=set)

    @property
    def alone(self) -> bool:
        """Whether one Client of the run calls it: `space.configure` holds for all code of a process."""
        return sum(self.makers.values()) <= 1
