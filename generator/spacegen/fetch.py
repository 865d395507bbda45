"""SOURCE -> documents and where they came from. The generator's only network access.

SOURCE -> source.read_source -> a saved file             -> saved.load_documents
                             -> a Space  -> hub.look_up  -> address
                             -> an address               -> /config, then info and openapi side by side
"""

from __future__ import annotations

import base64
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from spacegen import hub
from spacegen.documents import Documents, Fetched, Json, Provenance
from spacegen.errors import (
    DocumentError,
    NotGradio,
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceUnavailable,
    SpacegenError,
)
from spacegen.saved import check_config, load_documents
from spacegen.source import Address, HubSpace, SavedFile, read_source
from spacegen.transport import Answer, Connection

TIMEOUT = 30.0
"""Seconds that one document may take."""
PATIENCE = 300.0
"""Seconds that a Space may take to wake up."""

_log = logging.getLogger(__name__)
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_AUTH_HINT = "Pass --auth USER:PASSWORD."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """How to ask; the fields are the arguments of `fetch`."""

    token: str | None = field(repr=False)
    auth: tuple[str, str] | None = field(repr=False)
    timeout: float
    patience: float
    report: Callable[[str], None]


def fetch(
    source: str,
    *,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    timeout: float = TIMEOUT,
    patience: float = PATIENCE,
    report: Callable[[str], None] = _log.info,
) -> Fetched:
    """Read what a Gradio app publishes about itself.

    Args:
        source: `owner/space`, a huggingface.co or hf.space URL, any http(s) URL of a Gradio app, or a file of
            saved documents.
        token: Hugging Face token; by default the one that the Hub's library finds. It is sent to the Hub
            and, as `X-HF-Authorization`, to the Space's own origin. A token that was found rather than given
            goes to Spaces only, not to other addresses.
        auth: User and password of an app with a login page (`launch(auth=...)`).
        timeout: Seconds that one document may take.
        patience: Seconds that a sleeping Space may take to wake up.
        report: Told in a few words why it takes long.

    Raises:
        SourceNotFound: No such Space, host or file.
        SourceForbidden: Private, gated or behind a login.
        SourceUnavailable: Unreachable, asleep, paused, broken or too slow.
        NotGradio: Something else answers there.
        DocumentError: The documents make no sense.
    """
    asked = read_source(source)
    if isinstance(asked, SavedFile):
        return load_documents(asked.path)
    how = _Request(token=_checked(token), auth=auth, timeout=timeout, patience=patience, report=report)
    return _fetch_space(asked.id, how) if isinstance(asked, HubSpace) else _fetch_address(asked, how)


def _fetch_space(space: str, how: _Request) -> Fetched:
    def look_up() -> hub.HubSpaceInfo:
        return hub.look_up(space, token=how.token, timeout=how.timeout)

    found = look_up()
    token = how.token or _checked(hub.implicit_token())
    with Connection(found.url, _credentials(token, None), how.timeout) as connection:
        found = hub.wait_until_awake(
            found,
            refresh=look_up,
            wake=lambda: connection.get(found.url),
            patience=how.patience,
            report=how.report,
        )
        try:
            documents, url, notes = _read_documents(connection, found.url, how.auth)
        except NotGradio as error:
            if found.sdk in (None, "gradio"):
                raise
            raise NotGradio(f"{found.id} is a {found.sdk} Space, and what it runs is no Gradio app.") from error
    provenance = Provenance(source=found.id, space_id=found.id, url=url, sha=found.sha)
    return Fetched(documents=documents, provenance=provenance, notes=notes)


def _fetch_address(address: Address, how: _Request) -> Fetched:
    subdomain = _hf_subdomain(address.url)
    token = how.token or (_checked(hub.implicit_token()) if subdomain else None)
    try:
        with Connection(address.url, _credentials(token, address.basic), how.timeout) as connection:
            documents, url, notes = _read_documents(connection, address.url, how.auth)
    except (SourceError, DocumentError):
        # A Space that sleeps, is private or is gone answers with a page for people; the Hub knows which.
        space = hub.space_of_subdomain(subdomain, token=token, timeout=how.timeout) if subdomain else None
        if space is None:
            raise
        return _fetch_space(space, how)
    space = documents.config.get("space_id")
    is_own = isinstance(space, str) and _subdomain_of(space) == subdomain
    provenance = Provenance(source=address.url, space_id=space if is_own else None, url=url)
    return Fetched(documents=documents, provenance=provenance, notes=notes)


def _read_documents(
    connection: Connection, base: str, auth: tuple[str, str] | None
) -> tuple[Documents, str, tuple[str, ...]]:
    """Return the documents, the address where they were found, and what was odd."""
    # /config is never under the API's prefix, and names the prefix under which the other two are.
    answer = connection.get(f"{base}/config")
    if answer.status == 401 and auth is not None:
        base = _base_of(answer)
        _log_in(connection, base, auth)
        answer = connection.get(f"{base}/config")
    if answer.status == 404:
        answer = _app_of_page(connection, base) or answer
    _refuse_status(answer)
    base, config = _base_of(answer), _read_config(answer)
    prefix = _prefix(config)
    info, openapi = _side_by_side(
        lambda: connection.get(f"{base}{prefix}/info"),
        # Without a prefix (before Gradio 5) this route describes FastAPI's own routes, not the app's.
        lambda: connection.get(f"{base}{prefix}/openapi.json") if prefix else None,
    )
    notes: list[str] = []
    documents = Documents(
        config=config,
        info=_read_info(info, notes),
        openapi=_read_openapi(openapi, notes) if openapi else None,
    )
    return documents, base, tuple(notes)


