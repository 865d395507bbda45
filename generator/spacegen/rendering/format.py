"""One style for every stub, whatever the formatter settings of the folder that it is written to."""

from __future__ import annotations

import threading
from importlib import import_module

from spacegen.errors import IntegrityError

LINE_LENGTH = 88
MARKS = "# fmt: off\n# isort: skip_file\n# flake8: noqa\n"
"""What black, isort and flake8 take for "leave this file alone"; ruff takes all three, and others do too."""
_importing = threading.Lock()
"""black's compiled modules crash the interpreter when two threads import them at the same time."""


def format_source(source: str) -> str:
    """Return what the templates wrote in black's style.

    They write that style as long as all lines are short. Only where one is too long black says where to break it:
    it takes 0.2 s to import, and a second for 100 kB.

    Raises:
        IntegrityError: The source is not valid Python.
    """
    # No character is wider than it has bytes.
    if all(len(line.encode("utf-8", "replace")) <= LINE_LENGTH for line in source.split("\n")):
        return source
    return by_black(source)


def by_black(source: str) -> str:
    """Return Python source as black writes it, whatever a `pyproject.toml` says.

    Raises:
        IntegrityError: The source is not valid Python.
    """
    load_black()
    from black import format_str
    from black.mode import Mode, TargetVersion
    from black.parsing import InvalidInput

    mode = Mode(target_versions={TargetVersion.PY310}, line_length=LINE_LENGTH)
    try:
        return format_str(source, mode=mode)
    except InvalidInput as error:
        raise IntegrityError(f"The rendered source is not valid Python: {error}.") from error


def load_black() -> None:
    """Import black, which may be needed."""
    with _importing:
        import_module("black")


def marked(source: str) -> str:
    """Return source whose first line, a comment, is followed by the marks for the tools of its user."""
    first, rest = source.split("\n", 1)
    return f"{first}\n{MARKS}{rest}"
