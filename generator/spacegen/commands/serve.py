"""`spacegen serve`."""

from __future__ import annotations

from pathlib import Path

import click

from spacegen.commands.options import screen_options

_EPILOG = """\b
Examples:
  spacegen serve en2fr
  spacegen serve en2fr --recording tests/recordings/demo.json
  spacegen serve en2fr --script answers.py     # def answers(fake): fake.on(translate)...
"""
_File = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(epilog=_EPILOG)
@click.argument("package", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=7860, help="Port, 7860 by default; 0 takes a free one."
)
@click.option("--recording", type=_File, help="Answer from a recording that tests made.")
@click.option("--script", type=_File, help="Python file whose answers(fake) says what endpoints answer.")
@click.option("--auth", nargs=2, metavar="USER PASSWORD", help="Require this login.")
@screen_options
def serve(
    package: Path, port: int, recording: Path | None, script: Path | None, auth: tuple[str, str] | None
) -> None:
    """Serve a fake of PACKAGE's Space over HTTP, on this machine.

    It speaks Gradio's routes as the Space's own version does, so that front ends, curl and other languages can be
    tried without the Space. An endpoint that nothing is said of answers with an example of its result.
    """
    from spacegen.serving.serve import serve as run

    run(package, port=port, recording=recording, script=script, auth=auth)
