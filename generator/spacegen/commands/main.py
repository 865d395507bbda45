"""The command line: click commands, no logic. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import spacegen
from spacegen.commands.call import call, completion
from spacegen.commands.check import check, update
from spacegen.commands.duplicate import duplicate, search
from spacegen.commands.options import debug_option, read_renames, source_arguments
from spacegen.errors import SpacegenError
from spacegen.screen.terminal import print_json, say, visible, warn

if TYPE_CHECKING:
    from spacegen.pipeline import Report

_MOST_LINES = 20


# click keeps line breaks in a paragraph that starts with a backspace character.
_MAIN_EPILOG = """\b
SOURCE is one of
  owner/space                          a Space on the Hugging Face Hub
  https://huggingface.co/spaces/...    its page, or its hf.space address
  https://my.app/path                  any Gradio app, a gradio.live link too
  docs.json                            documents that `spacegen fetch` saved

\b
Examples:
  spacegen demo                        see it work, with an app on this machine
  spacegen abidlabs/en2fr              write the package en2fr/ into this folder
  spacegen info abidlabs/en2fr         look before you write
  spacegen check                       did a Space change under its package?
  spacegen search "text to speech"     find a Space
  spacegen call abidlabs/en2fr /predict text=Hello
"""
_GENERATE_EPILOG = """\b
Examples:
  spacegen abidlabs/en2fr
  spacegen http://127.0.0.1:7860 -o src --name my_app
  spacegen owner/space --include '/predict*' --rename /predict_1=describe
  HF_TOKEN=hf_... spacegen owner/private-space
"""
_FETCH_EPILOG = """\b
Example:
  spacegen fetch abidlabs/en2fr -o en2fr.json
  spacegen en2fr.json
"""
_INFO_EPILOG = """\b
Example:
  spacegen info abidlabs/en2fr --json
"""


class _Failure(click.ClickException):
    """One line on standard error, exit code 1."""

    def show(self, file: Any = None) -> None:
        warn(f"error: {self.message}", colour="red")


class _Commands(click.Group):
    """Commands, where `spacegen SOURCE` means `spacegen generate SOURCE`, and errors are one line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {option for parameter in self.params for option in parameter.opts} | {"--help", "-h"}
        first = next((n for n, word in enumerate(args) if word not in own), None)
        if first is not None and args[first] not in self.commands:
            self._refuse_misspelt(ctx, args[first])
            args = [*args[:first], "generate", *args[first:]]
        return super().parse_args(ctx, args)

    def _refuse_misspelt(self, ctx: click.Context, word: str) -> None:
        """Fail where a word was meant to be a command; a source has a slash or a dot, or is a file."""
        if word.isalpha() and not Path(word).exists():
            from difflib import get_close_matches

            if close := get_close_matches(word, self.commands, 1, cutoff=0.7):
                raise click.UsageError(f"There is no command {word!r}; did you mean {close[0]!r}?", ctx)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            warn("interrupted; nothing was written")
            ctx.exit(130)
        except SpacegenError as error:
            self._fail(ctx, str(error), error)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            # A bug of ours, or documents stranger than any we know: still one line, and how to see more.
            what = f"{type(error).__name__}: {error}"
            self._fail(ctx, f"unexpected {what[:300]} (run again with --debug and please report it)", error)

    @staticmethod
    def _fail(ctx: click.Context, message: str, error: Exception) -> None:
        if ctx.meta.get("spacegen.debug"):
            import traceback

            for line in "".join(traceback.format_exception(error)).splitlines():
                click.echo(visible(line), err=True)
        raise _Failure(message) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_MAIN_EPILOG,
)
@click.version_option(spacegen.__version__, "-V", "--version", message="spacegen %(version)s")
@debug_option
def main() -> None:
    """Turn a Hugging Face Space into a typed Python package.

    `spacegen SOURCE` is short for `spacegen generate SOURCE`.
    """
    if not sys.warnoptions:
        # What libraries have to tell their programmers is nothing to users of this command.
        warnings.simplefilter("ignore")
    logger = logging.getLogger("spacegen")
    logger.handlers = [_Progress()]
    logger.setLevel(logging.INFO)


