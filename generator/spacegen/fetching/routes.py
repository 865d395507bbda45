"""What a running app publishes, read over its routes: `/config` first, which says where the other two are."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import urlsplit

from spacegen.errors import (
    DocumentError,
    NotGradio,
    SourceForbidden,
    SourceNotFound,
    SourceUnavailable,
    SpacegenError,
)
from spacegen.fetching.documents import Documents, Json
from spacegen.fetching.prefix import read_prefix
from spacegen.fetching.saved import check_config
from spacegen.fetching.transport import Answer, Connection

_AUTH_HINT = "Pass --auth USER:PASSWORD."
_DEEPEST_PAGE = 3
"""How many folders above a page its app is searched for; `demo.route("Page", "a/b")` lies two below it."""
_BASIC_HINT = (
    "Pass the user and the password: https://USER:PASSWORD@HOST/..., or --auth USER:PASSWORD; "
    "or the header that it requires: --header 'NAME: VALUE'."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRequest:
    """What to request, and with which credentials; the fields are arguments of `fetch`."""

    auth: tuple[str, str] | None = field(repr=False)
    undocumented: bool


def read_app(connection: Connection, base: str, request: AppRequest) -> tuple[Documents, str, tuple[str, ...]]:
    """Return the documents, the address where they were found, and notes about problems.

    Raises:
        SourceError: They cannot be read.
        DocumentError: They make no sense.
    """
    # /config is never under the API's prefix, and names the prefix under which the other two are.
    answer = _ask_config(connection, base, request)
    if answer.status == 404 or (answer.status == 200 and answer.kind == "text/html"):
        # The second one is the answer of Gradio's Node server (SSR) to every path that it takes for a page of the
        # app.
        answer = _app_of_page(connection, base, request) or answer
    _refuse_status(answer)
    base, config = _base_of(answer), _read_config(answer)
    api = base + read_prefix(config.get("api_prefix"))
    notes: list[str] = []
    # Without a prefix (before Gradio 5) this route describes FastAPI's own routes, not the app's.
    asked = _beside(lambda: connection.get(f"{api}/openapi.json")) if api != base else None
    info = _read_info(_ask_info(connection, api, request), notes)
    openapi = _read_openapi(asked.result(), notes) if asked else None
    return Documents(config=config, info=info, openapi=openapi), base, tuple(notes)


def _beside(call: Callable[[], Answer]) -> Future[Answer]:
    """Start a call in another thread; an interrupted program does not wait for it."""
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:  # raised again where the answer is used
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer


def _ask_config(connection: Connection, base: str, request: AppRequest) -> Answer:
    answer = connection.get(f"{base}/config")
    if answer.status == 401 and request.auth is not None:
        return _let_in(connection, answer, request.auth)
    return answer


def _ask_info(connection: Connection, api: str, request: AppRequest) -> Answer:
    if request.undocumented:
        # Since 4.44 it also has the endpoints that the API page leaves out, with the names of their parameters and
        # their descriptions, which config does not have. One of them may be the reason why info fails.
        answer = connection.get(f"{api}/info?all_endpoints=true")
        if answer.status == 200:
            return answer
    return connection.get(f"{api}/info")


def _let_in(connection: Connection, refusal: Answer, auth: tuple[str, str]) -> Answer:
    """Return the config, read again with `auth`: by HTTP Basic for a gateway, by login for Gradio."""
    base = _base_of(refusal)
    if not refusal.wants_basic:
        _log_in(connection, base, auth)
    elif "authorization" in {name.lower() for name in connection.headers}:
        return refusal  # the user and password in the URL were refused; trying another pair would hide that
    else:
        connection.add_headers(basic_header(auth))
    return connection.get(f"{base}/config")


def basic_header(auth: tuple[str, str]) -> dict[str, str]:
    """Return the header with a user and a password for a gateway (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}


def _app_of_page(connection: Connection, address: str, request: AppRequest) -> Answer | None:
    """Return the config of the app that has a page at `address`, as apps with several pages do."""
    base, page = address, ""
    for _ in range(_DEEPEST_PAGE):
        base, _, last = base.rpartition("/")
        if base.endswith("/"):  # nothing is above a host
            return None
        page = f"{last}/{page}".rstrip("/")
        answer = _ask_config(connection, base, request)
        if page in _pages(answer):
            return answer
    return None


