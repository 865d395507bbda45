"""FileData: a file of a Space, or one that will be sent to a Space."""

# A project that contains a copy of this file may run strict type checkers, and may not have numpy or Pillow.
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false, reportUnknownParameterType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TypeAlias, cast

from .._caller import raises_at_caller
from .._json import as_dict
from ..protocol.provenance import marked
from ..protocol.wire import Access, WireFile, described, fields_of, is_url
from .given import AnyPath, Pixels, Readable, Upload, is_array, is_image, is_sound, is_upload

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema, SchemaSerializer


LONGEST_PATH = 200  # characters of a path in a repr: it may be a data URL


class FileData(WireFile):
    """A file in an input or a result of a Space.

    A result's file stays on the Space until `save`, `read` or `open` fetches it. `FileData.of(...)` makes one of
    your own, for use inside models. It is uploaded when the call is sent; for a later call it is uploaded again
    only if it has changed on disk, or if the Space no longer has it.

    Attributes:
        path: Where the Space keeps the file.
        url: Where the Space shows it; for a live stream, its playlist.
        size: Bytes, if the Space said.
        orig_name: The original name of the file.
        mime_type: Its media type, if the Space said.
        is_stream: Whether it is a live stream.
        meta: Gradio's own mark of a file.
    """

    __slots__ = ()

    @classmethod
    def of(cls, source: FileInput, name: str | None = None) -> FileData:
        """A file to send: a path, an http(s) URL, bytes, a file object, an upload, an image, an array or a sound.

        Images, arrays and sounds are copied at once; later changes have no effect.

        Args:
            source: The file.
            name: The name to send; by default the source's own.

        Raises:
            ValueError: An array is neither an image nor a sound.
        """
        if isinstance(source, FileData):
            return source
        if is_upload(source):
            name, source = name or source.filename, source.file
        if is_image(source) or is_array(source) or is_sound(source):
            from .objects import as_file

            source, made = as_file(source)
            name = name or made
        file = cls(orig_name=name)
        file.local = source
        return file

    @classmethod
    def from_wire(cls, value: Any, access: Access | None = None) -> FileData:
        """A file as a server describes it; raises ValueError for anything else."""
        wire = described(value)
        place = wire.get("path") or wire.get("url")
        if not place or not isinstance(place, str):
            raise ValueError("not a file")  # pydantic reports this as a mismatch
        known = fields_of(wire)
        file = cls(**(known if access is None else marked(known)))
        file.access = access
        if access is not None and file.path and not is_url(file.path):  # 4.20 to 5.0 give a `url` that is wrong
            server = access.server
            file.url = server.stream_url(file.path) if file.is_stream else server.place_of(file.path, file.url)
        return file

    @classmethod
    def from_json(cls, value: Any) -> FileData:
        """A file as a dump of this library describes it, with or without path and URL; else raises ValueError."""
        wire = as_dict(value)
        if isinstance(value, str) or wire.get("path") or wire.get("url"):
            return cls.from_wire(value)
        known = fields_of(wire)
        if not known:
            raise ValueError("not a file")
        return cls(**known)

    @raises_at_caller
    def save(self, to: str | os.PathLike[str] = ".") -> Path:
        """Fetch the file and write it, streamed, to a file or into a folder; returns its path.

        A file that `to` names is replaced. In a folder, the file gets the name that the Space gave it, made safe,
        and replaces nothing: if a file of that name exists, a number is added ("cat-2.png").

        Args:
            to: A file or a folder; the current folder by default. A folder that ends in "/" is made.

        Raises:
            FileNotFoundError: The folder for it does not exist.
            FileRefused: The Space refuses to send it.
            ConnectionLost: The connection was lost more often than `retries` allows; no partial file is left.
            UnexpectedOutput: Under `strict=True`, the file is of another kind than the ending of `to` says.
                Without `strict=True` it is saved, with a warning.
        """
        from ..shells.fetch import save

        return save(self, to)

    @raises_at_caller
    def read(self) -> bytes:
        """Fetch the file as bytes. Raises as `save` does."""
        from ..shells.fetch import read

        return read(self)

    @raises_at_caller
    def open(self) -> BinaryIO:
        """Fetch the file and open it for reading bytes ("rb").

        A large one is kept in an unnamed temporary file.
        """
        from ..shells.fetch import open_file

        return open_file(self)

    @raises_at_caller
    def image(self) -> Image:
        """Fetch the file as an image of Pillow.

        Raises:
            ValueError: It is not an image that Pillow can read.
            ConfigurationError: Pillow is not installed.
        """
        from .objects import image_in

        return image_in(self.read(), self.name)

    @raises_at_caller
    def array(self) -> NDArray[Any]:
        """Fetch an image as an array of numpy: (height, width) or (height, width, channels).

        Raises as `image` does.
        """
        from .objects import array_in

        return cast("NDArray[Any]", array_in(self.read(), self.name))

    @raises_at_caller
    def sound(self) -> tuple[int, NDArray[Any]]:
        """Fetch a WAV as the sample rate and an array of numpy: (samples,), or (samples, channels).

        Raises:
            ValueError: It is not a WAV file of whole numbers.
            ConfigurationError: numpy is not installed.
        """
        from .objects import sound_in

        return sound_in(self.read(), self.name)

    @raises_at_caller
    async def aimage(self) -> Image:
        """`image` for asyncio."""
        from .objects import image_in

        return image_in(await self.aread(), self.name)

    @raises_at_caller
    async def aarray(self) -> NDArray[Any]:
        """`array` for asyncio."""
        from .objects import array_in

        return cast("NDArray[Any]", array_in(await self.aread(), self.name))

    @raises_at_caller
    async def asound(self) -> tuple[int, NDArray[Any]]:
        """`sound` for asyncio."""
        from .objects import sound_in

        return sound_in(await self.aread(), self.name)

    @raises_at_caller
    async def asave(self, to: str | os.PathLike[str] = ".") -> Path:
        """`save` for asyncio."""
        from ..shells.afetch import save

        return await save(self, to)

    @raises_at_caller
    async def aread(self) -> bytes:
        """`read` for asyncio."""
        from ..shells.afetch import read

        return await read(self)

    @raises_at_caller
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
        path = self.path if len(self.path) <= LONGEST_PATH else f"{self.path[:LONGEST_PATH]}..."
        return f"FileData(path={path!r}, orig_name={self.orig_name!r}, size={self.size!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileData):
            return NotImplemented
        return self.to_wire() == other.to_wire() and self.local is other.local

    def __hash__(self) -> int:
        return hash((self.path, self.url, id(self.local)))

    def __getstate__(self) -> dict[str, Any]:
        """Everything except the credentials: an unpickled file is fetched from its `url` without them."""
        local = None if isinstance(self.local, io.IOBase) else self.local
        return {"wire": self.to_wire(), "local": local, "outside": self.came_from_outside()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FileData.__init__(self, **state["wire"])
        self.local, self.outside = state["local"], state["outside"]

    def __copy__(self) -> FileData:
        twin = FileData(**self.to_wire())
        twin.access, twin.local, twin.outside, twin.sent = self.access, self.local, self.outside, dict(self.sent)
        return twin

    def __deepcopy__(self, memo: object) -> FileData:
        return self.__copy__()

    @property
    def __pydantic_serializer__(self) -> SchemaSerializer:
        """`pydantic_core.to_json` uses this for values of unknown type, such as the results of an MCP server."""
        from .schema import serializer

        return serializer(FileData)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        from .schema import of_file_data

        return of_file_data(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        from .schema import json_schema

        return json_schema(handler)


class _FileInput:
    """Tells pydantic what `FileInput` is; pydantic does not know some parts of it, such as `Readable`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from .schema import of_file_input

        return of_file_input(FileData)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        from .schema import json_schema

        return json_schema(handler)

    def __repr__(self) -> str:
        return "FileInput"


FileInput: TypeAlias = Annotated[
    str | AnyPath | bytes | bytearray | memoryview | Readable | FileData | Pixels | tuple[int, Pixels] | Upload,
    _FileInput(),
]
"""What a caller may pass where a Space takes a file: a path, an http(s) URL, bytes, whatever `read`
gives bytes of (a file object), a file of a result, an image of Pillow, an array of numpy (an image), a sample
rate with an array (a sound), or FastAPI's `UploadFile`."""
