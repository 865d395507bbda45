"""What `spacegen adopt` found and did: for people, for programs, and as a diff."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from spacegen.screen.terminal import console, is_terminal, say, visible

if TYPE_CHECKING:
    from spacegen.adopt.found import AdoptReport, FileResult, Outcome, Use

_COLOURS = {"rewritten": "green", "left": "yellow", "wrong": "red", "told": "cyan"}
_SAID: dict[Outcome, str] = {"rewritten": "moves", "left": "stays", "wrong": "wrong today", "told": "told only"}


def show(report: AdoptReport, *, written: bool) -> None:
    """Print what was found: a table on a terminal, lines elsewhere; then what to do next."""
    if is_terminal():
        _show_table(report)
    else:
        for file in report.files:
            _show_lines(file)
    for file in report.files:
        if file.problem:
            say(f"{file.path}: {file.problem}", colour="magenta")
    for package in report.packages:
        say(f"package {package.module} ({package.space}): {package.state} in {package.folder}")
        if package.problem:
            say(f"    {package.problem}", colour="magenta")
    _summary(report, written=written)


def show_diff(report: AdoptReport) -> None:
    """Print what changes in each file as a unified diff."""
    for file in report.files:
        for line in file.diff:
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            say(line.expandtabs(8) if is_terminal() else line, colour=colour)


def as_json(report: AdoptReport) -> dict[str, Any]:
    """Return what `spacegen adopt --json` prints."""
    return {
        "files": [
            {
                "path": file.path.as_posix(),
                "problem": file.problem,
                "changes": file.changes,
                "uses": [_use(use) for use in file.uses],
            }
            for file in report.files
        ],
        "packages": [
            {
                "space": package.space,
                "module": package.module,
                "folder": package.folder.as_posix(),
                "state": package.state,
                "problem": package.problem,
            }
            for package in report.packages
        ],
        "unread": report.unread,
        "looked_at": report.looked_at,
    }


def _use(use: Use) -> dict[str, Any]:
    return {
        "line": use.line,
        "cell": use.cell,
        "kind": use.kind,
        "code": use.code,
        "space": use.space,
        "endpoint": use.endpoint,
        "outcome": use.outcome,
        "becomes": use.becomes if use.rewritten else None,
        "reasons": use.reasons,
        "wrong": use.wrong,
        "notes": use.notes,
    }


def _place(use: Use) -> str:
    return str(use.line) if use.cell is None else f"cell {use.cell}, line {use.line}"


def _words(use: Use) -> list[str]:
    becomes = [use.becomes] if use.rewritten and use.becomes else []
    return [*becomes, *use.wrong, *use.reasons, *(f"note: {note}" for note in use.notes)]


def _show_lines(file: FileResult) -> None:
    for use in file.uses:
        about = " ".join(str(part) for part in (use.space, use.endpoint) if part is not None)
        say(f"{file.path}:{_place(use)}: {_SAID[use.outcome]}: {use.code}{f'  [{about}]' if about else ''}")
        for words in _words(use):
            say(f"    {words}")


def _show_table(report: AdoptReport) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0), pad_edge=False)
    for heading in ("Place", "Space and endpoint", "", "What becomes of it"):
        table.add_column(heading, overflow="fold")
    for file in report.files:
        for use in file.uses:
            # Text, not str: rich reads markup in a str, and code may have it.
            about = "\n".join(visible(str(part)) for part in (use.space, use.endpoint) if part is not None)
            words = "\n".join(visible(text) for text in (use.code, *_words(use)))
            outcome = Text(_SAID[use.outcome], style=_COLOURS[use.outcome])
            table.add_row(Text(f"{visible(str(file.path))}\n{_place(use)}"), Text(about), outcome, Text(words))
    if table.row_count:
        console().print(table)


def _summary(report: AdoptReport, *, written: bool) -> None:
    counts = Counter(use.outcome for use in report.uses)
    said = ", ".join(f"{counts[key]} {_SAID[key]}" for key in _SAID if counts[key])
    looked = f"{report.looked_at} file{'' if report.looked_at == 1 else 's'} looked at"
    has_problem = any(file.problem for file in report.files)
    nothing = (
        "no use of gradio_client found where it could be read"
        if has_problem
        else "nothing here uses gradio_client"
    )
    say(f"{looked}: {said or nothing}", bold=True)
    if not written and any(file.changes for file in report.files):
        say("`--diff` shows the changes, `--write` makes them.")
