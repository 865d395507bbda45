"""What `check` and `update` share: options, packages, a bar."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from spacegen.commands.options import auth_option, debug_option, header_option, origin_option, token_option
from spacegen.screen.terminal import is_terminal

if TYPE_CHECKING:
    from spacegen.drift.results import Checked, Updated
    from spacegen.fetching.access import Access

_Function = TypeVar("_Function", bound=Callable[..., object])
_JOBS = 8


def package_options(function: _Function) -> _Function:
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


def given_access(
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    origin: str | None,
    *,
    patience: float,
) -> Access:
    """Return how Spaces are asked, as the options and the environment say."""
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


def asked_packages(paths: tuple[Path, ...], access: Access) -> list[Path]:
    """Return the folders that are meant, and how their Spaces are asked."""
    from spacegen.fetching.source import read_source
    from spacegen.packages.find import find_packages

    if click.get_current_context().meta.get("spacegen.debug"):
        logging.getLogger("spacegen").setLevel(logging.DEBUG)
    if access.origin is not None:
        read_source(access.origin)
    return find_packages(paths or (Path(),))


_Result = TypeVar("_Result", "Checked", "Updated")


@contextlib.contextmanager
def shown(what: str, count: int, show: Callable[[_Result], None]) -> Iterator[Callable[[_Result], None]]:
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
