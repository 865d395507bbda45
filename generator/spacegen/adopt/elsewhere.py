"""What other files use from a file that is rewritten.

Only their text is searched, and in doubt the answer is yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from spacegen.adopt.files import LARGEST
from spacegen.adopt.replacements import Replacement, find_replacements

_HANDLE_FILE = re.compile(r"\bhandle_file\b|from gradio_client[\w.]* import [^\n]*\bfile\b|gradio_client\.file\b")


class Others:
    """All Python files and notebooks of one run that may refer to those that use gradio_client.

    Args:
        paths: All files.
        users: Those that use gradio_client.
    """

    def __init__(self, paths: Sequence[Path] = (), users: Sequence[Path] = ()) -> None:
        self._paths = paths
        self._users = users
        self._stems = sorted({_stem(path) for path in users})

    @cached_property
    def _texts(self) -> dict[Path, str]:
        words = re.compile(rf"\b(?:{'|'.join(map(re.escape, self._stems))})\b")
        return {path: text for path in self._paths if words.search(text := _text(path))} if self._stems else {}

    @cached_property
    def with_files(self) -> dict[Path, str]:
        """The files that call `handle_file`."""
        return {path: text for path in self._users if _HANDLE_FILE.search(text := _text(path))}

    def that_name(self, path: Path) -> Iterator[tuple[Path, str]]:
        """Yield other files that import the module of a file, or name it in a text as tests do."""
        word = re.compile(rf"\b{re.escape(_stem(path))}\b")
        for other, text in self._texts.items():
            if other != path and word.search(text):
                yield other, text

    def that_test(self, path: Path) -> Iterator[tuple[Path, str]]:
        """Yield other files that may replace something in this file, as tests with mocks do."""
        yield from self.that_name(path)
        named = {other for other, _ in self.that_name(path)}
        for other in self._paths:
            if other.name == "conftest.py" and other not in named and other != path:
                yield other, _text(other)


@dataclass(slots=True)
class Elsewhere:
    """Everything outside one file that may need something in it.

    Attributes:
        mentioned: Names in lines that are not Python: a notebook's magics.
        path: The file, or None for a single text.
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

    def makes_files(self) -> str | None:
        """Return another file that goes with this one and makes files with gradio_client, or None."""
        if self.path is None:
            return None
        mine = _text(self.path)
        for path, text in self.others.with_files.items():
            if path != self.path and (_named(self.path, text) or _named(path, mine)):
                return path.name
        return None

    def replacements(self) -> Iterator[tuple[str, Replacement]]:
        """Yield the replacements of a name in files that import this one, and in every `conftest.py`."""
        if self.path is None:
            return
        for path, text in self.others.that_test(self.path):
            for replacement in find_replacements(text):
                yield path.name, replacement

    def _first(self, pattern: str) -> str | None:
        if self.path is None:
            return None
        found = re.compile(pattern)
        return next((path.name for path, text in self.others.that_name(self.path) if found.search(text)), None)


def _named(path: Path, text: str) -> bool:
    """Tell whether a text imports the module of a file."""
    return (
        re.search(rf"^[ \t]*(?:from|import)\b[^\n]*\b{re.escape(_stem(path))}\b", text, re.MULTILINE) is not None
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace") if path.stat().st_size <= LARGEST else ""
    except OSError:
        return ""  # the run itself tells of it


def _stem(path: Path) -> str:
    return path.resolve().parent.name if path.stem == "__init__" else path.stem
