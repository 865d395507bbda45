"""`spacegen update`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import click

from spacegen.commands.over_packages import asked_packages, given_access, package_options, shown
from spacegen.screen.terminal import manner, print_json, warn

if TYPE_CHECKING:
    from spacegen.commands.preload import ThreadedPreload
    from spacegen.drift.results import Updated

_Function = TypeVar("_Function", bound=Callable[..., object])
_Work = Callable[["ThreadedPreload"], "Iterator[tuple[int, Updated]]"]

_UPDATE_EPILOG = """\b
Exit code:
  0  all packages match their Spaces
  1  one of them failed or, with --dry-run or --diff, one would be written
  2  there is no such package

\b
Examples:
  spacegen update                      every package below this folder
  spacegen update src/en2fr --dry-run  show what would change
  spacegen update abidlabs/en2fr       the packages of one Space
  spacegen update --diff > update.patch
"""


def writing_options(function: _Function) -> _Function:
    """Add what `update` and `sync` share."""
    decorators = (
        click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing."),
        click.option(
            "--diff",
            "wants_diff",
            is_flag=True,
            help="Print what would be written as a unified diff, and write nothing.",
        ),
        click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs."),
        click.option("--force", is_flag=True, help="Replace files of the package that were edited by hand."),
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


@click.command(epilog=_UPDATE_EPILOG)
@package_options
@writing_options
def update(
    paths: tuple[str, ...],
    jobs: int,
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    origin: str | None,
    *,
    dry_run: bool,
    force: bool,
    wants_diff: bool,
    wants_json: bool,
) -> None:
    """Write packages again, as their Spaces are today.

    Looks for every spacegen.json at or below each PATH, by default the current folder, and writes
    each package with the options that it was written with. A SOURCE instead of a PATH means the
    packages below this folder that were written from it. A package that would be the same is
    left alone. One that fails does not stop the others. --auth and --header go only to the app that
    --origin names, or to apps on this machine.
    """
    from spacegen.drift import update as updating
    from spacegen.fetching.fetch import PATIENCE

    access = given_access(token, auth, headers, origin, patience=PATIENCE)
    folders = asked_packages(paths, access)
    looks_only = dry_run or wants_diff
    chosen = {"dry_run": looks_only, "force": force, "diff": wants_diff}
    carry_out(
        "Updating",
        len(folders),
        lambda preload: updating.update(folders, access, **chosen, jobs=jobs, preload=preload),
        wants_diff=wants_diff,
        wants_json=wants_json,
    )


def carry_out(what: str, count: int, work: _Work, *, wants_diff: bool, wants_json: bool) -> None:
    """Write packages, show what becomes of them in their order, and end the command.

    Args:
        what: What a bar says.
        count: How many packages there are.
        work: Writes them, and yields the place of each and what became of it.
        wants_diff: Show diffs and nothing else.
        wants_json: Print JSON and nothing else.
    """
    from spacegen.commands.preload import ThreadedPreload
    from spacegen.drift.parallel import in_order
    from spacegen.screen import findings

    results: list[Updated] = []
    done: list[int] = []

    def show(result: Updated) -> None:
        if wants_json:
            return
        if wants_diff:
            findings.show_diff(result)
        elif result.problem or not manner().quiet:
            findings.show_updated(result)

    def counted(pairs: Iterator[tuple[int, Updated]]) -> Iterator[tuple[int, Updated]]:
        for place, result in pairs:
            done.append(place)
            yield place, result

    try:
        with ThreadedPreload() as preload, shown(what, count, show) as add:
            for result in in_order(counted(work(preload))):
                results.append(result)
                add(result)
    except KeyboardInterrupt as stop:
        warn(f"interrupted; {len(done)} of {count} packages were done, the others are unchanged")
        raise click.exceptions.Exit(130) from stop
    code = 1 if any(result.problem or result.state == "pending" for result in results) else 0
    if wants_json:
        print_json(findings.updates_as_json(results, code), indent=1)
    elif not wants_diff:
        findings.show_update_summary(results)
    raise click.exceptions.Exit(code)
