"""Printing to the screen: one way to do it, and no text of a Space reaches a terminal raw."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

import click

from spacegen.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

_COMMAND = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
_NEW_COMMAND = re.compile(r"^(\s*)::")


@dataclass(slots=True)
class Manner:
    """How much is said, and whether in colour: the options that all commands share.

    Attributes:
        colour: `auto` for a terminal where NO_COLOR is not set, or always, or never.
        quiet: Say nothing but results and errors.
        verbose: Say more: every request, every note.
        debug: Say all, with the tracebacks of errors.
    """

    colour: Literal["auto", "always", "never"] = "auto"
    quiet: bool = False
    verbose: bool = False
    debug: bool = False


def manner() -> Manner:
    """Return how the running command prints; in other threads, and in programs, the default."""
    context = click.get_current_context(silent=True)
    if context is None:
        return Manner()
    found = context.meta.setdefault(__name__, Manner())
    assert isinstance(found, Manner)
    return found


def visible(text: str) -> str:
    """Replace unprintable characters (control characters, terminal escapes, bidirectional marks) by escapes.

    Text that a CI service would take for a command is broken up, too: `::error::...` at the start of a line,
    `##[error]...` and `##vso[...]` anywhere in one.
    """
    if not text.isprintable():
        text = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
    return harmless(text)


def harmless(line: str) -> str:
    """Break up text that a CI service would take for a command."""
    # github.com/actions/runner, ActionCommand.cs; Azure's agent reads ##vso[ and ##[ in the same way.
    return _NEW_COMMAND.sub(r"\1: :", _COMMAND.sub("# #", line))


def harmless_json(text: str) -> str:
    """Break up such commands in JSON: in a string, an escape has the same meaning and is not a command."""
    return _COMMAND.sub(r"#\\u0023", text)


def print_json(value: object, indent: int) -> None:
    """Print JSON to standard output: ASCII, so that it is safe on any terminal and in any pipe."""
    print_raw(harmless_json(json.dumps(value, indent=indent)))


def is_log() -> bool:
    """Tell whether standard output is a log of GitHub Actions or Azure Pipelines; both look for commands in it."""
    return "true" in (os.environ.get("GITHUB_ACTIONS", "").lower(), os.environ.get("TF_BUILD", "").lower())


def say(text: str = "", *, bold: bool = False, colour: str | None = None) -> None:
    """Print one line of the requested output to standard output."""
    _echo(_styled(text, bold=bold, colour=colour), color=_colours(sys.stdout))


def remark(text: str = "", *, bold: bool = False, colour: str | None = None) -> None:
    """Print one additional line, such as what was done, to standard output; not with `--quiet`."""
    if not manner().quiet:
        say(text, bold=bold, colour=colour)


def warn(text: str, *, colour: str | None = None) -> None:
    """Print an error, or how the command ended, to standard error."""
    _echo(_styled(f"spacegen: {text}", colour=colour), err=True, color=_colours(sys.stderr))


def note(text: str, *, colour: str | None = None) -> None:
    """Print one remark on standard error; not with `--quiet`."""
    if not manner().quiet:
        warn(text, colour=colour)


def print_raw(text: str) -> None:
    """Print text as it is to standard output; of what a Space says it may only contain ASCII in JSON."""
    _echo(text)


def _echo(text: str, *, err: bool = False, color: bool | None = None) -> None:
    """Print a line. If the reader has gone (`spacegen check | head`), the command ends as usual."""
    try:
        with nullcontext() if err else output():
            click.echo(text, err=err, color=color)
    except OSError:
        drop_output(sys.stderr if err else sys.stdout)


@contextmanager
def output() -> Iterator[None]:
    """Write to standard output in this block; if the reader has gone, that is a BrokenPipeError.

    Raises:
        OutputError: It cannot be written, so the output would be lost.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output(sys.stdout)
        raise OutputError(f"Cannot write to standard output: {error.strerror or error}.") from error


def drop_output(stream: IO[str]) -> None:
    """Discard everything that is still written to a stream whose reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def is_live() -> bool:
    """Return whether standard error is a terminal and progress is wanted."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not manner().quiet


def console(*, stderr: bool = False) -> Console:
    """Return rich's console, with or without colours as the options say."""
    from rich.console import Console

    wanted = _colours(sys.stderr if stderr else sys.stdout)
    return Console(
        stderr=stderr,
        highlight=False,
        color_system=None if wanted is False else "auto",
        no_color=None if wanted is None else not wanted,
    )


def _styled(text: str, *, bold: bool = False, colour: str | None = None) -> str:
    shown = visible(text)
    return click.style(shown, bold=bold or None, fg=colour) if bold or colour else shown


def _colours(stream: IO[str]) -> bool | None:
    # None lets click look at the stream itself; --color wins over https://no-color.org, and that over the rest.
    if manner().colour != "auto":
        return manner().colour == "always"
    return False if os.environ.get("NO_COLOR") or not stream.isatty() else None
