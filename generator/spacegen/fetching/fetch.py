"""SOURCE -> documents and where they came from. The generator's only network access.

SOURCE -> source.read_source -> a saved file             -> saved.load_documents
                             -> a Space  -> hub.look_up  -> address
                             -> an address               -> routes.read_app
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from spacegen.errors import DocumentError, NotGradio, SourceError, SourceForbidden
from spacegen.fetching import hub
from spacegen.fetching.documents import Fetched, Provenance
from spacegen.fetching.routes import AppRequest, basic_header, hf_subdomain, read_app
from spacegen.fetching.saved import load_documents
from spacegen.fetching.source import Address, HubSpace, SavedFile, read_source
from spacegen.fetching.transport import TIMEOUT, Connection

PATIENCE = 300.0
"""Seconds that a Space may take to wake up."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """The options of the requests; `fetch` explains the fields."""

    token: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    reading: AppRequest
    timeout: float
    patience: float
    report: Callable[[str], None]


def fetch(
    source: str,
    *,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    undocumented: bool = False,
    timeout: float = TIMEOUT,
    patience: float = PATIENCE,
    report: Callable[[str], None] = _log.info,
) -> Fetched:
    """Read what a Gradio app publishes about itself.

    Args:
        source: `owner/space`, a huggingface.co or hf.space URL, any http(s) URL of a Gradio app, or a file of
            saved documents.
        token: Hugging Face token; by default the one that the Hub's library finds. It is sent to the Hub and, as
            `X-HF-Authorization`, to the Space's own origin. A token that was found on this machine, and not passed
            here, is sent only to Spaces.
        auth: User and password of an app with a login page (`launch(auth=...)`), or of a gateway in front of it
            that asks for HTTP Basic.
        headers: Sent with every request to the app, such as the key that a gateway wants.
        undocumented: Also describe endpoints that the app's API page does not show.
        timeout: Seconds that one document may take.
        patience: Seconds that a sleeping Space may take to wake up.
        report: Called with a short text that says why it takes long.

    Raises:
        SourceNotFound: No such Space, host or file.
        SourceForbidden: Private, gated, behind a login, or redirected to another origin.
        SourceUnavailable: Unreachable, asleep, paused, broken or too slow.
        NotGradio: Something else answers there.
        DocumentError: The documents make no sense.
    """
    asked = read_source(source)
    if isinstance(asked, SavedFile):
        return load_documents(asked.path)
    reading = AppRequest(auth=auth, undocumented=undocumented)
    how = _Request(
        token=_checked(token),
        headers=_checked_headers(headers),
        reading=reading,
        timeout=timeout,
        patience=patience,
        report=report,
    )
    return _fetch_space(asked.id, how) if isinstance(asked, HubSpace) else _fetch_address(asked, how)


def _fetch_space(space: str, how: _Request) -> Fetched:
    def look_up() -> hub.HubSpaceInfo:
        return hub.look_up(space, token=how.token, timeout=how.timeout)

    found = look_up()
    token = how.token or _checked(hub.implicit_token())
    with Connection(found.url, _credentials(how, token, None), how.timeout) as connection:
        found = hub.wait_until_awake(
            found,
            refresh=look_up,
            wake=lambda: connection.get(found.url),
            patience=how.patience,
            report=how.report,
        )
        try:
            documents, url, notes = read_app(connection, found.url, how.reading)
            used = _names(connection, how)
        except NotGradio as error:
            if found.sdk in (None, "gradio"):
                raise
            raise NotGradio(f"{found.id} is a {found.sdk} Space, but it does not run a Gradio app.") from error
    provenance = Provenance(source=found.id, space_id=found.id, url=url, sha=found.sha, headers=used)
    return Fetched(documents=documents, provenance=provenance, notes=notes)


def _fetch_address(address: Address, how: _Request) -> Fetched:
    subdomain = hf_subdomain(address.url)
    token = how.token or (_checked(hub.implicit_token()) if subdomain else None)
    try:
        with Connection(address.url, _credentials(how, token, address.basic), how.timeout) as connection:
            documents, url, notes = read_app(connection, address.url, how.reading)
            used = _names(connection, how)
    except (SourceError, DocumentError):
        # A Space that sleeps, is private or is gone answers with a web page; the Hub knows which of them it is.
        space = hub.space_of_subdomain(subdomain, token=token, timeout=how.timeout) if subdomain else None
        if space is None:
            raise
        return _fetch_space(space, how)
    space = documents.config.get("space_id")
    is_own = isinstance(space, str) and _subdomain_of(space) == subdomain
    provenance = Provenance(source=address.url, space_id=space if is_own else None, url=url, headers=used)
    return Fetched(documents=documents, provenance=provenance, notes=notes)


def _credentials(how: _Request, token: str | None, basic: tuple[str, str] | None) -> dict[str, str]:
    headers = dict(how.headers)
    if token is not None:
        # The Hub's proxy removes this header; the Space's own code would see `Authorization`.
        headers["X-HF-Authorization"] = f"Bearer {token}"
    if basic is not None:
        headers |= basic_header(basic)
    return headers


def _names(connection: Connection, how: _Request) -> tuple[str, ...]:
    """Return the names of the headers that the user passed for the app or a gateway in front of it."""
    basic = {"Authorization"} & {*connection.headers}
    return tuple(sorted({*how.headers, *basic}, key=str.lower))


def _checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    for name, value in (headers or {}).items():
        if not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) or not re.fullmatch(r"[ -~\t]*", value):
            raise SourceForbidden(f"{name!r} cannot be sent as a header.", "Write --header 'NAME: VALUE'.")
    return dict(headers or {})


def _checked(token: str | None) -> str | None:
    token = (token or "").strip()
    if not all("!" <= letter <= "~" for letter in token):
        raise SourceForbidden(
            "The token contains characters that do not belong in a token.", "Was it copied completely?"
        )
    return token or None


def _subdomain_of(space: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", space.lower()).strip("-")  # as the runtime's `hub_host`
