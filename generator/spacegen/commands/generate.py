"""`spacegen generate`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spacegen.commands.options import Folder, read_renames, source_options
from spacegen.packages.vendor import DISTRIBUTION, MODULE
from spacegen.screen.terminal import manner, note, remark, warn

if TYPE_CHECKING:
    from spacegen.pipeline import Report

_MOST_LINES = 20


_GENERATE_EPILOG = """\b
Examples:
  spacegen abidlabs/en2fr
  spacegen http://127.0.0.1:7860 -o src --name my_app
  spacegen owner/space --include '/predict*' --rename /predict_1=describe
  HF_TOKEN=hf_... spacegen owner/private-space
"""


@click.command(epilog=_GENERATE_EPILOG)
@click.argument("source")
@source_options
@click.option(
    "-o",
    "--output",
    type=Folder(),
    default=Path(),
    help="Folder in which the package's own folder is made; by default the current folder.",
)
@click.option("--name", metavar="NAME", help="Name of the package; by default derived from the name of the Space.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace files that spacegen did not write, or that were edited since. Files with other names stay.",
)
@click.option(
    "--vendor",
    is_flag=True,
    help="Copy the runtime into the package, so that it needs only httpx, httpx-sse and pydantic.",
)
@click.option("--include", multiple=True, metavar="PATTERN", help="Write only these endpoints, as in '/predict*'.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these endpoints out.")
@click.option(
    "--rename",
    multiple=True,
    metavar="/NAME=FUNCTION",
    callback=read_renames,
    help="Name an endpoint's function.",
)
@click.option("--undocumented", is_flag=True, help="Also write endpoints that the Space's API page does not show.")
@click.option("--strict", is_flag=True, help="Treat warnings as errors: write everything or nothing.")
def generate(
    source: str,
    output: Path,
    name: str | None,
    token: str | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
    *,
    force: bool,
    vendor: bool,
    strict: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    rename: dict[str, str],
    undocumented: bool,
) -> None:
    """Write a typed Python package for SOURCE.

    SOURCE is owner/space, the address of a Gradio app, or a file of saved documents. The package
    has one function for each endpoint of the app. It is replaced whole or, where anything goes
    wrong, not at all; files of yours inside it stay.
    """
    from spacegen import pipeline
    from spacegen.commands.preload import ThreadedPreload
    from spacegen.reading.selection import Selection

    selection = Selection(include=include, exclude=exclude, rename=rename, undocumented=undocumented)
    with ThreadedPreload() as preload:
        report = pipeline.generate(
            source,
            output=output,
            name=name,
            token=token,
            auth=auth,
            headers=headers,
            selection=selection,
            vendor=vendor,
            force=force,
            strict=strict,
            preload=preload,
        )
    _print_report(report, in_current_folder=output == Path())


def _print_report(report: Report, *, in_current_folder: bool) -> None:
    remark(report.summary, bold=True, colour="green")
    if report.replaces:
        warn(f"the package there was one of {report.replaces}; --name gives this one a folder of its own")
    warnings_and_notes = sorted(report.diagnostics, key=lambda diagnostic: diagnostic.level == "note")
    wants_all = manner().verbose or manner().debug
    shown = warnings_and_notes if wants_all else warnings_and_notes[:_MOST_LINES]
    for diagnostic in shown:
        note(f"{diagnostic.level}: {diagnostic}", colour="yellow" if diagnostic.level == "warning" else None)
    if len(shown) < len(warnings_and_notes):
        note(f"and {len(warnings_and_notes) - len(shown)} more; -v shows all")
    if not report.carries_runtime and importlib.util.find_spec(MODULE) is None:
        remark(
            f"Programs that import it need the runtime, which is not installed here: pip install {DISTRIBUTION}"
        )
    if report.first_call:
        remark()
        remark("Try it:" if in_current_folder else f"Try it in {report.folder.parent}:")
        for line in report.first_call.splitlines():
            remark(f"    {line}", colour="cyan")
