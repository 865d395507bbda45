"""What `check`, `update` and `sync` share: options, packages, a bar."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from spacegen.commands.options import auth_option, header_option, origin_option, screen_options, token_option
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.screen.terminal import console, is_live, is_terminal

if TYPE_CHECKING:
    from spacegen.drift.results import Checked, Updated
    from spacegen.fetching.access import Access
    from spacegen.packages.listed import Listed

_Function = TypeVar("_Function", bound=Callable[..., object])
_JOBS = 8


def package_options(function: _Function) -> _Function:
    """Add the options that `check` and `update` share."""
    return click.argument("paths", nargs=-1, metavar="[PATH|SOURCE]...")(access_options(function))


def access_options(function: _Function) -> _Function:
    """Add the options for reading many Spaces."""
    decorators = (
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
        screen_options,
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def given_access(
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    origin: str | None,
    *,
    patience: float,
) -> Access:
    """Return how Spaces are asked, from the options and the environment."""
    from spacegen.fetching.access import Access

    source = click.get_current_context().get_parameter_source("auth")
    return Access(
        token=token,
        auth=auth,
        auth_found=source is click.core.ParameterSource.ENVIRONMENT,
        headers=headers,
        origin=origin,
        patience=patience,
    )


def asked_packages(
    words: tuple[str, ...], access: Access, listed: Mapping[Path, Listed] | None = None
) -> list[Path]:
    """Return the folders of the selected packages: at or below a path, or written from a source.

    Args:
        words: Paths and sources; without any, the current folder.
        access: How Spaces are asked.
        listed: How a project lists packages, by their absolute folders; those at or below a path are meant too,
            whether they are written or not.

    Raises:
        SpacegenError: There is none, or `--origin` does not name an app.
    """
    from spacegen.fetching.source import read_source

    if access.origin is not None:
        read_source(access.origin)
    found: dict[Path, Path] = {}
    for word in words or (".",):
        for folder in _meant(word, listed or {}):
            found.setdefault(folder.resolve(), folder)
    return list(found.values())


def _meant(word: str, listed: Mapping[Path, Listed]) -> list[Path]:
    from spacegen.errors import PackageNotFound
    from spacegen.packages.find import find_packages

    path = Path(word)
    wanted = [one.folder for place, one in listed.items() if place.is_relative_to(path.resolve())]
    if not path.is_dir() and path.name != MANIFEST_NAME:
        return wanted or _of_source(word)
    try:
        return [*find_packages([path]), *wanted]
    except PackageNotFound:
        if wanted:
            return wanted
        raise


def _of_source(word: str) -> list[Path]:
    from spacegen.errors import PackageNotFound, SourceNotFound
    from spacegen.fetching.source import spoken
    from spacegen.packages.find import unlisted_packages
    from spacegen.packages.written_from import written_from

    try:
        found = written_from(word, unlisted_packages(Path(), []))
    except SourceNotFound as error:
        raise PackageNotFound(f"There is no file or folder {word}, and it is not a SOURCE.", error.hint) from error
    if not found:
        raise PackageNotFound(
            f"No package in this folder or below was written from {spoken(word)}.",
            f"Write one: spacegen {spoken(word)}",
        )
    return found


_Result = TypeVar("_Result", "Checked", "Updated")


@contextlib.contextmanager
def shown(what: str, count: int, show: Callable[[_Result], None]) -> Iterator[Callable[[_Result], None]]:
    """Show results as they come; on a terminal, first a bar, then the results."""
    if not (is_terminal() and is_live()):
        yield show
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    results: list[_Result] = []
    try:
        with Progress(*columns, console=console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=count)

            def add(result: _Result) -> None:
                results.append(result)
                progress.advance(task)

            yield add
    finally:
        for result in results:
            show(result)
