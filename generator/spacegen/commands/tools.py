"""`spacegen tools`."""

from __future__ import annotations

import json

import click

from spacegen.commands.options import screen_options
from spacegen.screen.terminal import print_raw

_EPILOG = """\b
Examples:
  spacegen tools en2fr --format openai > tools.json
  spacegen tools en2fr draw --format anthropic --exclude 'draw_*'
"""
_FORMATS = ("json", "mcp", "openai", "openai-chat", "anthropic")


@click.command(epilog=_EPILOG)
@click.argument("sources", nargs=-1, required=True, metavar="PACKAGE|SOURCE...")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="json", help="json by default.")
@click.option(
    "--include", multiple=True, metavar="NAME", help="Only these; may be a pattern, and may be repeated."
)
@click.option("--exclude", multiple=True, metavar="NAME", help="Not these; may be a pattern, and may be repeated.")
@click.option("--no-strict", is_flag=True, help="Do not ask the vendor to make the model follow the schema.")
@screen_options
def tools(
    sources: tuple[str, ...], form: str, include: tuple[str, ...], exclude: tuple[str, ...], no_strict: bool
) -> None:
    """Print the endpoints of packages as tools of a language model.

    A package is read without a request; for a SOURCE, one is written into a temporary folder.

    openai is the form of OpenAI's Responses API, openai-chat that of Chat Completions.
    """
    from spacegen.agents.catalogue import described, open_tools

    with open_tools(sources, include=include, exclude=exclude, form=form) as found:
        made = described(found, form, strict=not no_strict)
    print_raw(json.dumps(made, indent=2, ensure_ascii=True))
