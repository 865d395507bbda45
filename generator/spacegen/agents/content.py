"""Results for a client of the Model Context Protocol: text, pictures and sounds, links to other files."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterable
from typing import Any

from mcp import types
from mcp.shared.exceptions import MCPError

INLINE = 1 << 20
LARGEST = 50 << 20
_PICTURES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))


async def blocks(result: Any, files: Any, inline: int) -> list[types.ContentBlock]:
    """Return the blocks of a result: its text, and one for each file.

    Args:
        result: What a tool call gave.
        files: Keeps the files of results.
        inline: Bytes up to which a picture or a sound is in the answer itself; others are links, which a client
            can read as resources.
    """
    made: list[types.ContentBlock] = [types.TextContent(type="text", text=result.text)]
    for uri in result.files:
        said = files.described(uri)
        name, kind = said["name"], _kind(said["name"])
        shown = kind in _PICTURES or kind.startswith("audio/")
        data = await files.aread(uri, inline) if shown else None
        if data is None:
            made.append(
                types.ResourceLink(type="resource_link", uri=uri, name=name, mime_type=kind, size=said.get("size"))
            )
        elif kind.startswith("audio/"):
            made.append(types.AudioContent(type="audio", data=_text(data), mime_type=kind))
        else:
            made.append(types.ImageContent(type="image", data=_text(data), mime_type=kind))
    return made


async def resource(uri: str, several: Iterable[Any]) -> types.ReadResourceResult:
    """Return the content behind a link in a result.

    Raises:
        MCPError: There is no such file, the Space no longer has it, or it is too large.
    """
    for files in several:
        try:
            name = files.described(uri)["name"]
        except ValueError:
            continue
        data = await files.aread(uri, LARGEST)
        if data is None:
            message = f"the Space refuses to send the file, or it has more than {LARGEST >> 20} MB"
            raise MCPError(types.INTERNAL_ERROR, message)
        contents = types.BlobResourceContents(uri=uri, mime_type=_kind(name), blob=_text(data))
        return types.ReadResourceResult(contents=[contents])
    raise MCPError(types.INVALID_PARAMS, "no result of this server has a file with this uri")


def _kind(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
