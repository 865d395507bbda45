"""What `spacegen call` prints to standard output: steps as they come, and the result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from spacegen import ir
from spacegen.errors import TargetError
from spacegen.screen.terminal import harmless, harmless_json, is_log, is_terminal, output, visible


class Printer:
    """Prints the values of one call.

    Text is printed as it is, and text that only grows from step to step is continued rather than repeated.
    Anything else is JSON, each step on a line of its own.

    Args:
        wants_json: Print JSON whatever the value is.
        file_text: Returns the text for a file in a step.
    """

    def __init__(self, *, wants_json: bool, file_text: Callable[[Any], str]) -> None:
        self._wants_json = wants_json
        self._file_text = file_text
        self._open_text = ""
        self._held = ""

    def step(self, value: Any) -> None:
        """Print one of several values."""
        value = plain(value, self._file_text)
        if self._wants_json or not isinstance(value, str):
            self.close()
            self._write(json.dumps(value, ensure_ascii=self._wants_json) + "\n")
            return
        if not value.startswith(self._open_text):
            self.close()
        self._write(value[len(self._open_text) :])
        self._open_text = value

    def result(self, value: Any) -> None:
        """Print the only value, as `plain` returns it."""
        if self._wants_json or not isinstance(value, str):
            self._write(json.dumps(value, indent=2, ensure_ascii=self._wants_json) + "\n")
        else:
            self._write(f"{value}\n")

    def _harmless(self, line: str) -> str:
        return harmless_json(line) if self._wants_json else harmless(line.replace("\r", "\\r"))

    def close(self) -> None:
        """End the line if a text has left it open."""
        if self._open_text:
            self._open_text = ""
            self._write("\n")

    def _write(self, text: str) -> None:
        if is_log():
            # Part of a line could be part of a CI command, so whole lines are written.
            whole, end, self._held = (self._held + text).rpartition("\n")
            text = "\n".join(map(self._harmless, whole.split("\n"))) + end
        elif is_terminal():
            text = "".join(letter if letter in "\n\t" else visible(letter) for letter in text)
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        # Half a surrogate pair can come from a server, and has no encoding.
        # Not click.echo, which takes escape sequences out of what goes into a pipe.
        with output():
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
            sys.stdout.flush()


class Links:
    """Files as the addresses at which the app serves them."""

    def __init__(self, base_url: str, prefix: str) -> None:
        self._start = f"{base_url}{prefix}/file="

    def __call__(self, file: Any) -> str:
        """Return a file's address."""
        if file.is_stream and file.url:
            return str(file.url)
        if file.path.startswith(("http://", "https://")) or not file.path:
            return str(file.path or file.url)
        # The `url` that the server sent is wrong behind some proxies; this address is always right.
        return self._start + quote(file.path)


class Saved:
    """Files as the paths where they were saved; existing files are not replaced.

    Args:
        folder: Where they go; it is made where it is missing.
        begin: Called with each file before it is fetched.
    """

    def __init__(self, folder: Path, begin: Callable[[Any], None]) -> None:
        self._folder = folder
        self._begin = begin
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TargetError(f"Cannot make {folder}: {error.strerror or error}.") from error

    def __call__(self, file: Any) -> str:
        """Save a file and return its path."""
        self._begin(file)
        try:
            return str(file.save(self._folder))  # this replaces nothing
        except OSError as error:
            raise TargetError(f"Cannot write to {self._folder}: {error.strerror or error}.") from error


def files_of(value: Any) -> list[Any]:
    """Return the files that a result holds."""
    files: list[Any] = []

    def remember(file: Any) -> str:
        files.append(file)
        return ""

    plain(value, remember)
    return files


def plain(value: Any, file_text: Callable[[Any], str]) -> Any:
    """Return a result as JSON; a file becomes a text (its path or address)."""
    if hasattr(value, "to_wire") and hasattr(value, "save"):
        return file_text(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if hasattr(type(value), "model_fields"):
        value = _fields(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one, file_text) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one, file_text) for one in value]
    return value


def holds_files(endpoint: ir.Endpoint, models: Mapping[str, ir.Model]) -> bool:
    """Tell whether a result can have files in it."""
    return ir.File() in ir.walk((output.type for output in endpoint.outputs), models)


def _fields(model: Any) -> dict[str, Any]:
    fields = type(model).model_fields
    known = {field.alias or name: getattr(model, name) for name, field in fields.items()}
    sent = {fields[name].alias or name for name in model.model_fields_set if name in fields}
    kept = {name: value for name, value in known.items() if name in sent or value is not None}
    return {**kept, **(model.model_extra or {})}
