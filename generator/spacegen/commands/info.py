"""`spacegen info`."""

from __future__ import annotations

import click

from spacegen.commands.options import source_arguments
from spacegen.screen.terminal import print_json

_INFO_EPILOG = """\b
Example:
  spacegen info abidlabs/en2fr --json
"""


@click.command(epilog=_INFO_EPILOG)
@source_arguments
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
def info(
    source: str, token: str | None, auth: tuple[str, str] | None, headers: dict[str, str], *, wants_json: bool
) -> None:
    """Show the endpoints of SOURCE with their parameters and types."""
    from spacegen import pipeline
    from spacegen.screen import endpoints as table

    space = pipeline.inspect(source, token=token, auth=auth, headers=headers)
    if wants_json:
        print_json(table.as_json(space), indent=2)
    else:
        table.show(space)
