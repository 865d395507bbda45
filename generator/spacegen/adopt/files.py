"""Source files as text and back, byte for byte: encodings, byte order marks, line endings."""

from __future__ import annotations

import codecs
import io
import os
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacegen.adopt.found import UnreadableFile
from spacegen.packages.find import must_exist
from spacegen.packages.layout import MANIFEST_NAME

LARGEST = 4 * 1024 * 1024
"""Bytes of the largest file that is read; parsing needs about 100 times as much memory."""

_NOT_OURS = frozenset({"node_modules", "__pycache__", "site-packages"})
_ENDINGS = (".py", ".pyw", ".ipynb")
_OF_INTEREST = re.compile(rb"gradio_client|/call/|/run/predict|/api/predict|/queue/join")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text, and everything needed to write it back.

    Attributes:
        text: Decoded, with its own line endings, without a byte order mark.
        encoding: As Python would read the file.
        mark: The byte order mark, or nothing.
    """

    text: str
    encoding: str
    mark: bytes

    def encoded(self, text: str) -> bytes:
        """Return bytes of a new text in the same encoding.

        Raises:
            UnreadableFile: The encoding cannot represent a character.
        """
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise UnreadableFile(f"its encoding {self.encoding} cannot write {letter!r}") from None


def find(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield every Python file and notebook at or below the paths, each once.

    Hidden folders, virtual environments, `node_modules` and packages of spacegen are left out unless named.

    Raises:
        PackageNotFound: There is no such path.
    """
    seen: set[Path] = set()
    for path in paths:
        must_exist(path)
        for found in [path] if path.is_file() else _below(path):
            if (real := found.resolve()) not in seen:
                seen.add(real)
                yield found


def _below(top: Path) -> Iterator[Path]:
    for folder, inside, files in os.walk(top):
        if "pyvenv.cfg" in files or (MANIFEST_NAME in files and Path(folder) != top):
            inside.clear()
            continue
        inside[:] = sorted(name for name in inside if name not in _NOT_OURS and not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(_ENDINGS))


def read_bytes(path: Path) -> bytes | None:
    """Return a file's bytes, or None if it cannot use gradio_client.

    Raises:
        UnreadableFile: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
            rest = b"" if len(content) <= LARGEST else file.read(64 * LARGEST)
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror or error}") from None
    if not _OF_INTEREST.search(content) and not _OF_INTEREST.search(rest):
        return None
    if rest:
        raise UnreadableFile(f"is larger than {LARGEST >> 20} MB; nothing in it was looked at")
    return content


def decode(content: bytes) -> SourceText:
    """Read bytes as Python would.

    Raises:
        UnreadableFile: They are not valid in their encoding, or the encoding is unknown.
    """
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    if b"\0" in content:
        raise UnreadableFile(
            "has NUL bytes; is it UTF-16? Python reads UTF-8 unless its first lines say otherwise"
        )
    if b"\r" in content.replace(b"\r\n", b""):
        raise UnreadableFile("has line endings of CR alone; convert them to LF or CRLF first")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = content[len(mark) :].decode(encoding)
    except (SyntaxError, LookupError) as error:
        raise UnreadableFile(f"has an encoding that cannot be read: {error}") from None
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"is not {error.encoding}: byte {error.start} cannot be read") from None
    if text.encode(encoding, "surrogateescape") != content[len(mark) :]:
        raise UnreadableFile(f"would not be written back byte for byte in {encoding}")
    return SourceText(text, encoding, mark)
