"""`spacegen fetch`."""

from __future__ import annotations

from pathlib import Path

import click

from spacegen.commands.options import source_arguments
from spacegen.screen.terminal import say, warn

_FETCH_EPILOG = """\b
Example:
  spacegen fetch abidlabs/en2fr -o en2fr.json
  spacegen en2fr.json
"""


@click.command(epilog=_FETCH_EPILOG)
@source_arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to save to.",
)
def fetch(
    source: str, output: Path, token: str | None, auth: tuple[str, str] | None, headers: dict[str, str]
) -> None:
    """Save the documents that SOURCE publishes.

    The file is itself a SOURCE: packages can be written from it without a network.
    """
    from spacegen.fetching.fetch import fetch as read
    from spacegen.fetching.saved import save_documents

    fetched = read(source, token=token, auth=auth, headers=headers)
    save_documents(fetched, output)
    for note in fetched.notes:
        warn(f"note: {note}")
    say(f"Saved {output} ({output.stat().st_size // 1024 + 1} KB)")
