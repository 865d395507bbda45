"""The command line: click commands, no logic. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import errno
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import click

import spacegen
from spacegen.commands.adopt import adopt
from spacegen.commands.call import call
from spacegen.commands.check import check
from spacegen.commands.completion import completion
from spacegen.commands.demo import demo
from spacegen.commands.duplicate import duplicate
from spacegen.commands.fetch import fetch
from spacegen.commands.generate import generate
from spacegen.commands.info import info
from spacegen.commands.map import map_
from spacegen.commands.mcp import mcp
from spacegen.commands.options import screen_options, set_up_logs
from spacegen.commands.process import tuned
from spacegen.commands.search import search
from spacegen.commands.serve import serve
from spacegen.commands.sync import sync
from spacegen.commands.tools import tools
from spacegen.commands.update import update
from spacegen.errors import PackageNotFound, SpacegenError
from spacegen.screen.terminal import drop_output, manner, say, visible, warn
from spacegen.text import shorten

# click keeps line breaks in a paragraph that starts with a backspace character.
_MAIN_EPILOG = """\b
SOURCE is one of
  owner/space                          a Space on the Hugging Face Hub
  https://huggingface.co/spaces/...    its page, or its hf.space address
  https://my.app/path                  any Gradio app, also a gradio.live link
  docs.json                            documents that `spacegen fetch` saved

\b
Examples:
  spacegen demo                        see it work, with an app on this machine
  spacegen abidlabs/en2fr              write the package en2fr/ into this folder
  spacegen info abidlabs/en2fr         look at a Space before you write its package
  spacegen check                       has a Space changed since its package was written?
  spacegen search "text to speech"     find a Space
  spacegen call abidlabs/en2fr /predict text=Hello
"""

_FIRST_WORDS = (
    "spacegen demo           see it work, with an app on this machine",
    "spacegen owner/space    write a typed package for a Space of the Hugging Face Hub, or for any address",
    "spacegen --help         all other commands",
)
_READER_LEFT = 141
"""The exit code of a program that was ended by SIGPIPE, as shells report it."""


class _Failure(click.ClickException):
    """One line on standard error, exit code 1."""

    def show(self, file: Any = None) -> None:
        warn(f"error: {self.message}", colour="red")


class _Misunderstood(_Failure):
    """The same for wrong usage: exit code 2."""

    exit_code = 2


def _no_path(error: OSError) -> tuple[str, SpacegenError]:
    """Say that a word is no path, whichever command looked for it: no system has a file of such a name."""
    missing = PackageNotFound(
        f"There is no file or folder {shorten(str(error.filename), 80)}: the name is too long."
    )
    missing.__cause__ = error
    return str(missing), missing


class _Commands(click.Group):
    """Commands, where `spacegen SOURCE` means `spacegen generate SOURCE`, and errors are one line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:  # a shell that completes words passes none
            for line in _FIRST_WORDS:
                say(line)
            ctx.exit()
        first = self._first_word(args)
        if first < len(args) and args[first] not in self.commands:
            self._refuse_misspelt(ctx, args[first])
            args = [*args[:first], "generate", *args[first:]]
        return super().parse_args(ctx, args)

    def _first_word(self, args: list[str]) -> int:
        """Return the position of the first word that is neither a global option nor the value of one."""
        own = {name: one for one in self.params if isinstance(one, click.Option) for name in one.opts}
        place = 0
        while place < len(args):
            name, equals, _ = args[place].partition("=")
            if name not in own and name not in ("--help", "-h"):
                break
            place += 2 if name in own and not own[name].is_flag and not equals else 1
        return place

    def _refuse_misspelt(self, ctx: click.Context, word: str) -> None:
        """Fail if a word was meant to be a command; a source contains a slash or a dot, or is a file."""
        if not word.isalpha():
            return
        from difflib import get_close_matches

        close = get_close_matches(word, self.commands, 1, cutoff=0.7)
        if not (close or word == "help") or Path(word).exists():
            return
        if word == "help":
            raise click.UsageError("There is no command 'help'; spacegen --help lists all.", ctx)
        raise click.UsageError(f"There is no command {word!r}; did you mean {close[0]!r}?", ctx)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            warn("interrupted; nothing was written")
            ctx.exit(130)
        except SpacegenError as error:
            self._fail(ctx, str(error), error)
        except BrokenPipeError:  # of what is printed as it comes; the other lines do without a reader
            drop_output(sys.stdout)
            ctx.exit(_READER_LEFT)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
                self._fail(ctx, *_no_path(error))
            # A bug in spacegen, or documents of an unknown kind: still one line, with a hint how to see more.
            what = f"{type(error).__name__}: {error}"
            self._fail(ctx, f"unexpected {what[:300]} (run again with --debug and please report it)", error)

    @staticmethod
    def _fail(ctx: click.Context, message: str, error: Exception) -> None:
        if manner().debug:
            import traceback

            for line in "".join(traceback.format_exception(error)).splitlines():
                click.echo(visible(line), err=True)
        unclear = isinstance(error, SpacegenError) and error.exit_code == _Misunderstood.exit_code
        raise (_Misunderstood if unclear else _Failure)(message) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_MAIN_EPILOG,
)
@click.version_option(spacegen.__version__, "-V", "--version", message="spacegen %(version)s")
@screen_options
def main() -> None:
    """Turn a Hugging Face Space into a typed Python package.

    `spacegen SOURCE` is short for `spacegen generate SOURCE`.
    """
    click.get_current_context().with_resource(tuned())
    if not sys.warnoptions:
        # Warnings of libraries are for programmers, not for users of this command.
        warnings.simplefilter("ignore")
    logging.getLogger("spacegen").handlers = [_Progress()]
    set_up_logs()


main.add_command(generate)
main.add_command(adopt)
main.add_command(fetch)
main.add_command(info)
main.add_command(demo)
main.add_command(check)
main.add_command(update)
main.add_command(sync)
main.add_command(search)
main.add_command(call)
main.add_command(map_)
main.add_command(serve)
main.add_command(tools)
main.add_command(mcp)
main.add_command(completion)
main.add_command(duplicate)


class _Progress(logging.Handler):
    """Prints why something takes long."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(record.getMessage())
