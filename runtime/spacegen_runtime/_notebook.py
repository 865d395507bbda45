"""How a file shows itself in a notebook."""

from __future__ import annotations

import base64
import html
import mimetypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._file_data import FileData

LARGEST = 16 << 20
TAGS = {
    "image": '<img src="{}" style="max-width: 100%">',
    "audio": '<audio controls src="{}"></audio>',
    "video": '<video controls src="{}" style="max-width: 100%"></video>',
}


def preview(file: FileData) -> str | None:
    """HTML that shows an image, audio or video; None for other files and for large ones."""
    kind = file.mime_type or mimetypes.guess_type(file.name)[0] or ""
    tag = TAGS.get(kind.partition("/")[0])
    if tag is None or file.local is not None or (file.size or 0) > LARGEST:
        return None
    data = base64.b64encode(file.read()).decode("ascii")
    return tag.format(html.escape(f"data:{kind};base64,{data}", quote=True))
