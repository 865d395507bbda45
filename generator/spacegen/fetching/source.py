"""Finds out what a user means by SOURCE: a Space on the Hub, the address of an app, or a saved file.

Pure, except that it looks at the file system: an existing file has priority over everything but a full URL.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from spacegen.errors import NoSource, SourceNotFound

_SPACE_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII)
_HUB_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co"})
_BARE_HUB = re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/", re.IGNORECASE)
_BARE_APP = re.compile(r"[\w.-]+\.(?:hf\.space|gradio\.live)(?::\d+)?(?:/.*)?|[\w.-]+:\d+(?:/.*)?", re.ASCII)
_LOOPBACK = re.compile(r"(?:localhost|127\.[\d.]+|0\.0\.0\.0)(?::|$)")
# What people copy from a browser's network tab or from Gradio's API page, after the app's own address.
_ROUTE = re.compile(
    r"/(?:gradio_api(?:/.*)?|(?:config|info|openapi\.json|login)/?|queue/(?:join|data|status)|file=.*"
    r"|(?:call|run)/.+|api/predict/?)$"
)
_MANIFEST = "spacegen.json"
_FORMS = "Give owner/space, the address of a Gradio app (https://...), or a saved documents file (docs.json)."


@dataclass(frozen=True, slots=True)
class SavedFile:
    """Documents that `spacegen fetch` saved."""

    path: Path


@dataclass(frozen=True, slots=True)
class HubSpace:
    """A Space on the Hub, as `owner/name`."""

    id: str


@dataclass(frozen=True, slots=True)
class Address:
    """An app that answers over HTTP.

    Attributes:
        url: Scheme, host and path prefix; no credentials, query, fragment or trailing slash.
        basic: User and password from the URL, for a proxy in front of the app.
    """

    url: str
    basic: tuple[str, str] | None = None


Source: TypeAlias = SavedFile | HubSpace | Address


def read_source(text: str) -> Source:
    """Tell what a user means by SOURCE.

    Raises:
        SourceNotFound: It has none of the forms that spacegen knows, or it is a file that does not exist.
    """
    text = text.strip()
    if re.match(r"https?://", text, re.IGNORECASE):
        return _from_url(text)
    if _is_file(text):
        if Path(text).name == _MANIFEST:
            raise NoSource(
                f"{text} is not a source but the manifest of a package.", _of_package(Path(text).parent)
            )
        return SavedFile(Path(text).expanduser())
    if _is_file(f"{text}/{_MANIFEST}"):
        raise NoSource(f"{text} is a package, not a source to write one from.", _of_package(Path(text)))
    if _BARE_HUB.match(text):
        return _from_url(f"https://{text}")
    space = text.removeprefix("spaces/").rstrip("/")
    if _SPACE_ID.fullmatch(space) and not text.endswith(".json"):
        return HubSpace(space)
    if _BARE_APP.fullmatch(text):
        return _from_url(f"{'http' if _LOOPBACK.match(text) else 'https'}://{text}")
    if text.endswith(".json") or text.startswith((".", "~", "/", "\\")):
        raise SourceNotFound(f"There is no file {text}.", _FORMS)
    raise NoSource(f"{spoken(text)!r} is not a source that spacegen knows.", _FORMS)


def spoken(text: str) -> str:
    """Return a source as it may be shown: without a user and password in the address."""
    return re.sub(r"(?<=//)[^/?#\s]*@", "", text)


def _of_package(folder: Path) -> str:
    return f"To write it again: spacegen update {folder}. To look at it: spacegen info {folder}."


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # too long, `~nobody`, a NUL byte
        return False


def _from_url(text: str) -> Source:
    parts = _split(text)
    host = (parts.hostname or "").lower()
    if host in _HUB_HOSTS or (host and parts.netloc == urlsplit(os.environ.get("HF_ENDPOINT", "")).netloc):
        return _from_hub_path(parts.path, text)
    basic = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    if host.endswith(".hf.space") and parts.port in (None, 80) and parts.scheme.lower() == "http":
        parts = parts._replace(scheme="https", netloc=host)  # Spaces answer there; http only redirects to it
    # `//` and `/./` in the path are not changed: only the app's server knows what they mean.
    path = _ROUTE.sub("", parts.path).rstrip("/")
    return Address(f"{parts.scheme.lower()}://{_host_and_port(parts)}{path}", basic)


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0 and text.isprintable() and " " not in text
    except ValueError:  # a port that is not a number, half an IPv6 address
        usable = False
    if not usable:
        raise NoSource(f"{spoken(text)!r} is not a usable address.", _FORMS)
    return parts


def _host_and_port(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"


def _from_hub_path(path: str, text: str) -> HubSpace:
    words = path.strip("/").split("/")
    if len(words) >= 3 and words[0] == "spaces" and _SPACE_ID.fullmatch(f"{words[1]}/{words[2]}"):
        return HubSpace(f"{words[1]}/{words[2]}")
    raise SourceNotFound(
        f"{spoken(text)!r} is not the page of a Space.",
        "A Space's address looks like https://huggingface.co/spaces/owner/space.",
    )
