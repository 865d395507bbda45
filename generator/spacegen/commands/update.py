"""`spacegen update`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spacegen.commands.over_packages import asked_packages, given_access, package_options, shown
from spacegen.screen.terminal import warn

if TYPE_CHECKING:
    from spacegen.drift.results import Updated

_UPDATE_EPILOG = """\b
Exit code: 0 all packages are as their Spaces are, 1 one of them failed, 130 interrupted.

\b
Examples:
  spacegen update                      every package below this folder
  spacegen update src/en2fr --dry-run  tell what would change
"""


@click.command(epilog=_UPDATE_EPILOG)
@package_options
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
    --origin names, or to apps on this machine.
    """
    from spacegen.commands.preload import ThreadedPreload
    from spacegen.drift import update as updating
    from spacegen.fetching.fetch import PATIENCE
    from spacegen.screen import findings

    access = given_access(token, auth, headers, origin, patience=PATIENCE)
    folders = asked_packages(paths, access)
    results: list[Updated] = []

    def show(result: Updated) -> None:
        findings.show_updated(result, dry_run=dry_run)

    try:
        with ThreadedPreload() as preload, shown("Updating", len(folders), show) as add:
            chosen = {"dry_run": dry_run, "force": force}
            for result in updating.update(folders, access, **chosen, jobs=jobs, preload=preload):
                results.append(result)
                add(result)
    except KeyboardInterrupt as stop:
        warn(f"interrupted; {len(results)} of {len(folders)} packages were done, the others are as they were")
        raise click.exceptions.Exit(130) from stop
    findings.show_update_summary(results, dry_run=dry_run)
    raise click.exceptions.Exit(1 if any(result.problem for result in results) else 0)
