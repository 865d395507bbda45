"""One style for every stub, whatever the formatter settings of the folder that it is written to."""

from __future__ import annotations

import threading
from importlib import import_module

from spacegen.errors import IntegrityError

LINE_LENGTH = 88
MARKS = "# fmt: off\n# isort: skip_file\n# flake8: noqa\n"
"""Comments that tell black, isort and flake8 to leave a file alone; ruff and others accept them, too."""
_importing = threading.Lock()
"""black's compiled modules crash the interpreter when two threads import them at the same time."""


def format_source(source: str) -> str:
    """Return what the templates wrote in black's style.

    The templates write that style as long as all lines are short. black runs only if a line is too long: it takes
    0.2 s to import, and a second for 100 kB.

    Raises:
        IntegrityError: The source is not valid Python.
    """
    # No character is wider than it has bytes.
    if all(len(line.encode("utf-8", "replace")) <= LINE_LENGTH for line in source.split("\n")):
        return source
    return by_black(source)


def by_black(source: str) -> str:
    """Return Python source as black writes it, regardless of any `pyproject.toml`.

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
    """Import black early, because it may be needed."""
    with _importing:
        import_module("black")


def marked(source: str) -> str:
    """Return source whose first line, a comment, is followed by the marks for the tools of its user."""
    first, rest = source.split("\n", 1)
    return f"{first}\n{MARKS}{rest}"
