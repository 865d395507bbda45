"""Findings as GitHub shows them next to the code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from spacegen.drift.change import told
from spacegen.drift.results import Checked
from spacegen.fetching.body import LARGEST
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.plainfile import read_inside
from spacegen.screen.terminal import print_raw, visible

_WARNINGS = {"output-choices": "warning"}  # breaks some code, but most code is not affected


def annotate(results: Sequence[Checked]) -> None:
    """Print the findings as workflow commands."""
    for result in results:
        for command in _commands(result):
            print_raw(command)


def _commands(result: Checked) -> Iterator[str]:
    """Yield findings as workflow commands of GitHub Actions, at the place in the package that they are about."""
    places = _places(result.folder)
    nowhere = {**_in(result.folder, "endpoints.py"), "line": 1}
    for change in result.changes:
        if change.level != "cosmetic":
            command = "error" if change.level == "breaking" else _WARNINGS.get(change.kind, "notice")
            place = places.get(change.symbol or "", nowhere)
            yield _command(command, place, f"Space changed: {change.kind}", told(change))
    manifest = _in(result.folder, MANIFEST_NAME)
    for name in result.edited:
        yield _command("error", _in(result.folder, name), "Edited", f"{name} is not as spacegen wrote it")
    for name in result.vouched.altered:
        said = f"{name} is not what spacegen writes, although spacegen.json says so"
        yield _command("error", _in(result.folder, name), "Altered", said)
    for name in result.unwritten:
        kind, said = "warning", f"{name} can be imported, but spacegen did not write it"
        if name in result.shadowing:
            kind, said = "error", f"{name} would be imported instead of a file that spacegen wrote"
        yield _command(kind, _in(result.folder, name), "Not written by spacegen", said)
    if result.vouched.reason:
        yield _command("warning", manifest, "Cannot vouch", result.vouched.reason)
    if result.listing:
        yield _command("warning", manifest, "Not as listed", result.listing)
    if result.old_runtime:
        yield _command("notice", manifest, "Old runtime", result.old_runtime)
    if result.problem:
        yield _command("warning", manifest, "Could not check", result.problem)


def _command(name: str, properties: Mapping[str, object], title: str, message: str) -> str:
    """Return a workflow command; nothing in its values can end it or start another one."""
    values = ",".join(f"{key}={_escaped(str(value), of_property=True)}" for key, value in properties.items())
    return f"::{name} {values},title={_escaped(title, of_property=True)}::{_escaped(message)}"


def _escaped(text: str, *, of_property: bool = False) -> str:
    # https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    text = visible(text).replace("%", "%25")
    return text.replace(":", "%3A").replace(",", "%2C") if of_property else text


def _in(folder: Path, name: str) -> dict[str, object]:
    return {"file": (folder / name).as_posix()}


def _places(folder: Path) -> dict[str, dict[str, object]]:
    """Return where each function and model of a package is defined, as far as its files can be read."""
    return {name: place for file in ("models.py", "endpoints.py") for name, place in _defined(folder, file)}


def _defined(folder: Path, file: str) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        source = read_inside(folder, file, LARGEST).decode()
    except (OSError, ValueError):
        return
    for number, text in enumerate(source.split("\n"), 1):
        if match := re.match(r"(?:def |class )?(\w+)(?:\(| = )", text):
            yield match[1], {**_in(folder, file), "line": number}
