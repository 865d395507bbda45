"""`spacegen adopt`."""

from __future__ import annotations

from pathlib import Path

import click

from spacegen.commands.options import Folder, screen_options, token_option
from spacegen.errors import SpacegenError
from spacegen.screen.terminal import note, print_json

_EPILOG = """\b
Exit code: 0 nothing is left for a person, 1 something is.

\b
Examples:
  spacegen adopt src                        tell what uses gradio_client, and what it would become
  spacegen adopt src --diff                 show the changes
  spacegen adopt src --write -o src/spaces  write the packages and the changes
  spacegen adopt app.py --source 'owner/space=docs.json'
  spacegen adopt app.py --source 'CLIENT_URL=http://127.0.0.1:7860'
"""


def _read_sources(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.rpartition("=") for value in values]
    for name, equals, source in pairs:
        if not (name and equals and source):
            raise click.BadParameter("it must be NAME=SOURCE")
    return {name: source for name, _, source in pairs}


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--write", is_flag=True, help="Write the packages and the changed files; without it, only report.")
@click.option("--diff", "wants_diff", is_flag=True, help="Show the changes as a unified diff.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "-o",
    "--output",
    type=Folder(),
    default=Path(),
    help="Folder for new packages; by default the current folder.",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=SOURCE",
    callback=_read_sources,
    help="Where to read a Space: saved file, address or package. NAME is the Space, or the expression in "
    "the code that names it.",
)
@token_option
@screen_options
def adopt(
    paths: tuple[Path, ...],
    output: Path,
    sources: dict[str, str],
    token: str | None,
    *,
    write: bool,
    wants_diff: bool,
    wants_json: bool,
) -> None:
    """Move code that uses gradio_client over to typed packages.

    Reads Python files and notebooks, tells where they call Spaces, which of these calls are wrong
    today, and what each becomes. With --write, the packages that are needed are written, and the
    code calls them. What cannot be rewritten for sure stays as it is, with a comment that says why.
    """
    try:
        from spacegen.adopt.run import adopt as run
    except ImportError as error:
        if error.name != "libcst":
            raise
        raise SpacegenError("Reading code needs libcst.", "Install it: pip install 'spacegen[adopt]'") from error
    from spacegen.adopt import display

    report = run(paths, output=output, sources=sources, token=token, write=write, say=note)
    if wants_json:
        print_json(display.as_json(report), indent=2)
    elif wants_diff:
        display.show_diff(report)
    else:
        display.show(report, written=write)
    if report.needs_a_person:
        click.get_current_context().exit(1)
