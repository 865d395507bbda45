"""`spacegen sync`."""

from __future__ import annotations

from pathlib import Path

import click

from spacegen.commands.over_packages import access_options, given_access
from spacegen.commands.update import carry_out, writing_options
from spacegen.screen.terminal import note

_SYNC_EPILOG = """\b
In pyproject.toml:
  [tool.spacegen]
  output = "src/spaces"                 the folder of all packages; by default the file's own
  [tool.spacegen.packages]
  en2fr = "abidlabs/en2fr"
  shop = { source = "https://my.app", include = ["/order*"], vendor = true }

\b
Exit code: as for `spacegen update`.

\b
Examples:
  spacegen sync                         write missing packages, update old ones
  spacegen sync shop --dry-run          show what would be done for one package
"""


@click.command(epilog=_SYNC_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@access_options
@writing_options
def sync(
    names: tuple[str, ...],
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
    """Write the packages that pyproject.toml lists.

    Those that are missing are written, those whose Space or whose entry has changed are written
    again. Nothing is removed: packages that are there and not listed are named. --auth and --header
    go only to the app that --origin names, or to apps on this machine.
    """
    from spacegen.drift import update as updating
    from spacegen.errors import ListingError, PackageNotFound
    from spacegen.fetching.fetch import PATIENCE
    from spacegen.packages.find import unlisted_packages
    from spacegen.packages.listed import find_listing, near
    from spacegen.text import did_you_mean

    listing = find_listing(Path())
    if listing is None:
        raise ListingError(
            "No pyproject.toml in this folder or above it has [tool.spacegen].", "See spacegen sync --help."
        )
    known = [one.folder.name for one in listing.packages]
    if unknown := [name for name in names if name not in known]:
        raise PackageNotFound(f"{listing.file} lists no package {unknown[0]};", did_you_mean(unknown[0], known))
    wanted = [one for one in listing.packages if not names or one.folder.name in names]
    access = given_access(token, auth, headers, origin, patience=PATIENCE)
    chosen = {"dry_run": dry_run or wants_diff, "force": force, "diff": wants_diff}
    others = unlisted_packages(listing.file.parent, [one.folder for one in listing.packages])
    for folder in others if not names else ():
        note(f"{near(folder)} is a package that {listing.file.name} does not list, so it was not changed")
    carry_out(
        "Writing",
        len(wanted),
        lambda preload: updating.update(wanted, access, **chosen, jobs=jobs, preload=preload),
        wants_diff=wants_diff,
        wants_json=wants_json,
    )
