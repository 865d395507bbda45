"""FileData: a file of a Space, or one that is going there."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from .._json import as_dict
from ..protocol.provenance import marked
from ..protocol.wire import FIELDS, Access, WireFile, is_url

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class FileData(WireFile):
    """A file in an input or a result of a Space.

    A result's file lies on the Space until `save`, `read` or `open` fetches it. `FileData.of(...)` makes one of
    your own, for use inside models; it is uploaded when the call is sent, and again for a later call only where it
    changed on disk, or where the Space has it no longer.

    Attributes:
        path: Where the Space keeps the file.
        url: Where the Space shows it; for a live stream, its playlist.
        size: Bytes, if the Space said.
        orig_name: The name that the file had at first.
        mime_type: Its media type, if the Space said.
        is_stream: Whether it is a live stream.
        meta: Gradio's own mark of a file.
    """

    __slots__ = ()

    @classmethod
    def of(cls, source: FileInput, name: str | None = None) -> FileData:
        """A file to send: a path, an http(s) URL, bytes or a binary file object.

        Args:
            source: The file.
            name: The name to send; by default the source's own.
        """
        if isinstance(source, FileData):
            return source
        file = cls(orig_name=name)
        file.local = source
        return file

    @classmethod
    def from_wire(cls, value: Any, access: Access | None = None) -> FileData:
        """A file as a server describes it; raises ValueError for anything else."""
        wire = as_dict(value)
        if isinstance(value, str):  # 3.x images are data URLs; some apps answer with a plain URL
            wire = _data_url(value) if value.startswith("data:") else {"path": value}
        if "name" in wire and "is_file" in wire:  # 3.x
            wire = {**wire, "path": wire["name"] if wire["is_file"] else "", "url": wire.get("data")}
        place = wire.get("path") or wire.get("url")
        if not place or not isinstance(place, str):
            raise ValueError("not a file")  # which pydantic reports as a mismatch
        known: dict[str, Any] = {
            name: wire[name] for name, kind in FIELDS.items() if isinstance(wire.get(name), kind)
        }
        file = cls(**(known if access is None else marked(known)))
        file.access = access
        if access is not None and file.path and not is_url(file.path):  # 4.20 to 5.0 give a `url` that is wrong
            server = access.server
            file.url = server.stream_url(file.path) if file.is_stream else server.place_of(file.path, file.url)
        return file

    def save(self, to: str | os.PathLike[str]) -> Path:
        """Fetch the file and write it, streamed, to a file or into an existing folder; returns its path.

        A file that `to` names is replaced. In a folder, the file gets the name that the Space gave it and replaces
        nothing: where there is one of that name, a number is added ("cat-2.png").

        Raises:
            FileRefused: The Space does not hand it out.
            ConnectionLost: The link broke more often than `retries` allows; nothing is left behind.
        """
        from ..shells.fetch import save

        return save(self, to)

    def read(self) -> bytes:
        """Fetch the file as bytes. Raises as `save` does."""
        from ..shells.fetch import read

        return read(self)

    def open(self) -> BinaryIO:
        """Fetch the file and open it for reading bytes ("rb"); large ones lie in an unnamed temporary file."""
        from ..shells.fetch import open_file

        return open_file(self)

    async def asave(self, to: str | os.PathLike[str]) -> Path:
        """`save` for asyncio."""
        from ..shells.afetch import save

        return await save(self, to)

    async def aread(self) -> bytes:
        """`read` for asyncio."""
        from ..shells.afetch import read

        return await read(self)

    async def aopen(self) -> BinaryIO:
        """`open` for asyncio; the returned file is an ordinary one."""
        from ..shells.afetch import open_file

        return await open_file(self)

    def _repr_html_(self) -> str | None:
        """Shows images, audio and video in a notebook."""
        from ..shells.fetch import chunks
        from .notebook import preview

        return preview(self, lambda: chunks(self))

    def __repr__(self) -> str:
        if self.local is not None and not self.path:
            shown = "bytes" if isinstance(self.local, bytes) else repr(self.local)
            return f"FileData.of({shown})"
        return f"FileData(path={self.path!r}, orig_name={self.orig_name!r}, size={self.size!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileData):
            return NotImplemented
        return self.to_wire() == other.to_wire() and self.local is other.local

    def __hash__(self) -> int:
        return hash((self.path, self.url, id(self.local)))

    def __getstate__(self) -> dict[str, Any]:
        """All but who may fetch it: an unpickled file is fetched from its `url`, with no credentials."""
        return {"wire": self.to_wire(), "local": None if isinstance(self.local, io.IOBase) else self.local}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FileData.__init__(self, **state["wire"])
        self.local = state["local"]

    def __copy__(self) -> FileData:
        twin = FileData(**self.to_wire())
        twin.access, twin.local, twin.sent = self.access, self.local, dict(self.sent)
        return twin

    def __deepcopy__(self, memo: object) -> FileData:
        return self.__copy__()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        def check(value: Any, info: Any) -> FileData:
            if isinstance(value, FileData):
                return value
            if info.context is not None or isinstance(value, dict):
                return cls.from_wire(value, as_dict(info.context).get("access"))
            return cls.of(_given(value))  # by a caller, not by a server

        return core_schema.with_info_plain_validator_function(
            check,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.to_wire, when_used="json"),
        )


def lies_at_home(file: FileData) -> bool:
    """Whether a result's file is fetched from the Space that it came from."""
    if file.access is None:
        return False
    if file.is_stream or (file.path and not is_url(file.path)):
        return True
    addresses = [place for place in (file.path, file.url) if place and is_url(place)]
    return any(map(file.access.server.owns, addresses[:1]))


def _given(value: Any) -> Any:
    if not (isinstance(value, (str, os.PathLike, bytes)) or hasattr(value, "read")):
        raise ValueError("not a file")
    return cast(Any, value)


FileInput: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | FileData
"""What goes in where a Space takes a file: a path, an http(s) URL, bytes, a file object, or a result's file."""


def _data_url(url: str) -> dict[str, Any]:
    import mimetypes

    ending = mimetypes.guess_extension(url[len("data:") : 80].partition(";")[0])
    return {"url": url, "orig_name": f"file{ending}"} if ending else {"url": url}
