"""What is known about one server: where it is, and what its /config says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from string import punctuation
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

from .. import _fork
from .._json import as_dict, parse
from .config import Config, Slots
from .credentials import Callers, address_of

LONGEST_URL = 65_536  # characters; no server takes longer ones
PROXIED = re.compile(r"https?://[^/?#]+(?:/[^/?#=]*)*/proxy=(https?://.+)", re.DOTALL)


class Server:
    """One base URL and all that is remembered about it; shared by every call, in every thread."""

    def __init__(
        self, base: str, *, prefix: str, protocol: str, hub_id: str | None = None, trusted: bool = False
    ) -> None:
        address = address_of(base)
        self.base = address.base
        self.headers = address.headers  # credentials that were part of the address
        self.prefix = prefix
        self.protocol = protocol
        self.hub_id = hub_id
        self.trusted = trusted  # whether the machine's own token may go there
        self.config: Config | None = None
        self.config_read = 0.0  # when, as `time.monotonic()` counts
        self.slots: dict[str | int, Slots] = {}
        self.closed: set[str | int] = set()  # endpoints that were outside the queue and are no longer
        self.warned: set[tuple[str, str]] = set()
        self.sync_client: Any = None  # set by configure(http_client=...)
        self.async_client: Any = None
        self.client_options: Mapping[str, Any] = {}
        self.peer = ""  # the IP address that answered last, where it is known
        self.callers = Callers()
        _fork.forgets(self)

    def forget(self) -> None:
        """In a forked child: keep this object alive.

        Its connections belong to the parent, and would be closed with it.
        """
        _inherited.append(self)

    def url(self, path: str) -> str:
        """The URL of an API path such as "/call/predict", percent-quoted."""
        return f"{self.base}{self.prefix}{_quoted_once(path)}"

    def file_url(self, path: str) -> str:
        """The address to fetch a file from.

        It is right in every Gradio version; the `url` that comes with a file is not.
        """
        return f"{self.base}{self.prefix}/file={_quoted(path)}"

    def place_of(self, path: str, url: str | None) -> str:
        """The address to fetch a file from that came with this `url`.

        A Space that embeds another one (`gr.load`) serves the other's files under its own route `/proxy=`, and
        only the `url` shows that. The `url` is used only as a path: the host is always this server.
        """
        shown = PROXIED.match(url) if url is not None and len(url) <= LONGEST_URL else None
        if shown is None:
            return self.file_url(path)
        return f"{self.base}{self.prefix}/proxy={quote(shown[1], safe=punctuation, errors='replace')}"

    def stream_url(self, path: str) -> str:
        """The playlist of a live stream."""
        return f"{self.base}{self.prefix}/stream/{_quoted(path)}"

    def adopt(self, document: bytes) -> Config:
        """Record what /config says; raises ValueError if it is not from a Gradio app."""
        self.config, self.config_read = Config(as_dict(parse(document))), monotonic()
        self.prefix, self.protocol = self.config.prefix, self.config.protocol
        return self.config

    def owns(self, url: str) -> bool:
        """Whether a URL has this server's own origin."""
        return origin(url) == origin(self.base)


_inherited: list[Server] = []


@lru_cache(maxsize=64)  # a request asks five times for the origin of its URL and of its Space
def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, as browsers compare them; an invalid address gets an origin that no server has."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port


# Paths of endpoints come with every call; those with a session hash or an id come once, and must not pile up.
_quoted_once = lru_cache(maxsize=256)(quote)


def _quoted(path: str) -> str:
    return quote(path, errors="replace")  # text that is not valid Unicode cannot be sent; no file is named so
