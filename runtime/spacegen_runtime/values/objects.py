"""Images, sounds and tables of other libraries, written as files and read from them; loaded only when used."""

# A project that contains a copy of this file may run strict type checkers, and may not have numpy or Pillow.
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false, reportUnknownParameterType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import io
import wave
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from .._json import as_list
from ..errors import ConfigurationError
from .cannot_send import CannotSend, shown
from .given import is_image, is_sound

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO", "AVIF", "JPEG2000")
"""Image formats that are read.

A file of a Space comes from a stranger; EPS, for example, would start Ghostscript.
"""
PNG_MODES = frozenset({"1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA"})
AN_IMAGE = "an image: an array of (height, width), (height, width, 3) or (height, width, 4)"
A_SOUND = "a sound: (sample rate, array), the array of (samples,) or (samples, channels)"
LARGEST = {"int16": 2**15, "int32": 2**31}


def needed(module: str, package: str, what: str) -> Any:
    """Import a library that the user must have installed.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(f"{what} needs {package}: pip install {package}") from error


def as_file(value: Any) -> tuple[bytes, str]:
    """An image, an array or a sound as the bytes of a file, and a name for it.

    Raises:
        CannotSend: It cannot be written as a file.
    """
    try:
        if is_sound(value):
            return _wav(*value), "sound.wav"
        return _png(value if is_image(value) else _image_of(value)), "image.png"
    except (CannotSend, ConfigurationError):
        raise
    except Exception as error:  # a library's own error, or an unknown object, which may raise anything
        raise CannotSend(A_SOUND if is_sound(value) else AN_IMAGE, f"{shown(value)}: {error}") from error


def _png(image: Any) -> bytes:
    """A PNG, which is lossless; colour modes that PNG does not have are converted to RGB."""
    picture = image if image.mode in PNG_MODES else image.convert("RGB")
    out = io.BytesIO()
    picture.save(out, format="PNG", exif=image.getexif())  # the metadata may say that the image must be rotated
    return out.getvalue()


def _image_of(value: Any) -> Any:
    numpy = needed("numpy", "numpy", "an array as an image")
    array = numpy.asarray(value)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        raise CannotSend(AN_IMAGE, f"an array of {array.shape}")
    if not array.size:
        raise CannotSend(AN_IMAGE, "an empty array")
    return needed("PIL.Image", "pillow", "an array as an image").fromarray(_bytes_of(numpy, array))


def _bytes_of(numpy: Any, array: Any) -> Any:
    """Pixels from 0 to 255; values from 0.0 to 1.0, and False and True, are scaled."""
    kind = array.dtype.kind
    if kind == "b":
        return array.astype("uint8") * 255
    if kind not in "uif":
        raise CannotSend(AN_IMAGE, f"an array of {array.dtype}", "make it numbers from 0 to 255")
    least, most = array.min(), array.max()
    if kind == "f" and least >= 0 and most <= 1:
        return numpy.rint(array * 255).astype("uint8")
    if not (least >= 0 and most <= 255):
        raise CannotSend(AN_IMAGE, f"numbers from {least} to {most}", "make them 0 to 255, or 0.0 to 1.0")
    return array.astype("uint8")


def _wav(rate: Any, samples: Any) -> bytes:
    numpy = needed("numpy", "numpy", "an array as a sound")
    array = numpy.asarray(samples)
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] > 32):
        raise CannotSend(A_SOUND, f"an array of {array.shape}")
    if not 0 < int(rate) < 2**31:
        raise CannotSend(A_SOUND, f"the rate {rate}")
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1 if array.ndim == 1 else array.shape[1])
        writer.setsampwidth(2)
        writer.setframerate(int(rate))
        writer.writeframes(_samples_of(numpy, array).astype("<i2").tobytes())
    return out.getvalue()


def _samples_of(numpy: Any, array: Any) -> Any:
    """Samples of 16 bits; numbers of floating point are from -1.0 to 1.0."""
    if array.dtype.kind == "f":
        return numpy.rint(numpy.clip(numpy.nan_to_num(array), -1, 1) * 32767)
    match array.dtype.name:
        case "int16":
            return array
        case "int32":
            return array >> 16
        case "uint8":
            return (array.astype("int16") - 128) << 8
        case other:
            raise CannotSend(A_SOUND, f"an array of {other}", "make it int16, or float from -1.0 to 1.0")


def image_in(content: bytes, name: str) -> Image:
    """The image in a file. Raises ConfigurationError without Pillow, and ValueError if it is not an image."""
    pillow = needed("PIL.Image", "pillow", "image()")
    try:
        image = pillow.open(io.BytesIO(content), formats=FORMATS)
        image.load()
    except OSError as error:
        hint = "; sound() reads a WAV" if content[:4] == b"RIFF" and content[8:12] == b"WAVE" else ""
        raise ValueError(f"{name} cannot be read as an image: {error}{hint}") from error
    return cast("Image", image)


def array_in(content: bytes, name: str) -> Any:
    """The pixels of the image in a file."""
    numpy = needed("numpy", "numpy", "array()")
    image = image_in(content, name)
    return numpy.asarray(
        image.convert("RGBA" if image.has_transparency_data else "RGB") if image.mode == "P" else image
    )


def sound_in(content: bytes, name: str) -> tuple[int, Any]:
    """The sample rate and the samples of the WAV in a file."""
    numpy = needed("numpy", "numpy", "sound()")
    try:
        with wave.open(io.BytesIO(content)) as reader:
            rate, channels, width = reader.getframerate(), reader.getnchannels(), reader.getsampwidth()
            frames = reader.readframes(reader.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{name} cannot be read as a WAV of whole numbers: {error}") from error
    if width not in _WIDTHS:
        raise ValueError(f"{name} is a WAV of {8 * width} bits; 8, 16 and 32 can be read here")
    array = numpy.frombuffer(frames, _WIDTHS[width])
    return rate, array if channels == 1 else array.reshape(-1, channels)


_WIDTHS = {1: "u1", 2: "<i2", 4: "<i4"}


def table_of(frame: Any) -> dict[str, Any]:
    """A data frame in the form of `gr.Dataframe`; cells without a value are blank. The index is left out."""
    headers = [str(column) for column in frame.columns]
    if hasattr(frame, "iter_rows"):  # polars
        rows: list[list[Any]] = [list(row) for row in frame.iter_rows()]
    else:
        rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return {"headers": headers, "data": [[_cell(value) for value in row] for row in rows]}


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value  # not a number


def frame_of(model: Any, library: str) -> Any:
    """A data frame of a model that is a table.

    Raises:
        TypeError: The model is no table.
        ConfigurationError: The library is not installed.
    """
    headers, data = getattr(model, "headers", None), getattr(model, "data", None)
    if not isinstance(headers, list) or not isinstance(data, list):
        raise TypeError(f"{type(model).__name__} is not a table: it has no lists `headers` and `data`")
    names = [str(name) for name in as_list(headers)]
    rows = [list(row) for row in as_list(data)]
    made = needed(library, library, f"to_{library}()").DataFrame
    if library == "pandas":
        return made(rows, columns=names or None)
    return made(rows, schema=names or None, orient="row", strict=False, infer_schema_length=None)
