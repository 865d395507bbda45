"""Sending one request: credentials, redirects, logins, retries, sleeping Spaces. Flows only, no I/O."""

from __future__ import annotations

import random
from collections.abc import Hashable, Mapping
from dataclasses import replace
from math import inf
from time import monotonic
from typing import Any, Literal
from urllib.parse import urljoin

from .. import errors
from .._identity import stored_token
from .._options import Options, with_headers
from .actions import Broken, Flow, Reply, Request, Sleep, TimedOut
from .addresses import is_outside, leads_inside
from .config import Config
from .credentials import Caller, Credentials, Jar
from .first import FirstAnswer
from .messages import json_of, retry_after, status_error
from .server import Server, origin
from .waking import looks_asleep, woken

BACKOFF = 0.4  # seconds before the first retry; doubles with each, with jitter
LONGEST_PAUSE = 60.0
MOST_HOPS = 8  # redirects of one request
STALE = 60.0  # seconds; a Space that restarts may change the numbers of its events without notice
REDIRECTS = {301, 302, 303, 307, 308}


class Sender:
    """Sends the requests of one call, with its options, its credentials and its deadline."""

    def __init__(
        self, server: Server, options: Options, cookies: Jar | None = None, first: FirstAnswer | None = None
    ) -> None:
        self.server = server
        self.first = first  # the session's first answer, which its other requests wait for
        self.options = options
        total = options.timeout.total
        self.deadline = None if total is None else monotonic() + total
        self.token = token_for(server, options)
        caller = server.callers.of(_identity(options, self.token))
        self.cookies = cookies or Jar(caller.jar)
        headers = with_headers({"x-gradio-user": "api", **server.headers}, options.headers)
        if self.token:  # the Hub's proxy removes this header, so the Space's code never sees the token
            headers = with_headers(headers, {"X-HF-Authorization": f"Bearer {self.token}"})
        self.credentials = Credentials(origin(server.base), headers, (caller.jar, self.cookies), client=True)
        self._asked_hub = False

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None, **more: Any) -> Request:
        """A request with the caller's credentials."""
        return Request(method, url, headers or {}, credentials=self.credentials, **more)

    def post(self, path: str, content: bytes, *, runs: bool = False) -> Flow[Reply]:
        """POST JSON to an API path. It is repeated only if nothing can have run.

        Args:
            path: Where to.
            content: The JSON.
            runs: The answer comes when the app's function has run, so that a gateway without one proves nothing.
        """
        headers = {"Content-Type": "application/json"}
        request = self.request("POST", self.server.url(path), headers, content=content)
        return self.send(request, runs=runs)

    def get(self, path: str, *, keep: Literal["", "events", "bytes"] = "") -> Flow[Reply]:
        """GET an API path; an event stream is not asked for twice once the server may have seen the request."""
        return self.send(self.request("GET", self.server.url(path), keep=keep), repeatable=keep == "")

    def send(
        self, request: Request, *, repeatable: bool = False, elsewhere: bool = False, runs: bool = False
    ) -> Flow[Reply]:
        """Send a request and handle redirects, logins and retries; other bad statuses are returned to the caller.

        Files that cannot be read twice are sent once, and whatever the server says of them is returned.

        Args:
            request: What to send.
            repeatable: It may safely be sent twice.
            elsewhere: It may be redirected to another host, which gets no credentials.
            runs: As in `post`.
        """
        unproved = () if repeatable else (502, 504) if runs else (504,)
        sending = self._sending(request, repeatable=repeatable, elsewhere=elsewhere, unproved=unproved)
        return sending if self.first is None or self.first.came else self.first.before(sending, self.deadline)

    def _sending(
        self,
        request: Request,
        *,
        repeatable: bool,
        elsewhere: bool = False,
        unproved: tuple[int, ...] = (),
        logs_in: bool = True,
    ) -> Flow[Reply]:
        attempt, hops, logged_in = 0, 0, not (logs_in and self.options.auth)
        while True:
            wait: float | None
            failure: errors.SpaceError
            try:
                _check_outside(request, "")
                reply: Reply = yield self._limited(request)
                _check_outside(request, reply.peer)
                if request.credentials is not None:
                    self.server.peer = reply.peer
                if reply.status < 300 or reply.status == 416 or (request.files and not repeatable):
                    return reply
            except Broken as broken:
                failure, wait = self._broken(broken), None
                if broken.unsent or repeatable:
                    wait = self._pause(attempt, None)
                if broken.unsent and (yield from self._woken()):
                    continue
            except TimedOut as late:
                raise self.timed_out(late.limit, url=late.url) from late
            else:
                if reply.status in REDIRECTS and "location" in reply.headers:
                    hops += 1
                    request = self._redirected(request, reply, hops, elsewhere=elsewhere)
                    continue
                if reply.status == 401 and not logged_in:
                    logged_in = yield from self._login()
                    continue
                failure = status_error(reply)
                if looks_asleep(reply, failure) and (yield from self._woken()) and reply.status not in unproved:
                    continue
                if reply.status not in (429, 503):
                    return reply
                wait = self._pause(attempt, retry_after(reply))
            if wait is None:
                raise failure
            attempt += 1
            yield Sleep(wait)

    def _limited(self, request: Request) -> Request:
        request.connect = self.options.timeout.connect
        request.deadline = None if request.limit is None else monotonic() + request.limit
        if self.deadline is not None:
            left = max(self.deadline - monotonic(), 0.001)
            request.deadline = min(self.deadline, request.deadline or self.deadline)
            request.limit = left if request.limit is None else min(left, request.limit)
            request.connect = left if request.connect is None else min(left, request.connect)
        return request

    def _pause(self, attempt: int, asked: float | None) -> float | None:
        """Seconds until the next attempt, or None if there is none."""
        if attempt >= self.options.retries:
            return None
        pause = BACKOFF * 2**attempt * random.uniform(0.5, 1.5) if asked is None else asked  # noqa: S311 # jitter
        if pause > LONGEST_PAUSE or (self.deadline is not None and monotonic() + pause > self.deadline):
            return None
        return pause

    def _broken(self, broken: Broken) -> errors.SpaceError:
        if broken.unsent:
            return errors.CannotConnect(f"cannot connect to {broken.url}: {broken}", url=broken.url)
        return errors.ConnectionLost(f"the connection to {broken.url} broke: {broken}", url=broken.url)

    def timed_out(self, limit: str, *, url: str | None = None) -> errors.CallTimeout:
        """The error for a time limit that passed."""
        if self.deadline is not None and monotonic() >= self.deadline:
            limit = "total"
        seconds = getattr(self.options.timeout, limit, None)
        return errors.CallTimeout(f"the {limit} limit of {seconds} s passed", limit=limit, url=url)

    def _redirected(self, request: Request, reply: Reply, hops: int, *, elsewhere: bool) -> Request:
        target = _joined(request.url, reply.headers["location"])
        same = origin(target) == origin(request.url)
        if origin(target)[0] not in ("http", "https") or not (same or elsewhere):
            raise errors.ConfigurationError(
                f"{_origin_shown(request.url)} redirects to {target}, which is another origin, so nothing "
                "is sent there; "
                "if the app has moved, use space.configure(base_url=...)",
                url=request.url,
                status=reply.status,
            )
        if hops > MOST_HOPS:
            raise errors.ProtocolError("too many redirects", url=target, status=reply.status)
        # After a redirect to another origin no credentials are sent, even if the next redirect leads back.
        outside = request.outside or is_outside(reply.peer)
        return replace(request, url=target, credentials=request.credentials if same else None, outside=outside)

    def _login(self) -> Flow[bool]:
        user, password = self.options.auth or ("", "")
        form = {"username": user, "password": password}
        request = self.request("POST", self.server.base + "/login", form=form)
        reply = yield from self._sending(request, repeatable=True, logs_in=False)
        if reply.status in (400, 401, 403):
            text = f"the app refused the login of {user!r}"
            raise errors.LoginFailed(text, status=reply.status, url=reply.url, body=json_of(reply))
        if reply.status != 200:
            raise status_error(reply)
        return True

    def _woken(self) -> Flow[bool]:
        """Wait, once in a call, for a Space that is asleep; True when it runs after that."""
        if self.server.hub_id is None or self._asked_hub:
            return False
        self._asked_hub = True
        return (yield from woken(self.server, self.options, self.token, self.deadline, self._limited))

    def config(self, *, oldest: float = inf) -> Flow[Config]:
        """What /config says; it is kept, and fetched again only if it is older than so many seconds."""
        if self.server.config is not None and monotonic() - self.server.config_read < oldest:
            return self.server.config
        request = self.request("GET", self.server.base + "/config")  # never under the prefix
        reply = yield from self.send(request, repeatable=True)
        if reply.status != 200:
            raise status_error(reply)
        try:
            return self.server.adopt(reply.body)
        except ValueError as error:
            why = f"{self.server.base} is not a Gradio app: {error}"
            raise errors.ProtocolError(why, url=reply.url) from error

    def fn_index(self, endpoint: str | int) -> Flow[int]:
        """The number of an endpoint.

        It is looked up when it is needed, because it changes with every new event.
        """
        if isinstance(endpoint, int):
            return endpoint
        config = yield from self.config(oldest=STALE)
        found = config.fn_index(endpoint)
        if found is None:
            raise errors.EndpointChanged(config.missing(endpoint))
        return found


def _check_outside(request: Request, peer: str) -> None:
    """Refuse an address in a private network that a server on the internet named.

    `peer` is the IP address that answered.
    """
    if request.outside and leads_inside(request.url, peer):
        raise errors.FileRefused(
            f"{request.url} was named by a Space on the internet, but leads to this machine or to a "
            "private network",
            url=request.url,
        )


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _origin_shown(url: str) -> str:
    scheme, host, port = origin(url)
    return f"{scheme}://{host}:{port}"


def caller_of(server: Server, options: Options) -> Caller:
    """What is stored for the caller with these options, and for no other caller."""
    return server.callers.of(_identity(options, token_for(server, options)))


def _identity(options: Options, token: str | None) -> Hashable:
    """Everything that distinguishes one caller from another."""
    headers = frozenset((name.lower(), value) for name, value in options.headers.items())
    return token, options.oauth_token, options.auth, headers


def token_for(server: Server, options: Options) -> str | None:
    """The token that is sent to this server: the caller's own, or the machine's if the server is trusted."""
    if isinstance(options.token, str):
        return options.token
    if options.token is False or not (server.trusted or options.token is True):
        return None
    return stored_token()
