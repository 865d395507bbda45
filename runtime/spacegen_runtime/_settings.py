"""What `space.configure` takes, checked: where calls go, and over which http client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .errors import ConfigurationError

PLACE = frozenset({"source", "base_url"})
"""Options that say where to call."""


def for_calls(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of options, without the options that name an address."""
    return {name: value for name, value in changes.items() if name not in PLACE}


def place_of(changes: Mapping[str, Any]) -> str | None:
    """The address to call now; None is the recorded address. Raises ConfigurationError for an invalid address."""
    source, base_url = changes.get("source"), changes.get("base_url")
    if base_url is not None:
        check_url(base_url)
    if source is not None and not (isinstance(source, str) and is_hub_id(source)):
        check_url(source)
    moved: str | None = source if base_url is None else base_url
    return moved


def check_url(url: Any, *, said_by: str | None = None) -> None:
    """Raise ConfigurationError unless this is an http(s) URL; the error names the variable that said it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        where = f"{said_by} is " if said_by else ""
        raise ConfigurationError(f"{where}not an http(s) URL: {url!r} ({_instead_of(url)})")


def _instead_of(url: Any) -> str:
    import re

    if isinstance(url, str) and re.fullmatch(r"[\w.-]+:\d+(/.*)?|localhost(/.*)?", url):
        return f"write http://{url}"
    return 'source="owner/name" names a Space of the Hub'


ELSEWHERE = {
    "timeout": "use timeout=, with Timeouts for a limit of each stage",
    "base_url": "use base_url=",
    "follow_redirects": "redirects are followed in the Space's own origin, and nowhere else",
    "max_redirects": "eight redirects are followed, in the Space's own origin",
    "default_encoding": "answers are JSON, which is UTF-8",
}
"""Arguments of httpx clients that would be ignored, and what to use instead."""


def client_options(given: Any) -> dict[str, Any]:
    """Checked arguments for the HTTP clients that the runtime makes."""
    if given is not None and not isinstance(given, Mapping):
        raise ConfigurationError(f"client_options must be a mapping, not {type(given).__name__}")
    options = dict(cast("Mapping[str, Any]", given or {}))
    for name in options:
        if name in ELSEWHERE:
            raise ConfigurationError(f"client_options does not take {name!r}: {ELSEWHERE[name]}")
    return options


def clients(given: Any) -> dict[str, Any]:
    """The HTTP client of the caller for one of the two shells; None makes the runtime use its own again."""
    if given is None:
        return {"sync_client": None, "async_client": None}
    if not hasattr(given, "build_request"):
        raise ConfigurationError(f"http_client must be an httpx.Client or httpx.AsyncClient, not {given!r}")
    return {"sync_client" if hasattr(given, "__enter__") else "async_client": given}


def is_hub_id(source: str) -> bool:
    """Whether this is "owner/name"."""
    import re

    return re.fullmatch(r"[\w.-]+/[\w.-]+", source) is not None


def hub_host(space_id: str) -> str:
    """The host under which the Hub serves a Space."""
    import re

    # The Hub's libraries ask it for `host`; a copy is found without asking. The rule shows in public addresses:
    # stabilityai/stable-diffusion-3.5-large is at stabilityai-stable-diffusion-3-5-large.hf.space; capitals and
    # underscores go the same way. That several such characters become one dash is a guess; names contain no `--`
    # or `..` anyway.
    return re.sub(r"[^a-z0-9]+", "-", space_id.lower()).strip("-") + ".hf.space"
