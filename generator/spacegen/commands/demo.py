"""`spacegen demo`."""

from __future__ import annotations

import click

from spacegen.commands.options import screen_options


@click.command()
@click.option("--keep", is_flag=True, help="Keep the app running until Ctrl-C, so that you can try more calls.")
@screen_options
def demo(*, keep: bool) -> None:
    """See spacegen at work, with an app on this machine.

    Starts a small Gradio app, writes its package spacegen_demo/ into this folder, imports it
    and calls it. Needs no account and no internet.
    """
    from spacegen.demo.run import run_demo

    run_demo(keep=keep)
