"""The documents of a Gradio app exactly as it publishes them, and where they came from.

Gradio publishes three: `config` (components and dependencies), `info` (the API page) and, since 5.29,
`openapi.json`. Nothing here knows what is in them; `reading` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What one Gradio app said about itself.

    Attributes:
        config: `GET /config`; always present; without it, an app is not a Gradio app.
        info: `GET {prefix}/info`, or None if the server could not return it (HTTP 500 is common).
        openapi: `GET {prefix}/openapi.json`, or None before Gradio 5.29.
    """

    config: Json
    info: Json | None = None
    openapi: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where documents came from.

    Attributes:
        source: What the user asked for, without credentials: a Space id, a URL or a file's name.
        space_id: `owner/name` where the app is a Space on the Hub, else None.
        url: The app's own address without a trailing slash, or None where only a file was read.
        sha: The Space's revision on the Hub, or None.
        headers: Names of the headers that a gateway in front of the app wanted; never their values.
    """

    source: str
    space_id: str | None = None
    url: str | None = None
    sha: str | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Documents with their provenance, and notes about problems while reading them."""

    documents: Documents
    provenance: Provenance
    notes: tuple[str, ...] = field(default=())