def _app_of_page(connection: Connection, address: str) -> Answer | None:
    """Return the config of the app that has a page at `address`, as apps with several pages do."""
    base, _, page = address.rpartition("/")
    if base.endswith("/"):  # the address is a host
        return None
    answer = connection.get(f"{base}/config")
    try:
        config = answer.json() if answer.status == 200 else None
    except SpacegenError:
        return None
    pages = config.get("pages") if isinstance(config, dict) else None
    is_one = isinstance(pages, list) and any(isinstance(one, list) and one[:1] == [page] for one in pages)
    return answer if is_one else None


def _refuse_status(answer: Answer) -> None:
    if answer.status in (401, 403):
        hint = f"{_AUTH_HINT} For a private Space, pass --token or set HF_TOKEN."
        raise SourceForbidden(f"{answer.url} asks for a login ({_status(answer)}).", hint)
    if answer.status in (404, 405, 410):
        hint = "Is the address complete, with the app's path if it has one?"
        if _hf_subdomain(answer.url):
            hint = "If the Space is private, pass --token or set HF_TOKEN."
        raise SourceNotFound(f"{answer.url} does not exist ({_status(answer)}).", hint)
    if answer.status >= 500 or answer.status == 429:
        raise SourceUnavailable(f"{answer.url} failed ({_status(answer)}).", "Try again later.")
    if answer.status != 200:
        raise NotGradio(f"{answer.url} answered with {_status(answer)}, which Gradio never does.")


def _read_config(answer: Answer) -> Json:
    config = answer.json()
    if isinstance(config, dict) and config.get("auth_required"):
        raise SourceForbidden(f"{answer.url} asks for a login.", _AUTH_HINT)
    config = check_config(config, answer.url)
    # Who asked is no property of the app, and nothing to commit.
    return {key: value for key, value in config.items() if key != "username"}


def _read_info(answer: Answer, notes: list[str]) -> Json | None:
    if answer.status in (404, 500):
        # 500: one endpoint with a type hint that Gradio cannot describe takes the whole page down.
        notes.append(f"The app cannot describe its API ({_status(answer)} for info); types are less exact.")
        return None
    if answer.status != 200:
        raise SourceUnavailable(f"{answer.url} failed ({_status(answer)}).", "Try again later.")
    info = answer.json()
    if not isinstance(info, dict):
        raise DocumentError(f"{answer.url} is JSON, but no API description.")
    return info


def _read_openapi(answer: Answer, notes: list[str]) -> Json | None:
    if answer.status == 404:  # before Gradio 5.29
        return None
    try:
        openapi = answer.json() if answer.status == 200 else None
    except (NotGradio, DocumentError):
        openapi = None
    if not isinstance(openapi, dict):
        notes.append(f"The app's openapi.json cannot be read ({_status(answer)}); it is only a cross-check.")
        return None
    return openapi


def _log_in(connection: Connection, base: str, auth: tuple[str, str]) -> None:
    answer = connection.log_in(base, *auth)
    if answer.status in (400, 401, 403):
        raise SourceForbidden(f"{base} refuses this user and password.", answer.reason() or None)
    if answer.status != 200:
        raise SourceForbidden(f"Logging in at {base} failed ({_status(answer)}).")


def _side_by_side(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make calls at the same time and return their results; the first error in order is raised."""
    results: list[Any] = [None] * len(calls)

    def run(position: int) -> None:
        try:
            results[position] = calls[position]()
        except Exception as error:  # raised again below, in the caller's thread
            results[position] = error

    others = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(1, len(calls))]
    for thread in others:
        thread.start()
    run(0)
    for thread in others:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return tuple(results)


def _base_of(answer: Answer) -> str:
    """Return the app's address from where /config was found, after redirects."""
    if answer.url.endswith("/config"):
        return answer.url.removesuffix("/config")
    if "login" in answer.url:
        raise SourceForbidden(f"The app redirects to a login page, {answer.url}.", "It needs a browser's session.")
    raise NotGradio(f"The app redirects to {answer.url}, which is no Gradio app.")


def _prefix(config: Json) -> str:
    prefix = config.get("api_prefix") or ""
    # It becomes part of every address that the package calls: nothing but plain path segments.
    if isinstance(prefix, str) and _PREFIX.fullmatch(prefix.rstrip("/")):
        return prefix.rstrip("/")
    raise DocumentError("The app's api_prefix is no path.")


def _credentials(token: str | None, basic: tuple[str, str] | None) -> dict[str, str]:
    headers = {}
    if token is not None:
        # The Hub's proxy consumes and strips this header; the Space's own code would see `Authorization`.
        headers["X-HF-Authorization"] = f"Bearer {token}"
    if basic is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    return headers


def _checked(token: str | None) -> str | None:
    token = (token or "").strip()
    if not all("!" <= letter <= "~" for letter in token):
        raise SourceForbidden("The token has characters that no token has.", "Was it copied whole?")
    return token or None


def _hf_subdomain(url: str) -> str | None:
    host = urlsplit(url).hostname or ""
    return host.removesuffix(".hf.space") if url.startswith("https://") and host.endswith(".hf.space") else None


def _subdomain_of(space: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", space.lower())


def _status(answer: Answer) -> str:
    reason = answer.reason()
    return f"HTTP {answer.status}: {reason}" if reason else f"HTTP {answer.status}"
