"""How files and models show themselves in a notebook. What a Space says is text there, never HTML."""

from __future__ import annotations

import base64
import html
import mimetypes
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from .._json import as_list

if TYPE_CHECKING:
    from ..protocol.wire import WireFile

LARGEST = 16 << 20
MOST_ROWS, MOST_COLUMNS, LONGEST = 100, 50, 500
TAGS = {
    "image": '<img src="{}" style="max-width: 100%">',
    "audio": '<audio controls src="{}"></audio>',
    "video": '<video controls src="{}" style="max-width: 100%"></video>',
}


def preview(file: WireFile, chunks: Callable[[], Generator[bytes, None, None]]) -> str | None:
    """HTML that shows an image, audio or video; None for other files and for large ones.

    Args:
        file: The file.
        chunks: Fetches it.
    """
    kind = file.mime_type or mimetypes.guess_type(file.name)[0] or ""
    tag = TAGS.get(kind.partition("/")[0])
    if tag is None or file.local is not None or (file.size or 0) > LARGEST:
        return None
    content = _small(chunks())
    if content is None:
        return None
    data = base64.b64encode(content).decode("ascii")
    return tag.format(html.escape(f"data:{kind};base64,{data}", quote=True))


def _small(chunks: Generator[bytes, None, None]) -> bytes | None:
    """All of a file that is small enough, whatever its Space said of its size."""
    content = bytearray()
    with closing(chunks):
        for chunk in chunks:
            content += chunk
            if len(content) > LARGEST:
                return None
    return bytes(content)


def table(values: Mapping[str, Any]) -> str:
    """HTML that shows a model: `headers` and `data` as the table that they are, other models field by field."""
    headers, data = values.get("headers"), values.get("data")
    if isinstance(headers, list) and isinstance(data, list):
        return _table(as_list(headers), as_list(data))
    return _table(["field", "value"], [[name, value] for name, value in values.items()])


def _table(headers: Sequence[Any], rows: Sequence[Any]) -> str:
    body = "".join(f"<tr>{_cells('td', as_list(row) or [row])}</tr>" for row in rows[:MOST_ROWS])
    note = f"<p>{len(rows):,} rows; the first {MOST_ROWS} are shown</p>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead><tr>{_cells('th', headers)}</tr></thead><tbody>{body}</tbody></table>{note}"


def _cells(tag: str, values: Sequence[Any]) -> str:
    more = [f"\N{HORIZONTAL ELLIPSIS} {len(values) - MOST_COLUMNS} more"] if len(values) > MOST_COLUMNS else []
    return "".join(f"<{tag}>{_text(value)}</{tag}>" for value in [*values[:MOST_COLUMNS], *more])


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return html.escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS}")
