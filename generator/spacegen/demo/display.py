"""The look of the demo: code and result side by side on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from spacegen.screen.terminal import console, is_terminal, say, visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_CODE_SHARE, _RESULT_SHARE = 3, 2
_WIDEST = 110


class Show(Protocol):
    """Shows a result, or the next part of one that streams in."""

    def __call__(self, text: str, *, streamed: bool) -> None:
        """Show it; a streamed part takes the place of the one before."""


class Display:
    """Prints the demo; on a terminal with colours and side by side."""

    def __init__(self) -> None:
        self._console = _console() if is_terminal() else None

    @contextlib.contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show that something takes a moment."""
        if self._console is None:
            say(f"{what} ...")
            yield
            return
        with self._console.status(f"{what} ..."):
            yield

    def title(self, text: str, address: str) -> None:
        """Show what runs, and where."""
        if self._console is None:
            say(f"{text} {address}")
            return
        self._console.print(_text(f"{text} ").append(visible(address), style="underline"))

    def command(self, command: str, outcome: str) -> None:
        """Show a shell command and its output."""
        say()
        say(f"$ {command}", bold=True)
        say(outcome, colour="green")
        say()

    def code(self, code: str) -> None:
        """Show code that has no result."""
        if self._console is None:
            say(f">>> {code}")
        else:
            self._console.print(_syntax(code))

    @contextlib.contextmanager
    def step(self, title: str, code: str) -> Iterator[Show]:
        """Show code now, and its result when it comes."""
        if self._console is None:
            yield from _plain_step(title, code)
        else:
            yield from _rich_step(self._console, title, code)

    def closing(self, package: str, url: str | None = None) -> None:
        """Say what to type next; `url` is where the app keeps running, if it does."""
        say()
        state = f"The app keeps running at {url} until Ctrl-C." if url else "The app has been stopped."
        say(f"The package stays in {package}/: read endpoints.py. {state}")
        say("Next:", bold=True)
        if not url:
            say("    spacegen demo --keep      leave the app running, and call it from your own Python")
        say("    spacegen owner/space      write the package of a Space on https://huggingface.co/spaces")
        say("    spacegen --help           all other commands")


def _plain_step(title: str, code: str) -> Iterator[Show]:
    say()
    say(f"# {title}")
    for number, line in enumerate(code.splitlines()):
        say(f"{'...' if number and line.startswith(' ') else '>>>'} {line}" if line else "")
    parts: list[str] = []

    def show(text: str, *, streamed: bool) -> None:
        parts.append(text)
        if not streamed:
            say(text)

    yield show
    if len(parts) > 1:
        say(f"({len(parts)} values, this is the last one:)")
        say(parts[-1])


def _rich_step(console: Console, title: str, code: str) -> Iterator[Show]:
    from rich.live import Live

    with Live(_panel(title, code, ""), console=console, refresh_per_second=25) as live:

        def show(text: str, *, streamed: bool) -> None:
            live.update(_panel(title, code, text, done=not streamed))

        yield show


def _panel(title: str, code: str, result: str, *, done: bool = True) -> RenderableType:
    from rich.panel import Panel
    from rich.table import Table

    columns: Any = Table.grid(padding=(0, 2), expand=True)
    columns.add_column(ratio=_CODE_SHARE)
    columns.add_column(ratio=_RESULT_SHARE)
    columns.add_row(_syntax(code), _text(result, "green" if done else "cyan"))
    return Panel(columns, title=title, title_align="left", border_style="dim")


def _syntax(code: str) -> RenderableType:
    from rich.syntax import Syntax

    return Syntax(code, "python", theme="ansi_dark", background_color="default", word_wrap=True)


def _text(text: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(visible(text), style=style)


def _console() -> Console:
    made = console()
    made.width = min(made.width, _WIDEST)
    return made
