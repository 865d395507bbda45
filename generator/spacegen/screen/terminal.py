"""What people read on their screen: one way to print, and nothing of a Space reaches a terminal raw."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import IO

import click

_COMMAND = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
_NEW_COMMAND = re.compile(r"^(\s*)::")


def visible(text: str) -> str:
    """Show what does not print (control characters, terminal escapes, bidirectional marks) as an escape.

    What a CI service would take for a command to itself is broken up too: `::error::...` at the start of a line,
    `##[error]...` and `##vso[...]` anywhere in one.
    """
    if not text.isprintable():
        text = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
    return harmless(text)


def harmless(line: str) -> str:
    """Break up what a CI service would take for a command to itself."""
    # github.com/actions/runner, ActionCommand.cs; Azure's agent reads ##vso[ and ##[ in the same way.
    return _NEW_COMMAND.sub(r"\1: :", _COMMAND.sub("# #", line))


def harmless_json(text: str) -> str:
    """Break up such commands in JSON: in a string, an escape says the same and is no command."""
    return _COMMAND.sub(r"#\\u0023", text)


def print_json(value: object, indent: int) -> None:
    """Print JSON to standard output: ASCII, so that it is safe on any terminal and in any pipe."""
    click.echo(harmless_json(json.dumps(value, indent=indent)))


def is_log() -> bool:
    """Tell whether standard output is a log of GitHub Actions or Azure Pipelines; both look for commands in it."""
    return "true" in (os.environ.get("GITHUB_ACTIONS", "").lower(), os.environ.get("TF_BUILD", "").lower())


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