main.add_command(check)
main.add_command(update)
main.add_command(search)
main.add_command(call)
main.add_command(completion)
main.add_command(duplicate)


class _Progress(logging.Handler):
    """Prints why something takes long."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(record.getMessage())


@main.command(epilog=_GENERATE_EPILOG)
@source_arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder that the package is put into, as a folder of its own; by default this one.",
)
@click.option("--name", metavar="NAME", help="Name of the package; by default it follows from the Space.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace files that spacegen did not write, or that were edited since. Files of other names stay.",
)
@click.option(
    "--vendor",
    is_flag=True,
    help="Copy the runtime into the package, which then needs only httpx, httpx-sse and pydantic.",
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
@click.option("--undocumented", is_flag=True, help="Also write what the Space's API page leaves out.")
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
    from spacegen.reading.selection import Selection

    selection = Selection(include=include, exclude=exclude, rename=rename, undocumented=undocumented)
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
    )
    _print_report(report, in_current_folder=output == Path())


@main.command(epilog=_FETCH_EPILOG)
@source_arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to save to.",
)
def fetch(
    source: str, output: Path, token: str | None, auth: tuple[str, str] | None, headers: dict[str, str]
) -> None:
    """Save the documents that SOURCE publishes.

    The file is itself a SOURCE: packages can be written from it without a network.
    """
    from spacegen.fetching.fetch import fetch as read
    from spacegen.fetching.saved import save_documents

    fetched = read(source, token=token, auth=auth, headers=headers)
    save_documents(fetched, output)
    for note in fetched.notes:
        warn(f"note: {note}")
    say(f"Saved {output} ({output.stat().st_size // 1024 + 1} KB)")


@main.command(epilog=_INFO_EPILOG)
@source_arguments
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
def info(
    source: str, token: str | None, auth: tuple[str, str] | None, headers: dict[str, str], *, wants_json: bool
) -> None:
    """Show the endpoints of SOURCE with their parameters and types."""
    from spacegen import pipeline
    from spacegen.screen import endpoints as table

    space = pipeline.inspect(source, token=token, auth=auth, headers=headers)
    if wants_json:
        print_json(table.as_json(space), indent=2)
    else:
        table.show(space)


@main.command()
@click.option("--keep", is_flag=True, help="Leave the app running until Ctrl-C, to try more calls.")
@debug_option
def demo(*, keep: bool) -> None:
    """See spacegen at work, with an app on this machine.

    Starts a small Gradio app, writes its package spacegen_demo/ into this folder, imports it
    and calls it. Needs no account and no internet.
    """
    from spacegen.demo.run import run_demo

    run_demo(keep=keep)


def _print_report(report: Report, *, in_current_folder: bool) -> None:
    size = f"{_count(report.endpoints, 'endpoint')}, {_count(report.models, 'model')}"
    say(f"Wrote {report.folder}/: {size}", bold=True, colour="green")
    warnings_and_notes = sorted(report.diagnostics, key=lambda diagnostic: diagnostic.level == "note")
    wants_all = bool(click.get_current_context().meta.get("spacegen.debug"))
    shown = warnings_and_notes if wants_all else warnings_and_notes[:_MOST_LINES]
    for diagnostic in shown:
        warn(f"{diagnostic.level}: {diagnostic}", colour="yellow" if diagnostic.level == "warning" else None)
    if len(shown) < len(warnings_and_notes):
        warn(f"and {len(warnings_and_notes) - len(shown)} more; --debug shows all")
    if report.first_call:
        say()
        say("Try it:" if in_current_folder else f"Try it in {report.folder.parent}:")
        for line in report.first_call.splitlines():
            say(f"    {line}", colour="cyan")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
