"""`spacegen search`."""

from __future__ import annotations

import click

from spacegen.commands.options import screen_options, token_option
from spacegen.screen.terminal import print_json

_SEARCH_EPILOG = """\b
Examples:
  spacegen search "text to speech"
  spacegen search "remove the background of a picture" --limit 3 --json
"""


@click.command(epilog=_SEARCH_EPILOG)
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, metavar="N", help="Show at most N Spaces; 10 by default."
)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
@token_option
@screen_options
def search(text: tuple[str, ...], limit: int, token: str | None, *, wants_json: bool) -> None:
    """Find Gradio Spaces by what they do.

    Asks the Hub's semantic search for Spaces that are running. The first word of each line is a
    SOURCE for the other commands.
    """
    from spacegen.hub import search as hub_search
    from spacegen.screen import hub

    hits = hub_search.search(" ".join(text), limit=limit, token=token)
    if wants_json:
        print_json(hub.as_json(hits), indent=2)
    else:
        hub.show_found(hits)
