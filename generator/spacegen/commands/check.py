"""The commands `check` and `update`: click only, no logic."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from spacegen.commands.options import auth_option, debug_option, header_option, origin_option, token_option
from spacegen.errors import SpacegenError
from spacegen.screen.terminal import is_terminal, print_json, warn

if TYPE_CHECKING:
    from spacegen.drift.results import Checked, Updated
    from spacegen.fetching.access import Access

_Function = TypeVar("_Function", bound=Callable[..., object])
_JOBS = 8
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
_UPDATE_EPILOG = """\b
Exit code: 0 all packages are as their Spaces are, 1 one of them failed, 130 interrupted.

\b
Examples:
  spacegen update                      every package below this folder
  spacegen update src/en2fr --dry-run  tell what would change
"""


def _common(function: _Function) -> _Function:
    """Add what both commands take."""
    decorators = (
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]..."),
        click.option(
            "--jobs",
            type=click.IntRange(1, 64),
            default=_JOBS,
            metavar="N",
            help=f"Spaces that are read at the same time, {_JOBS} by default.",
        ),
        token_option,
        auth_option,
        header_option,
        origin_option,
        debug_option,
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


@click.command(epilog=_CHECK_EPILOG)
@_common
@click.option("--strict", is_flag=True, help="Exit with 1 for any difference, and list those in words too.")
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="How long a sleeping Space may take to wake up; by default it is left asleep.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
def check(
    paths: tuple[Path, ...],
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
    Spaces again, and says what changed and whether it breaks callers. Files that were edited by
    hand are listed too. In GitHub Actions, findings become annotations. --auth and --header go only
    to the app that --origin names.
    """
    from spacegen.drift import check as checking
    from spacegen.fetching.access import Access
    from spacegen.screen import findings

    try:
        access = Access(token=token, auth=auth, headers=headers, origin=origin, patience=wait)
        folders = _asked(paths, access)
    except SpacegenError as error:
        warn(f"error: {error}", colour="red")
        raise click.exceptions.Exit(2) from error
    few = len(folders) <= _FEW
    results: list[Checked] = []

    def show(result: Checked) -> None:
        if not wants_json and (few or findings.is_news(result, strict=strict)):
            findings.show_checked(result, everything=strict)

    with _shown("Checking", len(folders), show) as add:
        for result in checking.check(folders, access, jobs):
            results.append(result)
            add(result)
    code = checking.exit_code(results, strict=strict)
    if wants_json:
        print_json(findings.as_json(results, code), indent=1)
    else:
        findings.show_summary(results)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            findings.annotate(results)
    raise click.exceptions.Exit(code)


@click.command(epilog=_UPDATE_EPILOG)
@_common
@click.option("--dry-run", is_flag=True, help="Tell what would be written, and write nothing.")
@click.option("--force", is_flag=True, help="Replace files of the package that were edited by hand.")
def update(
    paths: tuple[Path, ...],
    jobs: int,
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    origin: str | None,
    *,
    dry_run: bool,
    force: bool,
) -> None:
    """Write packages again, as their Spaces are today.

    Looks for every spacegen.json at or below each PATH, by default the current folder, and writes
    each package with the options that it was written with. A package that would be the same is
    left alone. One that fails does not stop the others. --auth and --header go only to the app that
    --origin names.
    """
    from spacegen.drift import update as updating
    from spacegen.fetching.access import Access
    from spacegen.fetching.fetch import PATIENCE
    from spacegen.screen import findings

    access = Access(token=token, auth=auth, headers=headers, origin=origin, patience=PATIENCE)
    folders = _asked(paths, access)
    results: list[Updated] = []

    def show(result: Updated) -> None:
        findings.show_updated(result, dry_run=dry_run)

    try:
        with _shown("Updating", len(folders), show) as add:
            for result in updating.update(folders, access, dry_run=dry_run, force=force, jobs=jobs):
                results.append(result)
                add(result)
    except KeyboardInterrupt as stop:
        warn(f"interrupted; {len(results)} of {len(folders)} packages were done, the others are as they were")
        raise click.exceptions.Exit(130) from stop
    findings.show_update_summary(results, dry_run=dry_run)
    raise click.exceptions.Exit(1 if any(result.problem for result in results) else 0)


def _asked(paths: tuple[Path, ...], access: Access) -> list[Path]:
    from spacegen.fetching.source import read_source
    from spacegen.packages.find import find_packages

    if click.get_current_context().meta.get("spacegen.debug"):
        logging.getLogger("spacegen").setLevel(logging.DEBUG)
    if access.origin is not None:
        read_source(access.origin)
    return find_packages(paths or (Path(),))


_Result = TypeVar("_Result", "Checked", "Updated")


@contextlib.contextmanager
def _shown(what: str, count: int, show: Callable[[_Result], None]) -> Iterator[Callable[[_Result], None]]:
    """Show results: as they come, or on a terminal a bar first and the results after it."""
    if not (is_terminal() and sys.stderr.isatty()):
        yield show
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    results: list[_Result] = []
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=count)

            def add(result: _Result) -> None:
                results.append(result)
                progress.advance(task)

            yield add
    finally:
        for result in results:
            show(result)
