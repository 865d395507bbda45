"""`spacegen adopt` from end to end: files, uses, Spaces, new texts, and writing them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from spacegen.adopt.edits import Conflict
from spacegen.adopt.elsewhere import Elsewhere, Others
from spacegen.adopt.files import decode, find, read_bytes
from spacegen.adopt.found import AdoptReport, FileResult, PackageResult, UnreadableFile
from spacegen.adopt.notebooks import Notebook
from spacegen.adopt.plan import FilePlan
from spacegen.adopt.reach import out_of_reach
from spacegen.adopt.spaces import Spaces
from spacegen.adopt.taken import modules_of
from spacegen.adopt.target import Target
from spacegen.adopt.write import replace_file
from spacegen.errors import SpacegenError


def adopt(
    paths: Sequence[Path],
    *,
    output: Path,
    sources: Mapping[str, str],
    token: str | None = None,
    write: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> AdoptReport:
    """Find code that uses gradio_client, and rewrite it to use packages where that is certain to work the same.

    Args:
        paths: Files, and folders that are searched.
        output: The folder that new packages go into.
        sources: Sources of Spaces: a Space's name or the code that names it, with a SOURCE or a package's folder.
        token: For private Spaces.
        write: Write packages and files; otherwise only report.
        say: Called with texts about what is read and written.

    Raises:
        PackageNotFound: There is no such path.
        NoSource: One of the sources cannot be read; nothing was changed.
        SpacegenError: A package cannot be written; no file was changed.
    """
    found = list(find(paths))
    spaces = Spaces(output, sources, token, say, modules_of(found))
    spaces.check_given()
    spaces.look_at_packages(paths)
    report = AdoptReport()
    report.looked_at = len(found)
    users = [result for path in found if (result := _read(path)) is not None]
    others = Others(found, [result.path for result in users])
    configured = {result.path: _look(result, spaces, others) for result in users}
    for result in users:
        # What a file configures would hold for the Clients of later files as well: now those are known.
        if not all(target.alone for target in configured[result.path]):
            _look(result, spaces, others)
        if result.uses or result.problem:
            report.files.append(result)
    report.unread = dict(spaces.unread)
    for text in spaces.unmatched():
        say(text)
    places = [*(path if path.is_dir() else path.parent for path in paths), output]
    _packages(report, spaces, places, write=write)
    if write:
        for result in report.files:
            _write(result, say)
    return report


def _read(path: Path) -> FileResult | None:
    """Return a file that may use gradio_client, or None."""
    result = FileResult(path=path)
    try:
        content = read_bytes(path)
    except UnreadableFile as error:
        result.problem = str(error)
        return result
    if content is None:
        return None
    result.before = result.after = content
    return result


def _look(result: FileResult, spaces: Spaces, others: Others) -> list[Target]:
    """Plan one file, and return the Spaces that it configures; an error concerns only this file."""
    if result.problem:
        return []
    result.diff = []
    try:
        return _plan(result, spaces, others)
    except UnreadableFile as error:
        result.problem = str(error)
    except Conflict as error:
        result.problem = f"could not be planned around {str(error)[:60]!r}; please report it"
    except SpacegenError:
        raise
    except Exception as error:  # a bug of spacegen in one file must not stop the others
        result.problem = f"could not be planned ({type(error).__name__}: {error}); please report it"
        result.uses, result.after = [], result.before
    return []


def _plan(result: FileResult, spaces: Spaces, others: Others) -> list[Target]:
    source = decode(result.before)
    if result.path.suffix == ".ipynb":
        notebook = Notebook(source.text)
        plan = FilePlan(notebook.code, spaces, Elsewhere(notebook.mentioned, result.path, others))
        for use in plan.uses:
            use.cell, use.line = notebook.place(use.line)
        new = notebook.rewritten(plan.text)
    else:
        plan = FilePlan(source.text, spaces, Elsewhere(path=result.path, others=others))
        new = plan.text
    result.uses = sorted(plan.uses, key=lambda use: (use.cell or 0, use.line))
    result.after = source.encoded(new)
    if result.changes:
        name = result.path.as_posix()
        lines = difflib.unified_diff(_lines(source.text), _lines(new), f"a/{name}", f"b/{name}", lineterm="")
        result.diff = list(lines)
    return plan.configures


def _lines(text: str) -> list[str]:
    """Return lines without their LF; what CRLF leaves of a line end is a part of the change."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _packages(report: AdoptReport, spaces: Spaces, places: Sequence[Path], *, write: bool) -> None:
    for target in spaces.used():
        new = target.fetched is not None
        if new and write:
            spaces.write(target)
        report.packages.append(
            PackageResult(
                space=target.name,
                module=target.module,
                folder=target.folder,
                state=("written" if write else "to write") if new else "there",
                problem=out_of_reach(target, places),
            )
        )


def _write(result: FileResult, say: Callable[[str], None]) -> None:
    if not result.changes or result.problem:
        return
    try:
        replace_file(result.path, result.before, result.after)
        say(f"wrote {result.path}")
    except UnreadableFile as error:
        result.problem = str(error)
