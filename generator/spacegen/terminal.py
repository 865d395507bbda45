"""What people read on their screen: one way to print, and nothing of a Space reaches a terminal raw."""

from __future__ import annotations

import os
import sys
from typing import IO

import click


def visible(text: str) -> str:
    """Show what does not print (control characters, terminal escapes, bidirectional marks) as an escape."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def say(text: str = "", *, bold: bool = False, colour: str | None = None) -> None:
    """Print one line to standard output; colours only on a terminal, and not where NO_COLOR is set."""
    click.echo(_styled(text, bold=bold, colour=colour), color=_colours(sys.stdout))


def warn(text: str, *, colour: str | None = None) -> None:
    """Print one line of spacegen's own to standard error."""
    click.echo(_styled(f"spacegen: {text}", colour=colour), err=True, color=_colours(sys.stderr))


def is_terminal() -> bool:
    """Tell whether a person is looking at standard output."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _styled(text: str, *, bold: bool = False, colour: str | None = None) -> str:
    return click.style(visible(text), bold=bold or None, fg=colour)


def _colours(stream: IO[str]) -> bool | None:
    # None lets click look at the stream itself; https://no-color.org wins over that.
    return False if os.environ.get("NO_COLOR") or not stream.isatty() else None
