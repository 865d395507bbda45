"""Requests to one origin, with limits on size and time and with the right credentials.

This is the only place with the rule: a connection is opened for one origin (scheme, host and port), its
credentials are sent only there, and a redirect to any other origin is an error that names both.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spacegen.errors import NotGradio, SourceForbidden, SourceNotFound, SourceUnavailable, SpacegenError
from spacegen.fetching.body import read_body
from spacegen.fetching.bounded_json import parse_json
from spacegen.fetching.network import proxy_of, trusted_certificates
from spacegen.text import printable

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)
TIMEOUT = 30.0
"""Seconds that one document may take."""
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that was read whole.

    Attributes:
        url: Where it came from after redirects, without a query.
        status: The HTTP status.
        kind: Its content type in lower case, without parameters.
        body: The body, decoded.
        headers: Its headers; names in lower case.
    """

    url: str
    status: int
    kind: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def wants_basic(self) -> bool:
        """Whether a gateway refused the request and asks for HTTP Basic authentication."""
        return self.status == 401 and "basic" in self.headers.get("www-authenticate", "").lower().split()

    def json(self) -> Any:
        """Return the JSON in the body.

        Raises:
            NotGradio: The body is a web page.
            DocumentError: The body is not JSON, too deep or too complex.
        """
        if self.kind == "text/html" or self.body.lstrip()[:1] == b"<":
            raise NotGradio(f"{self.url} answered with a web page, not with JSON.")
        return parse_json(self.body, self.url)

    def reason(self) -> str:
        """Return the server's own message about an error, on one short line; may be empty."""
        try:
            said = json.loads(self.body[:2000])
        except (ValueError, RecursionError):
            return ""
        detail = said.get("detail", said.get("error")) if isinstance(said, dict) else None
        detail = detail.get("error") if isinstance(detail, dict) else detail
        return printable(detail)[:200] if isinstance(detail, str) else ""


