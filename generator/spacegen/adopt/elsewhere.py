"""What other files take from a file that is rewritten: read by the look of their text, and doubt is a yes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from spacegen.adopt.files import LARGEST


class Others:
    """All Python files and notebooks of one run, as far as they speak of those that use gradio_client.

    Args:
        paths: All files.
        users: Those that use gradio_client.
    """

    def __init__(self, paths: Sequence[Path] = (), users: Sequence[Path] = ()) -> None:
        self._paths = paths
        self._stems = sorted({_stem(path) for path in users})

    @cached_property
    def _texts(self) -> dict[Path, str]:
        words = re.compile(rf"\b(?:{'|'.join(map(re.escape, self._stems))})\b")
        return {path: text for path in self._paths if words.search(text := _text(path))} if self._stems else {}

    def that_name(self, path: Path) -> Iterator[tuple[Path, str]]:
        """Yield other files that import the module of a file, or name it in a text as tests do."""
        word = re.compile(rf"\b{re.escape(_stem(path))}\b")
        for other, text in self._texts.items():
            if other != path and word.search(text):
                yield other, text


@dataclass(slots=True)
class Elsewhere:
    """What lies outside of one file and may need what it holds.

    Attributes:
        mentioned: Names in lines that are no Python: a notebook's magics.
        path: The file, or None where it stands alone.
        others: The other files of the run.
    """

    mentioned: frozenset[str] = frozenset()
    path: Path | None = None
    others: Others = field(default_factory=Others)

    def takes(self, name: str) -> str | None:
        """Return the file that imports a name of this one, or reads it as `module.name`, or None."""
        if self.path is None:
            return None
        stem = re.escape(_stem(self.path))
        imports = rf"from\s+[\w.]*\b{stem}\s+import\s+(?:\([^)]*|[^\n]*)(?:\b{name}\b|\*)"
        return self._first(rf"{imports}|\b{stem}\.{name}\b")

    def reads(self, name: str) -> str | None:
        """Return the file that may read an attribute of this file's objects, or None."""
        return self._first(rf"\.{name}\b")

    def replaced(self, names: Iterable[str]) -> Iterator[tuple[Path, int, str, str]]:
        """Yield where tests put something in the place of names of this file: path, line, the line, the name."""
        if self.path is None:
            return
        stem = re.escape(_stem(self.path))
        for name in names:
            # `patch("app.Client")`, `patch.object(app, "Client")`, `setattr(app, "Client", ...)`
            pattern = re.compile(rf"[\"'][\w.]*\b{stem}\.{name}\b|\b{stem}\s*,\s*[\"']{name}[\"']")
            for other, text in self.others.that_name(self.path):
                for match in pattern.finditer(text):
                    line = text.count("\n", 0, match.start())
                    yield other, line + 1, text.split("\n")[line].strip(), name

    def _first(self, pattern: str) -> str | None:
        if self.path is None:
            return None
        found = re.compile(pattern)
        return next((path.name for path, text in self.others.that_name(self.path) if found.search(text)), None)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace") if path.stat().st_size <= LARGEST else ""
    except OSError:
        return ""  # the run itself tells of it


def _stem(path: Path) -> str:
    return path.resolve().parent.name if path.stem == "__init__" else path.stem
