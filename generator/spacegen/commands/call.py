"""`spacegen call`."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from spacegen.commands.options import (
    auth_option,
    header_option,
    oauth_token_option,
    screen_options,
    token_option,
)
from spacegen.completing.suggestions import complete_endpoint, complete_package, complete_value
from spacegen.errors import ArgumentError
from spacegen.screen.terminal import visible, warn

_EPILOG = """\b
Values are read by the endpoint's own types:
  text=[1]                 text stays text, whatever it looks like
  count=3  excited=true    numbers, booleans, lists and objects as JSON
  size=large               a choice as it is spelled
  image=@cat.png           a file; http(s) URLs are files too
  files=@a files=@b        a list, item by item
  text=-                   standard input

\b
Exit code: 0 done, 1 the call failed, 2 wrong usage, 130 interrupted.

\b
Examples:
  spacegen call abidlabs/en2fr /predict text=Hello
  spacegen call src/en2fr /predict text=Hello        a package: no network before the call
  spacegen call owner/draw /generate prompt="a fox" -o pictures
  spacegen call owner/draw /generate prompt="a fox" -o - > fox.webp
  git log -1 | spacegen call owner/chat /chat message=-
"""


@click.command(epilog=_EPILOG)
@click.argument("source", metavar="SOURCE|PACKAGE", shell_complete=complete_package)
@click.argument("endpoint", required=False, shell_complete=complete_endpoint)
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=complete_value)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False, allow_dash=True),
    help="Folder to save files of the result to, or - to print the one file that it is; by default their "
    "addresses are printed.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON, each step of a stream on one line.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Limit for the whole call."
)
@token_option
@oauth_token_option
@auth_option
@header_option
@screen_options
def call(
    source: str,
    endpoint: str | None,
    values: tuple[str, ...],
    output: Path | None,
    timeout: float | None,
    token: str | None,
    oauth_token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    *,
    wants_json: bool,
) -> None:
    """Call an endpoint once, from the shell.

    PACKAGE is the folder of a package that spacegen wrote; it is imported and called as it is. For a
    SOURCE a package is made and thrown away again. The queue, progress and what the app says go to
    standard error, steps and the result to standard output. Ctrl-C cancels the job on the server.
    """
    from spacegen.calling.call import call as run

    try:
        with _terminable():
            run(
                source,
                endpoint,
                values,
                output=output,
                wants_json=wants_json,
                token=token,
                oauth_token=oauth_token,
                auth=auth,
                headers=headers,
                timeout=timeout,
            )
    except ArgumentError as error:
        raise click.UsageError("\n".join(map(visible, str(error).splitlines()))) from error
    except KeyboardInterrupt:
        warn("interrupted; the call is cancelled")
        raise click.exceptions.Exit(130) from None


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Wind up on SIGTERM too: cancel the job, remove the temporary folder."""
    if threading.current_thread() is not threading.main_thread():  # only there can it be told
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminated(number: int, _: object) -> NoReturn:
    raise SystemExit(128 + number)
