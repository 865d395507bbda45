"""The file of a recording: calls with what came of them, and the files beside it. Knows no Space."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from .._json import as_dict, as_list, parse
from ..errors import ConfigurationError

MARK = "spacegen recording"
FORMAT = 1


@dataclass(slots=True)
class Entry:
    """One call.

    Attributes:
        arguments: By name; a file is its name and its digest.
        happened: What came before the result, in order: logs, progress and steps.
        result: The outputs without hidden ones, or None where it ended with `error`.
        digest: Of the endpoint's published types, by which `spacegen check` knows what is stale.
    """

    endpoint: str
    arguments: dict[str, Any]
    digest: str
    happened: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    result: list[Any] | None = None
    error: dict[str, Any] | None = None

    def check(self) -> None:
        """Raise ValueError where what was read from a file is no call."""
        lists: list[Any] = [self.happened, self.result or []]
        objects: list[Any] = [self.arguments, self.error or {}, *as_list(self.happened)]
        if not all(isinstance(one, list) for one in lists) or not all(isinstance(one, dict) for one in objects):
            raise ValueError("a call in it has another form")

    @property
    def key(self) -> str:
        """What a call is found by."""
        return key_of(self.endpoint, self.arguments)


def key_of(endpoint: str, arguments: Mapping[str, Any]) -> str:
    """What a call is found by: its endpoint and its arguments, files by their digest alone."""
    return json.dumps([endpoint, _nameless(arguments)], sort_keys=True)


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        fields = as_dict(value)
        if set(fields) == {"file", "sha256"}:
            return {"sha256": fields["sha256"]}
        return {name: _nameless(item) for name, item in fields.items()}
    return [_nameless(item) for item in as_list(value)] if isinstance(value, list) else value


class Book:
    """All calls of one recording."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path.with_name(path.stem + ".files")
        self.entries: list[Entry] = []  # read from the file
        self.added: list[Entry] = []
        self._by_key: dict[str, list[Entry]] = {}
        self._taken: dict[str, int] = {}

    def load(self) -> None:
        """Read the file.

        Raises:
            ConfigurationError: It is no recording, or damaged.
        """
        try:
            said = as_dict(parse(self.path.read_bytes()))
            if said.get("what") != MARK or said.get("format") != FORMAT:
                raise ValueError("it is not a recording of this version")
            self.entries = [Entry(**as_dict(one)) for one in said["calls"]]
            for entry in self.entries:
                entry.check()
                self._by_key.setdefault(entry.key, []).append(entry)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigurationError(f"cannot read the recording {self.path}: {error}; record it again") from error

    def take(self, key: str) -> Entry | None:
        """The next call of this key; the last one again and again. None where there is none."""
        found = self._by_key.get(key)
        if not found:
            return None
        at = self._taken.get(key, 0)
        self._taken[key] = at + 1
        return found[min(at, len(found) - 1)]

    def nearest(self, endpoint: str, key: str) -> Entry | None:
        """The call of an endpoint that is most like this one; None where it has none."""
        same = [one for one in self.entries if one.endpoint == endpoint]
        return max(same, key=lambda one: SequenceMatcher(None, one.key, key).ratio(), default=None)

    def add(self, entry: Entry) -> None:
        """Keep a call; it is written with the others, and not taken again in this run."""
        self.added.append(entry)

    def keep(self, name: str, content: bytes) -> dict[str, str]:
        """Write a file beside the recording, and say where it is."""
        digest = hashlib.sha256(content).hexdigest()
        safe = re.sub(r"[^\w.-]", "_", name)[-80:] or "file"
        path = self.folder / f"{digest[:16]}-{safe}"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
        return {"file": name, "kept": path.name}

    def kept(self, name: str) -> bytes:
        """A file beside the recording."""
        path = self.folder / Path(name).name
        try:
            return path.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"a file of the recording {self.path} is missing: {path}") from error

    def save(self, package: str, gradio: str) -> None:
        """Write the file; calls in an order that does not depend on when they happened."""
        calls = [_written(entry) for entry in sorted([*self.entries, *self.added], key=lambda entry: entry.key)]
        said = {"what": MARK, "format": FORMAT, "package": package, "gradio": gradio, "calls": calls}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        part.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)
        self._sweep(json.dumps(calls))

    def _sweep(self, said: str) -> None:
        """Delete files that no call speaks of any more."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if json.dumps(path.name)[1:-1] not in said:
                path.unlink()


def _written(entry: Entry) -> dict[str, Any]:
    said: dict[str, Any] = {
        "endpoint": entry.endpoint,
        "arguments": entry.arguments,
        "digest": entry.digest,
        "happened": entry.happened,
    }
    return said | ({"result": entry.result} if entry.error is None else {"error": entry.error})