def _pages(answer: Answer) -> list[object]:
    try:
        config = answer.json() if answer.status == 200 else None
    except SpacegenError:
        return []
    pages = config.get("pages") if isinstance(config, dict) else None
    return [one[0] for one in pages if isinstance(one, list) and one] if isinstance(pages, list) else []


def _refuse_status(answer: Answer) -> None:
    if answer.status in (401, 403):
        hint = f"{_AUTH_HINT} For a private Space, pass --token or set HF_TOKEN."
        if answer.wants_basic or _is_page(answer):  # the login of a gateway in front of the app, not of Gradio
            raise SourceForbidden(
                f"A gateway in front of {answer.url} refuses the request ({_status(answer)}).", _BASIC_HINT
            )
        raise SourceForbidden(f"{answer.url} asks for a login ({_status(answer)}).", hint)
    if answer.status in (404, 405, 410):
        hint = "Is it a Gradio app, and is the address complete, with the app's path if it has one?"
        if hf_subdomain(answer.url):
            hint = "If the Space is private, pass --token or set HF_TOKEN."
        raise SourceNotFound(f"{answer.url} does not exist ({_status(answer)}).", hint)
    if answer.status >= 500 or answer.status == 429:
        raise SourceUnavailable(f"{answer.url} failed ({_status(answer)}).", "Try again later.")
    if answer.status != 200:
        raise NotGradio(f"{answer.url} answered with {_status(answer)}, which a Gradio app never does.")


def _is_page(answer: Answer) -> bool:
    return answer.kind == "text/html" and not hf_subdomain(answer.url)


def _read_config(answer: Answer) -> Json:
    config = answer.json()
    if isinstance(config, dict) and config.get("auth_required"):
        raise SourceForbidden(f"{answer.url} asks for a login.", _AUTH_HINT)
    config = check_config(config, answer.url)
    # The user's name is not a property of the app, and must not be committed.
    return {key: value for key, value in config.items() if key != "username"}


def _read_info(answer: Answer, notes: list[str]) -> Json | None:
    if answer.status in (404, 500):
        # 500: one endpoint with a type hint that Gradio cannot describe takes the whole page down.
        notes.append(f"The app cannot describe its API ({_status(answer)} for info); so types are less exact.")
        return None
    if answer.status != 200:
        raise SourceUnavailable(f"{answer.url} failed ({_status(answer)}).", "Try again later.")
    info = answer.json()
    if not isinstance(info, dict):
        raise DocumentError(f"{answer.url} is JSON, but not an API description.")
    return info


def _read_openapi(answer: Answer, notes: list[str]) -> Json | None:
    if answer.status == 404:  # before Gradio 5.29
        return None
    try:
        openapi = answer.json() if answer.status == 200 else None
    except (NotGradio, DocumentError):
        openapi = None
    if not isinstance(openapi, dict):
        why = _status(answer)
        notes.append(f"The app's openapi.json cannot be read ({why}); it matters only where info is missing.")
        return None
    return openapi


def _log_in(connection: Connection, base: str, auth: tuple[str, str]) -> None:
    answer = connection.log_in(base, *auth)
    if answer.status in (400, 401, 403):
        raise SourceForbidden(f"{base} refuses this user and password.", answer.reason() or None)
    if answer.status != 200:
        raise SourceForbidden(f"Logging in at {base} failed ({_status(answer)}).")


def _base_of(answer: Answer) -> str:
    """Return the app's address from where /config was found, after redirects."""
    if answer.url.endswith("/config"):
        return answer.url.removesuffix("/config")
    if "login" in answer.url:
        raise SourceForbidden(
            f"The app redirects to a login page, {answer.url}.", "It needs the session of a browser."
        )
    raise NotGradio(f"The app redirects to {answer.url}, which is not a Gradio app.")


def hf_subdomain(url: str) -> str | None:
    """Return the subdomain in the address of a Space, or None for other addresses."""
    host = urlsplit(url).hostname or ""
    return host.removesuffix(".hf.space") if url.startswith("https://") and host.endswith(".hf.space") else None


def _status(answer: Answer) -> str:
    reason = answer.reason()
    return f"HTTP {answer.status}: {reason}" if reason else f"HTTP {answer.status}"
