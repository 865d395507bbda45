"""`spacegen check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spacegen.commands.over_packages import asked_packages, given_access, package_options, shown
from spacegen.errors import SpacegenError
from spacegen.screen.terminal import manner, print_json, warn

if TYPE_CHECKING:
    from spacegen.drift.results import Checked

_FEW = 20

_CHECK_EPILOG = """\b
Exit code:
  0  nothing changed, or nothing that callers notice
  1  callers break: their code stops type-checking, or calls fail
  2  could not tell: a Space is asleep, gone or private, or a spacegen.json is damaged

\b
Examples:
  spacegen check                       every package below this folder
  spacegen check src/en2fr --strict    one package, any change counts
  spacegen check --json > drift.json
"""


@click.command(epilog=_CHECK_EPILOG)
@package_options
@click.option("--strict", is_flag=True, help="Exit with 1 for any difference, and also list changed texts.")
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="How long to wait for a sleeping Space to wake up; by default it is not woken.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
def check(
    paths: tuple[str, ...],
    jobs: int,
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    origin: str | None,
    *,
    strict: bool,
    wait: float,
    wants_json: bool,
) -> None:
    """Tell whether Spaces changed since their packages were written.

    Looks for every spacegen.json at or below each PATH, by default the current folder, reads the
    Spaces again, and says what changed and whether it breaks callers. A SOURCE instead of a PATH
    means the packages below this folder that were written from it. A package whose files are not
    what spacegen writes is `altered`, and fails like a breaking change. Packages that are not as
    [tool.spacegen] in pyproject.toml has them are listed. In GitHub Actions, findings become
    annotations. --auth and --header go only to the app that --origin names, or to apps on this
    machine.
    """
    from spacegen.drift import check as checking
    from spacegen.packages.listed import find_listing
    from spacegen.screen import findings, github

    try:
        access = given_access(token, auth, headers, origin, patience=wait)
        listing = find_listing(Path())
        listed = {one.folder.resolve(): one for one in listing.packages} if listing else {}
        folders = asked_packages(paths, access, listed)
    except SpacegenError as error:
        warn(f"error: {error}", colour="red")
        raise click.exceptions.Exit(2) from error
    few = len(folders) <= _FEW and not manner().quiet
    results: list[Checked] = []

    def show(result: Checked) -> None:
        if not wants_json and (few or findings.is_news(result, strict=strict)):
            findings.show_checked(result, everything=strict or manner().verbose)

    with shown("Checking", len(folders), show) as add:
        for result in checking.check(folders, access, jobs, listed):
            results.append(result)
            add(result)
    code = checking.exit_code(results, strict=strict)
    if wants_json:
        print_json(findings.as_json(results, code), indent=1)
    else:
        findings.show_summary(results)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            github.annotate(results)
    raise click.exceptions.Exit(code)
