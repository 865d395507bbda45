"""Writes `docs/reference/commands.md`: what `--help` says of every command, from click itself.

`python tests/tools/cli_reference.py` writes the page again; a test holds it against the commands.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
from spacegen.commands.main import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md"
WIDTH = 100
HELP: list[str] = main.context_settings["help_option_names"]


def page() -> str:
    """The page as it should be."""
    parts = [
        "# Every command",
        "What `spacegen COMMAND --help` prints. [The command line](../cli.md) explains the same by examples.",
    ]
    with click.Context(main, info_name="spacegen", terminal_width=WIDTH, help_option_names=HELP) as top:
        parts += ["## spacegen", _block(main.get_help(top))]
        for name in main.list_commands(top):
            command = main.get_command(top, name)
            if command is None or command.hidden:
                continue
            with click.Context(command, info_name=name, parent=top, terminal_width=WIDTH) as context:
                parts += [f"## spacegen {name}", _block(command.get_help(context))]
    return "\n\n".join(parts) + "\n"


def _block(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return "```text\n" + "\n".join(line.rstrip() for line in plain.splitlines()) + "\n```"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
