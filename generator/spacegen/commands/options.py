"""Options that several commands share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from spacegen.screen.terminal import manner

_Function = TypeVar("_Function", bound=Callable[..., object])


def debug_option(function: _Function) -> _Function:
    """Add `--debug`."""
    return _manner_flag("--debug", meaning="Show the traceback of an error, and all notes.")(function)


def colour_option(function: _Function) -> _Function:
    """Add `--color`."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        metavar="WHEN",
        expose_value=False,
        is_eager=True,
        callback=_remember_colour,
        help="Colours: auto (on a terminal where NO_COLOR is not set), always or never.",
    )(function)


def screen_options(function: _Function) -> _Function:
    """Add the options of every command that prints: how much, and whether in colour."""
    quiet = _manner_flag("-q", "--quiet", meaning="Say nothing but results and errors.")
    verbose = _manner_flag("-v", "--verbose", meaning="Say more: every request to a Space, every note.")
    for decorate in (debug_option, colour_option, verbose, quiet):
        function = decorate(function)
    return function


def _manner_flag(*names: str, meaning: str) -> Callable[[_Function], _Function]:
    return click.option(
        *names, is_flag=True, expose_value=False, is_eager=True, callback=_remember_flag, help=meaning
    )


def _remember_flag(_: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        assert parameter.name is not None
        setattr(manner(), parameter.name, True)
        set_up_logs()


def _remember_colour(_: click.Context, __: click.Parameter, value: Any) -> None:
    if value:
        manner().colour = value


def set_up_logs() -> None:
    """Show the logs of the generator and the runtime as far as the options say."""
    how = manner()
    if how.quiet and (how.verbose or how.debug):
        raise click.UsageError("--quiet and --verbose (or --debug) contradict each other.")
    usual = logging.ERROR if how.quiet else logging.INFO
    logging.getLogger("spacegen").setLevel(logging.DEBUG if how.debug else usual)
    logging.getLogger("spacegen.fetching").setLevel(logging.DEBUG if how.verbose else logging.NOTSET)


def token_option(function: _Function) -> _Function:
    """Add `--token`."""
    return click.option(
        "--token",
        metavar="TOKEN",
        help="Hugging Face token; otherwise HF_TOKEN or the token that you logged in with.",
    )(function)


def oauth_token_option(function: _Function) -> _Function:
    """Add `--oauth-token`; for `-`, the token is asked for."""
    return click.option(
        "--oauth-token",
        metavar="TOKEN",
        envvar="SPACEGEN_OAUTH_TOKEN",
        callback=_read_oauth_token,
        help="A Hugging Face token for the app itself, where the endpoint asks for one to act in your name. "
        "Use - to be asked for it: other users of this machine can see the command line.",
    )(function)


def _read_oauth_token(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    return str(click.prompt("Token for the app", hide_input=True, err=True)) if value == "-" else value or None


def auth_option(function: _Function) -> _Function:
    """Add `--auth`, which arrives as user and password."""
    return click.option(
        "--auth",
        metavar="USER:PASSWORD",
        envvar="SPACEGEN_AUTH",
        callback=read_auth,
        help="For an app with a login page; if only USER is given, the password is asked for.",
    )(function)


def header_option(function: _Function) -> _Function:
    """Add `--header`, which may be given several times and arrives as a dict."""
    return click.option(
        "--header",
        "headers",
        metavar="'NAME: VALUE'",
        multiple=True,
        callback=lambda _, __, values: read_headers(values),
        help="A header that a gateway in front of the app requires; a package stores its name, never its value.",
    )(function)


def origin_option(function: _Function) -> _Function:
    """Add `--origin`."""
    return click.option(
        "--origin",
        metavar="SOURCE",
        help="The app that --auth, --header and, outside of the Hub, --token are for: owner/space, or an address "
        "(https://USER:PASSWORD@host for a gateway). Without it they go only to apps on this machine: a "
        "spacegen.json can name any.",
    )(function)


def read_headers(lines: Iterable[str], where: str | None = None) -> dict[str, str]:
    """Read every NAME: VALUE; `where` names their place, if it is not the option."""
    pairs = [line.partition(":") for line in lines]
    if not all(name.strip() and colon for name, colon, _ in pairs):
        raise click.BadParameter("it must be 'NAME: VALUE'", param_hint=where)
    return {name.strip(): value.strip() for name, _, value in pairs}


def source_options(function: _Function) -> _Function:
    """Add the options of every command that reads a SOURCE."""
    for decorate in (screen_options, header_option, auth_option, token_option):
        function = decorate(function)
    return function


class Folder(click.Path):
    """A folder to write to, which need not exist; `-`, which means standard output, is not allowed."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            click.BadParameter: It is `-`, or a file.
        """
        if value == "-":
            self.fail("standard output can take one file but not a folder; name a folder", param, ctx)
        return super().convert(value, param, ctx)


def read_auth(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Read USER:PASSWORD; a missing password is asked for."""
    if not value:
        return None
    user, colon, password = value.partition(":")
    return user, password if colon else str(click.prompt("Password", hide_input=True, err=True))


def read_renames(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read every /NAME=FUNCTION."""
    pairs = [value.rpartition("=") for value in values]
    for name, equals, function in pairs:
        if not (name and equals and function):
            raise click.BadParameter("it must be /NAME=FUNCTION")
    return {name: function for name, _, function in pairs}
