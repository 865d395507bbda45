"""Types for values of other libraries (images, arrays, frames, uploads), without importing those libraries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias, TypeGuard, runtime_checkable

if TYPE_CHECKING:
    AnyPath: TypeAlias = os.PathLike[str]
else:
    AnyPath = os.PathLike  # some libraries that make tools cannot read generics


@runtime_checkable
class Readable(Protocol):
    """A binary file object.

    Only this is asked of it, for what archives, `gzip` and `tempfile` open is no `BinaryIO` for type checkers.
    """

    def read(self, size: int = ..., /) -> bytes:
        """So many bytes of its content, or all."""
        ...


@runtime_checkable
class Pixels(Protocol):
    """An image of Pillow, or an array of numpy."""

    @property
    def __array_interface__(self) -> Any: ...


@runtime_checkable
class Frame(Protocol):
    """A data frame of pandas or polars."""

    @property
    def columns(self) -> Any:
        """The names of its columns."""

    def to_numpy(self) -> Any:
        """Its values."""


@runtime_checkable
class Upload(Protocol):
    """A file that a visitor sent to a web service: an `UploadFile` of Starlette, which FastAPI has too."""

    @property
    def file(self) -> BinaryIO:
        """What it holds."""
        ...

    @property
    def filename(self) -> str | None:
        """What the visitor's machine calls it."""


def is_given(value: Any) -> bool:
    """Whether this can be passed as a file; a `FileData` can be, too."""
    plain = isinstance(value, (str, bytes, bytearray, memoryview))
    opened = hasattr(value, "__fspath__") or hasattr(value, "read")
    return plain or opened or is_image(value) or is_array(value) or is_sound(value)


def is_frame(value: Any) -> bool:
    """Whether this is a data frame; a series is not."""
    return hasattr(value, "columns") and hasattr(value, "to_numpy")


def is_image(value: Any) -> bool:
    """Whether this is an image of Pillow."""
    return hasattr(value, "save") and hasattr(value, "mode") and hasattr(value, "getexif")


def is_array(value: Any) -> bool:
    """Whether this is an array, of numpy or of a library that can be read as one."""
    return hasattr(value, "__array__") and hasattr(value, "shape") and not is_frame(value)


def is_upload(value: Any) -> TypeGuard[Upload]:
    """Whether this is a file that a visitor sent to a web service; its own `read` must be awaited."""
    return hasattr(value, "filename") and hasattr(value, "file") and hasattr(value.file, "read")


def is_sound(value: Any) -> bool:
    """Whether this is a sound as `gr.Audio` passes it to functions: the sample rate and an array."""
    return _is_tuple(value) and len(value) == 2 and hasattr(value[0], "__index__") and is_array(value[1])


def _is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)
