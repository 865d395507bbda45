"""The body of an answer, bounded on the wire and after decoding."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from spacegen.errors import DocumentError
from spacegen.text import printable

_ANY_HEADER = 47  # zlib's mode for a gzip or a zlib header, whichever is there


def read_body(chunks: Iterable[bytes], encoding: str, url: str) -> bytes:
    """Read a body.

    Args:
        chunks: The bytes as they come over the wire.
        encoding: The header `Content-Encoding`.
        url: Where they come from, for errors.

    Raises:
        DocumentError: It is larger than a Gradio document can be, before or after decoding; or it is compressed
            more than once, in a way that was not requested, or its compression is damaged.
    """
    packed = [name for name in encoding.lower().replace(" ", "").split(",") if name not in ("", "identity")]
    if not packed:
        return b"".join(_bounded(chunks, url))
    # Only one layer: with a second one, a small chunk could grow a thousand times larger.
    if packed not in (["gzip"], ["x-gzip"], ["deflate"]):
        raise DocumentError(f"{url} is compressed as {printable(encoding)[:60]!r}, which was not asked for.")
    try:
        return b"".join(_unpacked(_bounded(chunks, url), url))
    except zlib.error as error:
        raise DocumentError(f"{url} cannot be decompressed: {error}.") from error


def _bounded(chunks: Iterable[bytes], url: str) -> Iterable[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise _too_large(url)
        yield chunk


def _unpacked(chunks: Iterable[bytes], url: str) -> Iterable[bytes]:
    unpacker, size = zlib.decompressobj(_ANY_HEADER), 0
    for chunk in chunks:
        part = unpacker.decompress(chunk, LARGEST + 1 - size)
        size += len(part)
        if size > LARGEST:
            raise _too_large(url)
        yield part
    if not unpacker.eof:
        raise DocumentError(f"{url} is compressed, and ends too early.")


def _too_large(url: str) -> DocumentError:
    return DocumentError(f"{url} is too large to be a Gradio document ({LARGEST >> 20} MB at most).")


LARGEST = 64 * 1024 * 1024
"""Bytes that one document may have; the largest seen on a real Space is 7.5 MB."""
