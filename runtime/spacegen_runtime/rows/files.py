"""Saves files of results as they come: named after their row, complete or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, cast

from ..values.file_data import FileData
from .outcome import Row, opening, writing

SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
DEEPEST = 32


class Keeper:
    """Saves files into a folder.

    A file is named after its row's number and key, such as "000012-3fa9c1d2....png". Of the server's name
    only the suffix is used. So a row that runs again replaces its own file and no other: where an
    equal row may have the name, because the order of the input has changed, it takes another one.

    Args:
        folder: The folder; it is made where it is missing.

    Raises:
        ConfigurationError: It cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with opening("the folder for files", folder):
            folder.mkdir(parents=True, exist_ok=True)

    async def keep(self, row: Row, value: Any) -> dict[str, Path]:
        """Save all files of a result. Returns where each was saved, by its path (or URL) on the Space."""
        saved: dict[str, Path] = {}
        for file in files_in(value):
            place = place_of(file)
            if place not in saved:
                with writing():
                    saved[place] = await file.asave(self._path(row, len(saved) + 1, file))
        return saved

    def _path(self, row: Row, place: int, file: FileData) -> Path:
        found = SUFFIX.search(file.name)
        suffix = found.group() if found else ""
        stem = f"{row.number:06d}-{row.key}" + (f"-{place}" if place > 1 else "")
        path = self.folder / f"{stem}{suffix}"
        for another in count(1):
            if not row.alike or not path.exists():
                break
            path = self.folder / f"{stem}-r{another}{suffix}"
        return path


def place_of(file: FileData) -> str:
    """The path or URL of a file on its Space."""
    return file.path or file.url or ""


def files_in(value: Any, depth: int = 0) -> Iterator[FileData]:
    """The files of a result, in its order."""
    if isinstance(value, FileData):
        yield value
    elif depth == DEEPEST:
        return
    elif names := tuple[str, ...](getattr(value.__class__, "model_fields", ())):
        for name in names:
            yield from files_in(getattr(value, name), depth + 1)
        yield from files_in(value.model_extra, depth + 1)
    elif isinstance(value, Mapping):
        for one in cast(Any, value).values():
            yield from files_in(one, depth + 1)
    elif isinstance(value, (list, tuple)):
        for one in cast("list[Any]", value):
            yield from files_in(one, depth + 1)
