"""Compares recordings of tests (`spacegen_runtime.testing`) with the Space as it is now."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.errors import DocumentError
from spacegen.fetching.body import LARGEST
from spacegen.fetching.bounded_json import parse_json
from spacegen.packages.find import is_ours
from spacegen.packages.manifest import remembered
from spacegen.packages.plainfile import open_plain

MARK = b'"what": "spacegen recording"'
_HEAD = 200
# The parts of an endpoint's digest in a recording; the runtime computes the same digest.
TYPED = ("name", "field", "argument", "type", "choices", "custom", "minimum", "maximum")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording on disk: the digest of every endpoint with calls in it."""

    path: Path
    package: str
    digests: Mapping[str, str]


def find_recordings(top: Path) -> list[Recording]:
    """Every recording below a folder; files that cannot be read are skipped."""
    return [found for path in _documents(top) if (found := _read(path)) is not None]


def stale(recordings: Sequence[Recording], folder: Path, space: ir.Space) -> tuple[str, ...]:
    """The recordings of a package whose endpoints have changed since."""
    name = folder.resolve().name
    of_package = [recording for recording in recordings if recording.package.rpartition(".")[2] == name]
    if not of_package:
        return ()
    digests = {key: digest(said) for key, said in remembered(space).items()}
    return tuple(
        f"{_shown(recording.path)}: {', '.join(gone)} changed since it was recorded"
        for recording in of_package
        if (gone := [key for key, known in recording.digests.items() if digests.get(key) != known])
    )


def digest(said: Mapping[str, Any]) -> str:
    """The digest of an endpoint's types, out of its entry in a spacegen.json."""
    listed = [said[part] for part in _PARTS] + ([[said["event"]]] if "event" in said else [])
    values = [[{name: one[name] for name in TYPED if name in one} for one in part] for part in listed]
    types = [*values, said["hidden_inputs"], said["hidden_outputs"]]
    return hashlib.sha256(json.dumps(types, sort_keys=True).encode()).hexdigest()[:16]


_PARTS = ("parameters", "returns")


def _documents(top: Path) -> Iterator[Path]:
    for folder, inside, files in os.walk(top):
        if "pyvenv.cfg" in files:
            inside.clear()
        inside[:] = sorted(name for name in inside if is_ours(name))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".json"))


def _read(path: Path) -> Recording | None:
    try:
        with open_plain(path) as file:
            head = file.read(_HEAD)
            text = head + file.read(LARGEST) if MARK in head else b""
        said = parse_json(text, str(path))
        return Recording(path, str(said["package"]), {one["endpoint"]: one["digest"] for one in said["calls"]})
    except (OSError, DocumentError, KeyError, TypeError):
        return None


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
