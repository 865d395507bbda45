"""What `check` and `update` found: for people, for programs, and as annotations in GitHub Actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacegen.drift.change import LEVELS, Change, told
from spacegen.drift.results import Checked, Updated
from spacegen.screen.terminal import is_terminal, remark, say, warn

_COLOURS = {
    "same": "green",
    "cosmetic": "green",
    "compatible": "yellow",
    "breaking": "red",
    "altered": "red",
    "unknown": "magenta",
    "unchanged": "green",
    "updated": "yellow",
    "written": "yellow",
    "pending": "yellow",
    "failed": "red",
}
_SAID = {"unknown": "could not tell", "pending": "to write"}
_MOST_LINES = 20


def show_checked(result: Checked, *, everything: bool) -> None:
    """Print the result for one package: one line, and one for each change that matters."""
    _headline(result.state, result.folder, result.source)
    _show_changes(result.changes, everything=everything)
    for name in result.edited[:_MOST_LINES]:
        _line("edited", f"{name} is not as spacegen wrote it", "red")
    for name in result.vouched.altered[:_MOST_LINES]:
        _line("altered", f"{name} is not what spacegen writes, although spacegen.json says so", "red")
    for name in result.shadowing[:_MOST_LINES]:
        _line("altered", f"{name} would be imported instead of a file that spacegen wrote", "red")
    for name in [name for name in result.unwritten if name not in result.shadowing][:_MOST_LINES]:
        _line("unknown", f"{name} can be imported, but spacegen did not write it", "yellow")
    if result.vouched.reason:
        _line("unvouched", result.vouched.reason, "magenta")
    if result.listing:
        _line("listing", f"{result.listing}; run `spacegen sync`", "yellow")
    if result.old_runtime:
        _line("runtime", result.old_runtime, "yellow")
    for line in result.stale[:_MOST_LINES]:
        _line("recording", f"{line}; record it again", "yellow")
    if result.problem:
        _line("problem", result.problem, "magenta")


def show_updated(result: Updated) -> None:
    """Print what `update` did with one package."""
    _headline(result.state, result.folder, result.source)
    _show_changes(result.changes, everything=True)
    if result.files:
        counts = Counter(what for _, what in result.files)
        _line("files", ", ".join(f"{count} {what}" for what, count in sorted(counts.items())), None)
    for diagnostic in result.diagnostics if result.state != "unchanged" else ():
        if diagnostic.level == "warning":
            _line("warning", str(diagnostic), "yellow")
    if result.problem:
        _line("problem", result.problem, "red")


def is_news(result: Checked, *, strict: bool) -> bool:
    """Return whether a package gets a line of its own if there are many."""
    told = result.edited or result.unwritten or result.vouched.reason or result.old_runtime
    told = told or result.listing or result.stale
    quiet = result.state in ("same", "cosmetic") and not told
    return not quiet or (strict and result.differs)


def show_summary(results: Sequence[Checked]) -> None:
    """Print how many packages are in which state, and what to do next."""
    _show_counts([_SAID.get(result.state, result.state) for result in results])
    if any(change.outdated for result in results for change in result.changes):
        remark("Run `spacegen update` to bring packages up to date with their Spaces.")


def show_diff(result: Updated) -> None:
    """Print what changes in one package as a unified diff; why there is none goes to standard error."""
    for line in result.diff:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        say(line.expandtabs(8) if is_terminal() else line, colour=colour)
    if result.problem:
        warn(f"error: {result.folder}: {result.problem}", colour="red")


def show_update_summary(results: Sequence[Updated]) -> None:
    """Print how many packages were written, and which failed."""
    _show_counts([_SAID.get(result.state, result.state) for result in results])
    failed = [str(result.folder) for result in results if result.problem]
    if failed:
        remark(f"failed: {', '.join(failed)}", colour="red")


def _show_counts(states: Sequence[str]) -> None:
    said = ", ".join(f"{count} {state}" for state, count in sorted(Counter(states).items()))
    remark(f"{len(states)} package{'' if len(states) == 1 else 's'}{': ' if said else ''}{said}", bold=True)


def updates_as_json(results: Sequence[Updated], code: int) -> dict[str, Any]:
    """Return what `spacegen update --json` prints."""
    return {"exit": code, "packages": [_updated(result) for result in results]}


def as_json(results: Sequence[Checked], code: int) -> dict[str, Any]:
    """Return what `spacegen check --json` prints."""
    return {"exit": code, "packages": [_checked(result) for result in results]}


def changes_as_json(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes for programs."""
    return [
        {
            "endpoint": change.endpoint,
            "kind": change.kind,
            "level": change.level,
            "message": change.message,
            "did_you_mean": change.did_you_mean,
            "outdated": change.outdated,
        }
        for change in changes
    ]


def _headline(state: str, folder: Path, source: str) -> None:
    origin = f" ({source})" if source else ""
    say(f"{_SAID.get(state, state)}: {folder}{origin}", colour=_COLOURS[state], bold=True)


def _show_changes(changes: Sequence[Change], *, everything: bool) -> None:
    shown = [change for change in changes if everything or change.level != "cosmetic"]
    for change in shown[:_MOST_LINES]:
        _line(change.level, told(change), _COLOURS[change.level])
    if len(shown) > _MOST_LINES:
        _line("", f"and {len(shown) - _MOST_LINES} more; --json shows all", None)
    if len(shown) < len(changes):
        _line("cosmetic", f"{len(changes) - len(shown)} in texts and defaults only", None)


def _line(label: str, text: str, colour: str | None) -> None:
    say(f"  {label:<12}{text}", colour=colour)


def _updated(result: Updated) -> dict[str, Any]:
    return {
        "folder": result.folder.as_posix(),
        "source": result.source,
        "state": result.state,
        "changes": changes_as_json(result.changes),
        "files": dict(result.files),
        "diff": "".join(f"{line}\n" for line in result.diff) or None,
        "warnings": [str(one) for one in result.diagnostics if one.level == "warning"],
        "problem": result.problem,
    }


def _checked(result: Checked) -> dict[str, Any]:
    return {
        "folder": result.folder.as_posix(),
        "source": result.source,
        "state": result.state,
        "counts": {level: sum(change.level == level for change in result.changes) for level in LEVELS},
        "changes": changes_as_json(result.changes),
        "edited": list(result.edited),
        "altered": list(result.vouched.altered),
        "unwritten": list(result.unwritten),
        "shadowing": list(result.shadowing),
        "unvouched": result.vouched.reason,
        "old_runtime": result.old_runtime,
        "listing": result.listing,
        "stale_recordings": list(result.stale),
        "problem": result.problem,
    }
