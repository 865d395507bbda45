"""`spacegen mcp`."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import click

from spacegen.commands.options import header_option, read_headers, screen_options
from spacegen.errors import SpacegenError
from spacegen.screen.terminal import print_raw, say

_EPILOG = """\b
Tokens come from the environment alone: HF_TOKEN for Spaces of the Hub, and where one source is
given, SPACEGEN_AUTH=USER:PASSWORD for an app with a login page or behind a gateway, and
SPACEGEN_HEADERS, with one 'NAME: VALUE' a line, for a gateway that wants those. No result
shows them.

\b
Examples:
  spacegen mcp en2fr                         over standard input and output, the usual way
  spacegen mcp en2fr draw --files pictures   two packages, and files for models
  spacegen mcp en2fr --http 8000             streamable HTTP on this machine
  spacegen mcp en2fr --print-config claude   the block for the settings of Claude Desktop
"""
_HOSTS = ("claude", "cursor", "vscode")
_HEADERS = "SPACEGEN_HEADERS"
_LEFT_OUT = ("--print-config", "--header")


@click.command(epilog=_EPILOG)
@click.argument("sources", nargs=-1, required=True, metavar="PACKAGE|SOURCE...")
@click.option("--http", "port", type=click.IntRange(0, 65535), metavar="PORT", help="HTTP on this machine.")
@click.option(
    "--include", multiple=True, metavar="NAME", help="Only these tools; may be a pattern, and may be repeated."
)
@click.option(
    "--exclude", multiple=True, metavar="NAME", help="Not these tools; may be a pattern, and may be repeated."
)
@click.option("--read-only", multiple=True, metavar="NAME", help="Tools that change nothing; may be a pattern.")
@click.option("--destructive", multiple=True, metavar="NAME", help="Tools that may destroy something.")
@click.option(
    "--files",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Models may name the files in this folder; without this option, no file on this machine.",
)
@click.option("--no-urls", is_flag=True, help="Models may not name http(s) URLs.")
@click.option("--private-addresses", is_flag=True, help="URLs may lie on this machine or in a private network.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=600.0, metavar="SECONDS",
              help="Limit of one call, 600 seconds by default.")  # fmt: skip
@click.option(
    "--framed",
    is_flag=True,
    help="Mark results as data of a Space, which a model must not follow as instructions.",
)
@header_option
@click.option("--print-config", type=click.Choice(_HOSTS), help="Print the block for this program's settings.")
@screen_options
def mcp(
    sources: tuple[str, ...],
    port: int | None,
    print_config: str | None,
    headers: dict[str, str],
    **options: Any,
) -> None:
    """Serve endpoints as tools of a language model (Model Context Protocol).

    Tools are listed from what the packages remember, without a request. A SOURCE that is no package is read first.
    """
    if importlib.util.find_spec("mcp") is None:
        raise SpacegenError("spacegen mcp needs the MCP SDK.", 'Install it: pip install "spacegen[mcp]"')
    if print_config is not None:
        from spacegen.agents.hosts import config_text, where

        click.echo(where(print_config), err=True)
        if headers:
            click.echo(f"The block does not contain headers: put them into {_HEADERS}, under `env`.", err=True)
        print_raw(config_text(print_config, sources, _other_words(sources)))
        return
    from spacegen.agents.catalogue import open_tools
    from spacegen.agents.running import serve
    from spacegen.agents.server import Settings

    include, exclude = options.pop("include"), options.pop("exclude")
    settings = Settings(urls=not options.pop("no_urls"), **options)
    headers = {**read_headers(os.environ.get(_HEADERS, "").splitlines(), _HEADERS), **headers}
    with open_tools(sources, include=include, exclude=exclude, headers=headers) as tools:
        serve(tools, settings, port=port, started=lambda url: say(f"{len(tools)} tools on {url} (Ctrl-C ends it)"))


def _other_words(sources: tuple[str, ...]) -> list[str]:
    """The options of this command line, but for --print-config, and for --header, whose values are secrets."""
    words = sys.argv[sys.argv.index("mcp") + 1 :] if "mcp" in sys.argv else []
    kept: list[str] = []
    skipped = False
    for word in words:
        if not skipped and word not in sources and not word.startswith(_LEFT_OUT):
            kept.append(word)
        skipped = word in _LEFT_OUT
    return kept
