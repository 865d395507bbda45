"""A client of pyright's language server: what an editor asks while somebody types, and what it is told."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import Self

_CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {"versionSupport": True},
    },
}


class LanguageServer:
    """The server that belongs to this environment, in a process of its own.

    Args:
        folder: The workspace; documents are named inside it and need not exist.
        paths: Where imports are found.
    """

    def __init__(self, folder: Path, paths: Sequence[Path]) -> None:
        self._folder = folder
        self._settings = {"analysis": {"extraPaths": [str(path) for path in paths], "typeCheckingMode": "strict"}}
        self._numbers = itertools.count(1)
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        command = Path(sys.executable).with_name("pyright-langserver")
        self._process = subprocess.Popen(
            [str(command), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )
        folder = {"uri": self._folder.as_uri(), "name": self._folder.name}
        self._ask(
            "initialize", processId=None, rootUri=None, capabilities=_CAPABILITIES, workspaceFolders=[folder]
        )
        self._tell("initialized")
        return self

    def __exit__(self, *_: object) -> None:
        self._ask("shutdown")
        self._tell("exit")
        self._process.communicate(timeout=30)

    def open(self, name: str, text: str) -> str:
        """Open a document and return its URI."""
        uri = (self._folder / name).as_uri()
        self._tell(
            "textDocument/didOpen", textDocument={"uri": uri, "languageId": "python", "version": 1, "text": text}
        )
        return uri

    def hover(self, uri: str, line: int, column: int) -> str:
        """Return what is shown of the word at a place, as Markdown."""
        answer = self._ask("textDocument/hover", **_at(uri, line, column))
        return str(answer["contents"]["value"])

    def completions(self, uri: str, line: int, column: int) -> list[dict[str, Any]]:
        """Return what is suggested at a place, in the order in which an editor lists it."""
        answer = self._ask("textDocument/completion", **_at(uri, line, column))
        return sorted(answer["items"], key=lambda item: str(item.get("sortText", item["label"])))

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Return what is wrong with a document, once the server has looked at it."""
        while uri not in self._diagnostics:
            self._handle(self._read())
        return self._diagnostics[uri]

    def _ask(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._write({"id": number, "method": method, "params": parameters})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                return message["result"]
            self._handle(message)

    def _tell(self, method: str, **parameters: Any) -> None:
        self._write({"method": method, "params": parameters})

    def _handle(self, message: Mapping[str, Any]) -> None:
        method, given = message.get("method"), message.get("params")
        if method == "textDocument/publishDiagnostics" and given is not None:
            self._diagnostics[given["uri"]] = given["diagnostics"]
        elif "id" in message:
            asked = given["items"] if method == "workspace/configuration" and given is not None else []
            result = [self._settings if item.get("section") == "python" else None for item in asked]
            self._write({"id": message["id"], "result": result or None})

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        size = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        if not size:
            raise EOFError("The language server has ended.")
        message: dict[str, Any] = json.loads(self._process.stdout.read(size))
        return message


def _at(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
