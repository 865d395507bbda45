"""Prints Spaces that were found on the Hub, and copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from spacegen.hub.duplicate import Copy
from spacegen.hub.search import Hit
from spacegen.naming import package_name
from spacegen.screen.terminal import console, is_terminal, remark, say, visible


def show_found(hits: Sequence[Hit]) -> None:
    """Print Spaces for people: a table on a terminal; elsewhere one line for each, the id first."""
    if not hits:
        say("Nothing found.")
    elif is_terminal():
        _show_table(hits)
    else:
        for hit in hits:
            say(f"{hit.id}  {hit.description or hit.title}".rstrip())


def as_json(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Return what `spacegen search --json` prints."""
    return [asdict(hit) for hit in hits]


def _show_table(hits: Sequence[Hit]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("Space", overflow="fold")
    table.add_column("What it does", overflow="fold")
    table.add_column("Likes", justify="right")
    table.add_column("Runs on")
    for hit in hits:
        words = hit.description or hit.title
        # Text, not str: rich reads markup such as [red] in a str, and a Space may write that.
        cells = (Text(visible(hit.id), style="bold cyan"), visible(words), str(hit.likes), visible(hit.hardware))
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    console().print(table)
    remark("To look at one: spacegen info ID. To write its package: spacegen ID.")


def show_copy(copy: Copy) -> None:
    """Print where the copy is, and the two ways to make an existing package use it."""
    package = package_name(copy.source.rpartition("/")[2])
    say(
        f"Duplicated {copy.source} to {copy.id} ({'private' if copy.private else 'public'})",
        bold=True,
        colour="green",
    )
    say(f"It is being built: {copy.page}")
    say()
    say(f"To make a package of {copy.source} call the copy, use one of")
    say(f"    export SPACEGEN_{package.upper()}_SOURCE={copy.id}", colour="cyan")
    say(f'    from {package} import space; space.configure("{copy.id}")', colour="cyan")
