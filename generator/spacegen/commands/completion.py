"""`spacegen completion`."""

from __future__ import annotations

import click

from spacegen.commands.options import screen_options
from spacegen.screen.terminal import print_raw

_EPILOG = """\b
bash, in ~/.bashrc:
  eval "$(spacegen completion bash)"

\b
zsh, in ~/.zshrc after compinit:
  eval "$(spacegen completion zsh)"

\b
fish:
  spacegen completion fish > ~/.config/fish/completions/spacegen.fish
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@screen_options
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete spacegen.

    It completes commands, options and files and, for `call`, the packages below the current folder,
    their endpoints, names of parameters and choices.
    """
    from spacegen.completing.script import script

    print_raw(script(ctx.find_root().command, "spacegen", shell))
