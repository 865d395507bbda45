"""Files as they go over the wire, whatever the caller holds them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .._json import as_dict
from .provenance import ServerText

if TYPE_CHECKING:
    from .._options import Options
    from .credentials import Jar
    from .server import Server

META = {"_type": "gradio.FileData"}
FIELDS: Mapping[str, type] = {
    "path": str,
    "url": str,
    "size": int,
    "orig_name": str,
    "mime_type": str,
    "is_stream": bool,
    "meta": dict,
}
PLACE = ("path", "url", "meta")  # what a Space needs when the file is sent back; no one else should see it


class Access(NamedTuple):
    """The server that has a file, and the options with which the file was received."""

    server: Server
    options: Options
    cookies: Jar | None = None  # of the call that returned it; behind a load balancer, they choose the replica


class Sent(NamedTuple):
    """A file of the caller that a Space has received."""

    path: str
    name: str
    size: int | None
    state: tuple[int, ...]  # of the file on disk when it was sent
    start: int  # the position from which a file object was read


def is_url(source: object) -> bool:
    """Whether this is an http(s) URL."""
    return isinstance(source, str) and source.startswith(("http://", "https://"))


def is_marked(wire: Mapping[str, Any]) -> bool:
    """Whether an object has Gradio's own mark of a file."""
    return as_dict(wire.get("meta")).get("_type") == META["_type"]


def described(value: Any) -> dict[str, Any]:
    """What a server says about a file, in the form of Gradio 4 and later; empty for a value that is no file."""
    if isinstance(value, str):  # 3.x images are data URLs; some apps answer with a plain URL
        return _data_url(value) if value.startswith("data:") else {"path": value}
    wire = as_dict(value)
    if "name" in wire and "is_file" in wire:  # 3.x
        return {**wire, "path": wire["name"] if wire["is_file"] else "", "url": wire.get("data")}
    return wire


def _data_url(url: str) -> dict[str, Any]:
    import mimetypes

    ending = mimetypes.guess_extension(url[len("data:") : 80].partition(";")[0])
    return {"url": url, "orig_name": f"file{ending}"} if ending else {"url": url}


def fields_of(wire: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields in a description of a file."""
    return {name: wire[name] for name, kind in FIELDS.items() if isinstance(wire.get(name), kind)}


class WireFile:
    """A file as a server describes it, and how to fetch it; users see it as `FileData`."""

    __slots__ = (*FIELDS, "access", "local", "outside", "sent")

    def __init__(
        self,
        path: str = "",
        *,
        url: str | None = None,
        size: int | None = None,
        orig_name: str | None = None,
        mime_type: str | None = None,
        is_stream: bool = False,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = path
        self.url = url
        self.size = size
        self.orig_name = orig_name
        self.mime_type = mime_type
        self.is_stream = is_stream
        self.meta = dict(META if meta is None else meta)
        self.access: Access | None = None
        self.local: Any = None
        self.outside = False  # what is left of the access of a pickled file; see `came_from_outside`
        self.sent: dict[str, Sent] = {}  # by the Space's address

    def __repr__(self) -> str:
        return repr(self.path or self.url)  # in the message about an address that cannot be fetched

    def to_wire(self) -> dict[str, Any]:
        """The file as a server wants it; `meta` is never left out (5.29 and later refuse a file without)."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}

    def came_from_outside(self) -> bool:
        """Whether a server on the public internet said where the file lies."""
        from .addresses import is_outside

        return self.outside if self.access is None else is_outside(self.access.server.peer)

    def keys(self) -> list[str]:
        """The keys of `dict(file)`: all that the Space said about the file except where it is stored.

        FastAPI uses it when a handler declares no return type.
        """
        return [name for name in self.to_wire() if name not in PLACE]

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)

    __iter__ = None  # it is one file, not several

    @property
    def name(self) -> str:
        """A file name that is safe to write: no folder, no control characters, never empty."""
        from .names import safe_name

        said = self.orig_name or self.path or ""
        name = safe_name(said)
        return ServerText(name) if isinstance(said, ServerText) else name


def lies_at_home(file: WireFile) -> bool:
    """Whether a result's file is fetched from the Space that it came from."""
    if file.access is None:
        return False
    if file.is_stream or (file.path and not is_url(file.path)):
        return True
    addresses = [place for place in (file.path, file.url) if place and is_url(place)]
    return any(map(file.access.server.owns, addresses[:1]))
