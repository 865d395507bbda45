"""`spacegen info`."""

from __future__ import annotations

import click

from spacegen.commands.options import source_options
from spacegen.completing.suggestions import complete_package
from spacegen.screen.terminal import print_json

_INFO_EPILOG = """\b
Examples:
  spacegen info abidlabs/en2fr --json
  spacegen info src/en2fr               a package: as it was written, without network access
"""


@click.command(epilog=_INFO_EPILOG)
@click.argument("source", metavar="SOURCE|PACKAGE", shell_complete=complete_package)
@source_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
def info(
    source: str, token: str | None, auth: tuple[str, str] | None, headers: dict[str, str], *, wants_json: bool
) -> None:
    """Show the endpoints of SOURCE with their parameters and types.

    PACKAGE is the folder of a package that spacegen wrote; its endpoints are shown as it has them.
    """
    from spacegen import pipeline
    from spacegen.packages.find import or_package, package_folder
    from spacegen.packages.read_manifest import load_manifest
    from spacegen.screen import endpoints as table

    folder = package_folder(source)
    if folder is None:
        with or_package():
            space = pipeline.inspect(source, token=token, auth=auth, headers=headers)
    else:
        space = load_manifest(folder).space
    if wants_json:
        print_json(table.as_json(space), indent=2)
    else:
        table.show(space)
