"""`spacegen map`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from spacegen.commands.options import auth_option, header_option, screen_options, token_option
from spacegen.completing.suggestions import complete_endpoint, complete_package
from spacegen.errors import ArgumentError
from spacegen.screen.terminal import visible

MOST = 10_000  # calls in flight; the runtime takes no more

_EPILOG = """\b
ROWS is a CSV, TSV, JSONL, JSON or Parquet file, a folder or a quoted glob of files (column
"file"), a folder that datasets saved, or - for standard input. Paths in cells are relative to
the file. OUT is JSONL, JSON, CSV, TSV or Parquet, by its suffix: the input's columns, those of
the result, and "error"; "result_" is put in front of a name that the input has already. Files of
results go to a folder beside it (done_files/ for done.csv), or where --files says.

\b
OUT.journal remembers each row: the same command goes on where an earlier one was interrupted
or killed, and calls nothing twice that has a result.

\b
Exit code: 0 all rows have a result, 1 some failed or the run stopped early, 2 wrong usage,
130 interrupted (Ctrl-C once finishes what runs, twice cancels it).

\b
Examples:
  spacegen map en2fr /predict texts.csv -o french.csv
  spacegen map owner/caption /caption 'photos/*.jpg' -o captions.jsonl --const strength=0.5
  spacegen map en2fr /predict lines.jsonl -o out.parquet --set sentence=text --dry-run
"""


def _concurrency(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Read N, or LOW-HIGH."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", value)
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= low <= high <= MOST:
        raise click.BadParameter(f"it must be N or LOW-HIGH, from 1 to {MOST}")
    return low, high


@click.command("map", epilog=_EPILOG)
@click.argument("source", metavar="SOURCE|PACKAGE", shell_complete=complete_package)
@click.argument("endpoint", shell_complete=complete_endpoint)
@click.argument("rows", metavar="ROWS")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File of results.")
@click.option("--set", "sets", metavar="COLUMN=PARAMETER", multiple=True, help="A column of another name.")
@click.option(
    "--const", "constants", metavar="PARAMETER=VALUE", multiple=True, help="A value that is the same for all rows."
)
@click.option("--files", type=click.Path(path_type=Path, file_okay=False), help="Folder for files in results.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "tsv", "jsonl", "json", "parquet"]),
    help="Format of ROWS, if its name does not tell; jsonl for standard input.",
)
@click.option(
    "--concurrency",
    callback=_concurrency,
    metavar="N|LOW-HIGH",
    help="Calls in flight; by default as many as the Space can take, from 1 to 128.",
)
@click.option(
    "--attempts", type=click.IntRange(1), help="How often a row that fails may run in all; 1 by default."
)
@click.option("--max-failures", type=click.IntRange(0), help="Stop when more rows than this have failed.")
@click.option(
    "--patience",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="How long to wait for a Space that takes no calls; 600 by default.",
)
@click.option("--retry-failed", is_flag=True, help="Call rows again that failed in an earlier run.")
@click.option("--restart", is_flag=True, help="Discard the results of earlier runs.")
@click.option("--dry-run", is_flag=True, help="Check every row against types, choices and ranges; call nothing.")
@token_option
@auth_option
@header_option
@screen_options
def map_(
    source: str,
    endpoint: str,
    rows: str,
    output: Path | None,
    sets: tuple[str, ...],
    constants: tuple[str, ...],
    files: Path | None,
    format_: str | None,
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    *,
    restart: bool,
    dry_run: bool,
    **options: Any,
) -> None:
    """Call an endpoint for every row of a file.

    Columns that have the name of a parameter are its values; --set names others, and --const is the
    same for all rows.
    """
    from spacegen.batch.run import Wanted, run

    wanted = Wanted(
        output=output,
        format=format_,
        sets=sets,
        constants=constants,
        files=files,
        options={name: value for name, value in options.items() if value is not None},  # those of a run
        restart=restart,
        dry_run=dry_run,
    )
    try:
        code = run(source, endpoint, rows, wanted, token=token, auth=auth, headers=headers)
    except ArgumentError as error:
        raise click.UsageError("\n".join(map(visible, str(error).splitlines()))) from error
    if code:
        raise click.exceptions.Exit(code)
