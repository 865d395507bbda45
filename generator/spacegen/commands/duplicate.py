"""`spacegen duplicate`."""

from __future__ import annotations

import os

import click

from spacegen.commands.options import screen_options, token_option
from spacegen.screen.terminal import warn

_DUPLICATE_EPILOG = """\b
Examples:
  spacegen duplicate abidlabs/en2fr
  spacegen duplicate abidlabs/en2fr --to my-team/en2fr --hardware t4-small
  spacegen duplicate abidlabs/en2fr --secret API_KEY      takes its value from the environment
"""


def _read_pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not key.isidentifier():
            raise click.BadParameter(f"write {parameter.metavar}", param=parameter)
        if not equals and key not in os.environ:
            raise click.BadParameter(f"there is no environment variable {key}", param=parameter)
        pairs[key] = value if equals else os.environ[key]
    return pairs


@click.command(epilog=_DUPLICATE_EPILOG)
@click.argument("source")
@click.option("--to", metavar="[OWNER/]NAME", help="The copy's name; by default the same, under your account.")
@click.option("--public", is_flag=True, help="Let everybody see and call the copy; by default it is private.")
@click.option(
    "--hardware", metavar="NAME", help="Hardware that it runs on, such as t4-small; by default the free CPU."
)
@click.option(
    "--secret",
    "secrets",
    metavar="NAME[=VALUE]",
    multiple=True,
    callback=_read_pairs,
    help="A secret that its code reads; without VALUE, the environment variable NAME.",
)
@click.option(
    "--variable",
    "variables",
    metavar="NAME[=VALUE]",
    multiple=True,
    callback=_read_pairs,
    help="A variable that its code reads; everybody who can see the copy can read it too.",
)
@token_option
@screen_options
def duplicate(
    source: str,
    to: str | None,
    hardware: str | None,
    secrets: dict[str, str],
    variables: dict[str, str],
    token: str | None,
    *,
    public: bool,
) -> None:
    """Copy a Space to your own account.

    The copy is yours: nobody else waits in its queue, and it stays as it is. A package that exists
    can be pointed at it; the last lines of the output say how.
    """
    from spacegen.hub import duplicate as hub_duplicate
    from spacegen.screen import hub

    try:
        copy = hub_duplicate.duplicate(
            source,
            to=to,
            private=not public,
            hardware=hardware,
            secrets=secrets,
            variables=variables,
            token=token,
        )
    except KeyboardInterrupt as stop:
        warn("interrupted; the copy may exist already, look at your Spaces on the Hub")
        raise click.exceptions.Exit(130) from stop
    hub.show_copy(copy)
