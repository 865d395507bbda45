"""Bounded GETs of JSON: how much, how long, where to, and which credentials may go there."""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spacegen.errors import DocumentError, NotGradio, SourceForbidden, SourceNotFound, SourceUnavailable
from spacegen.saved import LARGEST, parse_json
from spacegen.text import printable

if TYPE_CHECKING:
    import httpx

_MOST_REDIRECTS = 5
_importing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that was read whole; `url` is where it came from after redirects, without a query."""

    url: str
    status: int
    kind: str
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the JSON in the body.

        Raises:
            NotGradio: The body is a web page.
            DocumentError: The body is no JSON, or too deep.
        """
        if self.kind == "text/html" or self.body.lstrip()[:1] == b"<":
            raise NotGradio(f"{self.url} answered with a web page, not with JSON.")
        return parse_json(self.body, self.url)

    def reason(self) -> str:
        """Return the server's own words about an error, on one short line; may be empty."""
        try:
            said = json.loads(self.body[:2000])
        except (ValueError, RecursionError):
            return ""
        detail = said.get("detail", said.get("error")) if isinstance(said, dict) else None
        detail = detail.get("error") if isinstance(detail, dict) else detail
        return printable(detail)[:200] if isinstance(detail, str) else ""


class Connection:
    """A pooled HTTP client for one app.

    Args:
        home: The address that was asked for. Credentials go to this origin and to no other, whatever
            redirects say.
        credentials: Headers that only `home` may see.
        timeout: Seconds that one document may take, redirects included.
    """

    def __init__(self, home: str, credentials: Mapping[str, str], timeout: float) -> None:
        self._home = home
        self._credentials = dict(credentials)
        self._timeout = timeout
        self._clients: dict[str, httpx.Client] = {}
        _import_httpx()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            client.close()

    def get(self, url: str) -> Answer:
        """GET a document, following redirects.

        Raises:
            SourceNotFound: There is no such host.
            SourceUnavailable: No answer, or not in time.
            DocumentError: The answer is too large.
            NotGradio: The redirects lead nowhere.
        """
        first, deadline = url, time.monotonic() + self._timeout
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._send("GET", url, deadline)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise NotGradio(f"{first} redirects in circles.")

    def log_in(self, base: str, user: str, password: str) -> Answer:
        """Log in as `gradio.Blocks.launch(auth=...)` wants it; the client keeps the cookies.

        Raises:
            SourceForbidden: The app was found at another host, which the password was not meant for.
            SourceUnavailable: No answer, or not in time.
            NotGradio: The login redirects elsewhere; the password is not sent there.
        """
        if not same_origin(self._home, base):
            raise SourceForbidden(f"{self._home} redirects to {base}.", "Give that address if you trust it.")
        # Form-encoded: a JSON body is answered with 422. The route is never under the API's prefix.
        form = {"username": user, "password": password}
        answer = self._send("POST", f"{base}/login", time.monotonic() + self._timeout, form)
        if isinstance(answer, Answer):
            return answer
        raise NotGradio(f"{base}/login redirects elsewhere; the password was not sent there.")

    def _send(self, method: str, url: str, deadline: float, form: dict[str, str] | None = None) -> Answer | str:
        """Return the answer, or the address that it redirects to."""
        import httpx

        headers = self._credentials if same_origin(self._home, url) else {}
        try:
            with self._client(url).stream(method, url, headers=headers, data=form) as response:
                if response.next_request is not None:
                    return _safe_target(url, response.next_request.url)
                body = _read(response, url, deadline)
        except httpx.TimeoutException as error:
            raise self._too_slow(url) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) as error:
            raise _no_answer(url, error) from error
        if body is None:
            raise self._too_slow(url)
        kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
        return Answer(url.partition("?")[0], response.status_code, kind, body)

    def _client(self, url: str) -> httpx.Client:
        import httpx

        scheme = urlsplit(url).scheme
        if scheme not in self._clients:
            # Loading the system's certificates takes 50 ms, which plain http has no use for; a context
            # without any trusts nobody.
            verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if scheme == "http" else True
            self._clients[scheme] = httpx.Client(
                verify=verify, timeout=self._timeout, headers={"accept": "application/json"}
            )
        return self._clients[scheme]

    def _too_slow(self, url: str) -> SourceUnavailable:
        return SourceUnavailable(f"{url} did not answer within {self._timeout:g} seconds.")


def _import_httpx() -> None:
    """Import httpx without its command line, which loads rich and pygments and takes a third of the time."""
    with _importing:  # many Spaces may be read at once
        if "httpx" in sys.modules:
            return
        modules: dict[str, Any] = sys.modules
        modules["httpx._main"] = None  # Python's way to say "cannot be imported", which httpx is prepared for
        try:
            import httpx  # noqa: F401 (for its effect)
        finally:
            del modules["httpx._main"]


def same_origin(home: str, url: str) -> bool:
    """Tell whether credentials for `home` may go to `url`: same host and port, never from https to http."""
    first, second = urlsplit(home), urlsplit(url)
    if first.hostname != second.hostname:
        return False
    if first.scheme == second.scheme:
        return _port(home) == _port(url)
    return second.scheme == "https" and first.port is None and second.port is None


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _safe_target(url: str, target: httpx.URL) -> str:
    if target.scheme not in ("http", "https") or not target.host:
        raise NotGradio(f"{url} redirects to something that is no web address.")
    # Credentials in a Location header are the server's idea, not the user's.
    return str(target.copy_with(username=None, password=None, fragment=None))


def _read(response: httpx.Response, url: str, deadline: float) -> bytes | None:
    """Read a body up to the limit; None where time ran out: a server that drips meets no read timeout."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > LARGEST:
            raise DocumentError(f"{url} is too large to be a Gradio document ({LARGEST >> 20} MB at most).")
        if time.monotonic() > deadline:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _no_answer(url: str, error: Exception) -> SourceNotFound | SourceUnavailable:
    host = urlsplit(url).netloc
    text = printable(str(error))
    lowered = text.lower()
    # httpx passes on the system's words; the exception's type is the same for all of these.
    if any(sign in lowered for sign in ("name or service", "nodename nor", "getaddrinfo", "name resolution")):
        return SourceNotFound(f"There is no host {host}, or no network.", "Check the spelling of the address.")
    if "certificate" in lowered:
        return SourceUnavailable(
            f"The certificate of {host} is not trusted: {text}",
            "Behind a company's proxy, set SSL_CERT_FILE to its certificate.",
        )
    if "ssl" in lowered or "tls" in lowered:
        return SourceUnavailable(f"No secure connection to {host}: {text}", "Does the app speak http instead?")
    if "refused" in lowered or "all connection attempts failed" in lowered:
        return SourceUnavailable(f"Nothing answers at {host}: connection refused.", "Is the app running?")
    return SourceUnavailable(f"The connection to {host} failed: {text or type(error).__name__}.")
