"""The files of a fake Space: in memory, under paths such as a server has."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from typing import Any, NamedTuple
from urllib.parse import quote

from ._wire import Answered, Asked, json_answer, text_answer

FOLDER = "/tmp/gradio"  # noqa: S108 # a name in the answers of servers; nothing is written there


class Kept(NamedTuple):
    """One file."""

    name: str
    content: bytes


class Store:
    """Files by path; the same content under the same name has the same path."""

    def __init__(self, largest: int | None = None) -> None:
        self.largest = largest
        self._files: dict[str, Kept] = {}

    def add(self, name: str, content: bytes) -> str:
        """Keep a file and return its path."""
        clean = re.sub(r'[\x00-\x1f/\\?"]', "", re.split(r"[\\/]", name)[-1])[:200] or "file"
        path = f"{FOLDER}/{hashlib.sha256(content).hexdigest()}/{clean}"
        self._files[path] = Kept(clean, content)
        return path

    def get(self, path: str) -> Kept | None:
        """The file of a path, if it is kept here."""
        return self._files.get(path)

    def wire(self, path: str, base: str) -> dict[str, Any]:
        """A file as servers describe it in an answer."""
        kept = self._files[path]
        return {
            "path": path,
            "url": f"{base}/file={quote(path)}",
            "size": len(kept.content),
            "orig_name": kept.name,
            "mime_type": mimetypes.guess_type(kept.name)[0],
            "is_stream": False,
            "meta": {"_type": "gradio.FileData"},
        }

    def upload(self, asked: Asked) -> Answered:
        """Answer POST /upload."""
        parts = multipart(asked)
        if parts is None:
            return json_answer({"detail": "Invalid content type."}, 400)
        files = [Kept(name, content) for field, name, content in parts if field == "files"]
        for file in files:
            if self.largest is not None and len(file.content) > self.largest:
                return too_large(self.largest)
        return json_answer([self.add(file.name, file.content) for file in files])

    def download(self, asked: Asked, path: str) -> Answered:
        """Answer GET or HEAD /file=PATH."""
        kept = self._files.get(path)
        if kept is None:
            return json_answer({"detail": f"File not allowed: {path}."}, 403)
        media = mimetypes.guess_type(kept.name)[0] or "application/octet-stream"
        shown = f"inline; filename*=utf-8''{quote(kept.name)}"
        headers = [("content-type", media), ("content-disposition", shown), ("accept-ranges", "bytes")]
        size = len(kept.content)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
        if wanted is None:
            return Answered(200, kept.content, [*headers, ("content-length", str(size))])
        first, last = int(wanted[1]), min(int(wanted[2] or size - 1), size - 1)
        if first >= size:
            return Answered(416, b"", [("content-range", f"bytes */{size}")])
        content = kept.content[first : last + 1]
        found = [("content-range", f"bytes {first}-{last}/{size}"), ("content-length", str(len(content)))]
        return Answered(206, content, [*headers, *found])


def too_large(limit: int) -> Answered:
    """The answer to an upload over the limit."""
    return text_answer(f"File size exceeded maximum allowed size of {limit} bytes.", 413)


def multipart(asked: Asked) -> list[tuple[str, str, bytes]] | None:
    """The parts of a form as (field, file name, content); None where the body is no such form."""
    found = re.search(r'multipart/form-data.*boundary="?([^";,]+)', asked.headers.get("content-type", ""))
    if found is None:
        return None
    parts: list[tuple[str, str, bytes]] = []
    for piece in asked.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        shown = BytesHeaderParser().parsebytes(head)
        field = shown.get_param("name", "", "content-disposition")
        parts.append((str(field), _file_name(head, shown.get_filename() or ""), content.removesuffix(b"\r\n")))
    return parts


def _file_name(head: bytes, parsed: str) -> str:
    """Browsers and httpx write UTF-8 between the quotes, and a quote as %22."""
    found = re.search(rb'filename="([^"]*)"', head)
    raw: Mapping[str, str] = {"%22": '"', "%0D": "\r", "%0A": "\n"}
    if found is None:
        return parsed
    name = found[1].decode("utf-8", "replace")
    for code, character in raw.items():
        name = name.replace(code, character)
    return name
