"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., object])


def debug_option(function: _Function) -> _Function:
    """Add `--debug`, which `main` acts on."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            ctx.meta["spacegen.debug"] = True

    return click.option(
        "--debug",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=remember,
        help="Show the traceback of an error, and all notes.",
    )(function)


def token_option(function: _Function) -> _Function:
    """Add `--token`."""
    return click.option(
        "--token",
        metavar="TOKEN",
        help="Hugging Face token; otherwise HF_TOKEN or the token that you logged in with.",
    )(function)


def auth_option(function: _Function) -> _Function:
    """Add `--auth`, which arrives as user and password."""
    return click.option(
        "--auth",
        metavar="USER:PASSWORD",
        envvar="SPACEGEN_AUTH",
        callback=read_auth,
        help="For an app with a login page; the password is asked for where only USER is given.",
    )(function)


def header_option(function: _Function) -> _Function:
    """Add `--header`, which may be given several times and arrives as a dict."""
    return click.option(
        "--header",
        "headers",
        metavar="'NAME: VALUE'",
        multiple=True,
        callback=_read_headers,
        help="A header that a gateway in front of the app wants; a package keeps its name, never its value.",
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


def _read_headers(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.partition(":") for value in values]
    if not all(name.strip() and colon for name, colon, _ in pairs):
        raise click.BadParameter("it reads 'NAME: VALUE'")
    return {name.strip(): value.strip() for name, _, value in pairs}


def source_arguments(function: _Function) -> _Function:
    """Add what every command that reads a SOURCE takes."""
    for decorate in (debug_option, header_option, auth_option, token_option, click.argument("source")):
        function = decorate(function)
    return function


def read_auth(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Read USER:PASSWORD; the password is asked for where it is missing."""
    if not value:
        return None
    user, colon, password = value.partition(":")
    return user, password if colon else str(click.prompt("Password", hide_input=True, err=True))


def read_renames(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read every /NAME=FUNCTION."""
    pairs = [value.rpartition("=") for value in values]
    for name, equals, function in pairs:
        if not (name and equals and function):
            raise click.BadParameter("it reads /NAME=FUNCTION")
    return {name: function for name, _, function in pairs}