class Connection:
    """A pooled HTTP client for one origin.

    Args:
        home: An address of the origin. No other origin is ever asked, whatever redirects say.
        headers: Sent with every request: credentials among them.
        timeout: Seconds that one document may take in all: name look-up, redirects, headers and body.
    """

    def __init__(self, home: str, headers: Mapping[str, str], timeout: float) -> None:
        self.headers = {"accept": "application/json", "accept-encoding": "gzip", **headers}
        self._home = home
        self._timeout = timeout
        self._client: httpx.Client | None = None
        self._left = False
        self._lock = threading.Lock()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True
        self._close()

    def get(self, url: str) -> Answer:
        """GET a document, following redirects inside the origin.

        Raises:
            SourceNotFound: There is no such host.
            SourceForbidden: It redirects to another origin.
            SourceUnavailable: No answer, or not in time.
            DocumentError: The answer is too large, or compressed in a way that was not requested.
            NotGradio: The redirects lead to nothing.
        """
        first, deadline = url, time.monotonic() + self._timeout
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._in_time("GET", url, deadline)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise NotGradio(f"{first} redirects in circles.")

    def log_in(self, base: str, user: str, password: str) -> Answer:
        """Log in as `gradio.Blocks.launch(auth=...)` requires; the client keeps the cookies.

        Raises:
            SourceForbidden: The login redirects to another origin; the password is not sent there.
            SourceUnavailable: No answer, or not in time.
            NotGradio: The login redirects; the password is not sent a second time.
        """
        # Form-encoded: a JSON body is answered with 422. The route is never under the API's prefix.
        form = {"username": user, "password": password}
        answer = self._in_time("POST", f"{base}/login", time.monotonic() + self._timeout, form)
        if isinstance(answer, Answer):
            return answer
        raise NotGradio(f"{base}/login redirects elsewhere; the password was not sent there.")

    def _in_time(self, method: str, url: str, deadline: float, form: dict[str, str] | None = None) -> Answer | str:
        """Send a request from a thread of its own, which is abandoned when time is up.

        The timeouts of an HTTP library limit single reads. A server that sends a byte from time to time, or
        headers or `102` answers without end, never exceeds them, and neither does a name look-up.
        """
        done: Future[Answer | str] = Future()

        def run() -> None:
            try:
                done.set_result(self._send(method, url, form))
            except BaseException as error:  # raised again where the answer is awaited
                done.set_exception(error)

        threading.Thread(target=run, name="spacegen-request", daemon=True).start()
        wait((done,), max(0.0, deadline - time.monotonic()))
        if not done.done():
            self._close()  # which ends the thread at its next read
            raise self._too_slow(url)
        return done.result()

    def _send(self, method: str, url: str, form: dict[str, str] | None) -> Answer | str:
        """Return the answer, or the address in the same origin that it redirects to."""
        import httpx

        if not same_origin(self._home, url):  # every address is made from `home`, or was looked at in `_target`
            raise SourceForbidden(f"{url} is not at {origin_of(self._home)}.")
        begun = time.monotonic()
        try:
            client = self._opened()
            with client.stream(method, url, data=form) as response:
                if response.next_request is not None:
                    return self._target(url, response.next_request.url)
                body = read_body(response.iter_raw(), response.headers.get("content-encoding", ""), url)
                if client is not self._client:  # it was closed, but not what it was just opening
                    response.extensions["network_stream"].close()
                headers = {name.lower(): value for name, value in response.headers.items()}
        except SpacegenError:
            raise
        except httpx.TimeoutException as error:
            raise self._too_slow(url) from error
        except Exception as error:  # libraries may raise anything for strange bytes; or the connection was closed
            raise _no_answer(url, error) from error
        status, size, took = response.status_code, len(body), 1000 * (time.monotonic() - begun)
        _log.debug("%s %s: HTTP %d, %d bytes in %.0f ms", method, url, status, size, took)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(url.partition("?")[0], response.status_code, kind, body, headers)

    def _opened(self) -> httpx.Client:
        import httpx

        with self._lock:
            # Closed by the thread that opened it, while another one was about to request one more document
            if self._left:
                raise SourceUnavailable(f"{origin_of(self._home)} is not asked any more.")
            if self._client is None:
                self._client = httpx.Client(
                    verify=trusted_certificates(self._home),
                    proxy=proxy_of(self._home),
                    trust_env=False,  # `network` reads and checks the environment instead
                    timeout=self._timeout,
                    headers=self.headers,
                )
            return self._client

    def _close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def add_headers(self, headers: Mapping[str, str]) -> None:
        """Also send these headers, from the next request on."""
        self.headers.update(headers)
        self._opened().headers.update(headers)

    def _target(self, url: str, target: httpx.URL) -> str:
        if target.scheme not in ("http", "https") or not target.host:
            raise NotGradio(f"{url} redirects to something that is not a web address.")
        # Credentials in a Location header are the server's idea, not the user's.
        address = str(target.copy_with(username=None, password=None, fragment=None))
        if not same_origin(self._home, address):
            raise SourceForbidden(
                f"{url} redirects to another origin, {printable(origin_of(address))[:200]}.",
                "Nothing was sent there. If you trust that address, give it as the source.",
            )
        return address

    def _too_slow(self, url: str) -> SourceUnavailable:
        return SourceUnavailable(f"{url} did not answer within {self._timeout:g} seconds.")


def same_origin(home: str, url: str) -> bool:
    """Tell whether two addresses have the same scheme, host and port.

    http and https of one host are different origins, too: the package contains the address that the user gave, and
    a POST that is redirected loses its body.
    """
    return _origin(home) == _origin(url)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address as text."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80)


def _no_answer(url: str, error: Exception) -> SourceNotFound | SourceUnavailable:
    host = urlsplit(url).netloc
    text = printable(str(error))
    lowered = text.lower()
    # httpx passes on the system's words; the exception's type is the same for all of these.
    if any(sign in lowered for sign in ("name or service", "nodename nor", "getaddrinfo", "name resolution")):
        return SourceNotFound(
            f"There is no host {host}, or no network connection.", "Check the spelling of the address."
        )
    if "certificate" in lowered:
        return SourceUnavailable(
            f"The certificate of {host} is not trusted: {text}",
            "Behind a company's proxy, set SSL_CERT_FILE to its certificate.",
        )
    if "ssl" in lowered or "tls" in lowered:
        return SourceUnavailable(f"No secure connection to {host}: {text}", "Does the app use http instead?")
    if "refused" in lowered or "all connection attempts failed" in lowered:
        return SourceUnavailable(f"Nothing answers at {host}: connection refused.", "Is the app running?")
    return SourceUnavailable(f"The connection to {host} failed: {text or type(error).__name__}.")
