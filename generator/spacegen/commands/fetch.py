"""`spacegen fetch`."""

from __future__ import annotations

from pathlib import Path

import click

from spacegen.commands.options import source_options
from spacegen.screen.terminal import harmless_json, note, print_raw, remark

_FETCH_EPILOG = """\b
Examples:
  spacegen fetch abidlabs/en2fr -o en2fr.json
  spacegen en2fr.json
  spacegen fetch abidlabs/en2fr -o - | jq .config.version
"""


@click.command(epilog=_FETCH_EPILOG)
@click.argument("source")
@source_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    required=True,
    help="File to save to; - for standard output.",
)
def fetch(
    source: str, output: Path, token: str | None, auth: tuple[str, str] | None, headers: dict[str, str]
) -> None:
    """Save the documents that SOURCE publishes.

    The file is itself a SOURCE: packages can be written from it without a network.
    """
    from spacegen.fetching.fetch import fetch as read
    from spacegen.fetching.saved import document_text, save_documents

    fetched = read(source, token=token, auth=auth, headers=headers)
    is_stream = output == Path("-")
    if is_stream:
        print_raw(harmless_json(document_text(fetched)).rstrip())
    else:
        save_documents(fetched, output)
    for line in fetched.notes:
        note(f"note: {line}")
    if not is_stream:
        remark(f"Saved {output} ({output.stat().st_size // 1024 + 1} KB)")
