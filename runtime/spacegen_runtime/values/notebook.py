"""How a notebook shows files and models. The words of a Space appear as text, never as HTML."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
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


CUT = "\N{HORIZONTAL ELLIPSIS}"
MOST_PICTURES = 24
LONGEST_REPR = 300
SHORTEST_FIELD = 30
PICTURE = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/=\s]+")


class Shown(list[Any]):
    """A list in a result, which shows its pictures in a notebook; otherwise an ordinary list.

    `print` writes all of it; a long one is cut where a prompt, a log or a traceback shows it.
    """

    def __str__(self) -> str:
        return super().__repr__()

    def __repr__(self) -> str:
        parts: list[str] = []
        length = 0
        for value in self:
            parts.append(short(repr(value)))
            length += len(parts[-1])
            if length > LONGEST_REPR:
                return short(f"[{', '.join(parts)}") + f" ({len(self):,} in all)]"
        return f"[{', '.join(parts)}]"

    def _repr_html_(self) -> str | None:
        return pictures(self)


def short(text: str, longest: int = LONGEST_REPR) -> str:
    """A repr that fits on a screen."""
    return text if len(text) <= longest else f"{text[:longest]}{CUT}"


def short_fields(name: str, values: Mapping[str, Any]) -> str:
    """A repr that fits on a screen and shows the beginning of each field."""
    longest = max(SHORTEST_FIELD, LONGEST_REPR // max(1, len(values)))
    return short(f"{name}({', '.join(f'{key}={short(repr(value), longest)}' for key, value in values.items())})")


def pictures(values: Sequence[Any]) -> str | None:
    """HTML that shows the files and models of a list; None where there are none."""
    shown = [html for value in values[:MOST_PICTURES] if (html := _own_html(value)) is not None]
    more = len(values) - MOST_PICTURES
    note = f"<p>{len(values):,} in all; the first {MOST_PICTURES} are shown</p>" if more > 0 else ""
    return "".join(shown) + note if shown else None


def fields_of(result: Any) -> str | None:
    """HTML that shows a result of several values field by field; None if all of them are plain text."""
    named: dict[str, Any] = result._asdict()
    if all(_own_html(value, look=True) is None for value in named.values()):
        return None
    return _table(["field", "value"], [[name, value] for name, value in named.items()])


def _own_html(value: Any, *, look: bool = False) -> str | None:
    """The HTML of a file or a model; with `look`, only whether there is any, without fetching anything."""
    kind: type[Any] = value.__class__
    if not hasattr(kind, "_repr_html_"):
        return None
    if look:
        return ""
    shown: str | None = value._repr_html_()
    return shown


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
    """The content of a file if it is small enough, regardless of the size that the Space reported."""
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
    return "".join(f"<{tag}>{_cell(value)}</{tag}>" for value in [*values[:MOST_COLUMNS], *more])


def _cell(value: Any) -> str:
    """A value as HTML: its own HTML, a picture that a text contains, or plain text."""
    if isinstance(value, str) and len(value) < LARGEST and PICTURE.fullmatch(value):
        return TAGS["image"].format(html.escape(value, quote=True))
    if isinstance(value, list):
        return pictures(as_list(value)) or _text(value)
    return _own_html(value) or _text(value)


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return html.escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS}")
