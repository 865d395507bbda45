"""Credentials go to the origin that the user or the Hub named, and nowhere else: each kind, on each request."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from spacegen_runtime import Call, FileData, Space, SpaceError, Timeouts, endpoint

SECRET = "s3cret"
USER = "Basic dXNlcjpzM2NyZXQ="  # user:s3cret
MARKS = (SECRET, USER.partition(" ")[2])
SECURITY = Path(__file__).parents[2] / "SECURITY.md"
WAYS = ("same origin", "redirect in the origin", "redirect away", "redirect away and back", "another port")
"""Where a request of the row goes; `http` instead of `https` has a test of its own."""

Answer = tuple[int, Mapping[str, str], bytes]


class Recorder(ThreadingHTTPServer):
    """A server that notes which requests came with a secret."""

    daemon_threads = True

    def __init__(self, host: str, answer: Callable[[Recorder, str, str], Answer]) -> None:
        super().__init__((host, 0), _Handler)
        self.answer = answer
        self.url = f"http://{host}:{self.server_address[1]}"
        self.seen: list[tuple[str, bool]] = []
        self._connections: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address

    def __enter__(self) -> Recorder:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()
        for connection in self._connections:  # clients keep theirs for later, and each has a thread here
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two cost 40 ms

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self) -> None:
        server = cast(Recorder, self.server)
        self.rfile.read(int(self.headers.get("content-length") or 0))
        told = any(mark in value for mark in MARKS for value in self.headers.values())
        server.seen.append((self.path, told))
        status, headers, body = server.answer(server, self.command, self.path)
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # the names that the base class looks for


def js(value: Any, status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(value).encode()


FILE = {"path": "/f", "orig_name": "f", "meta": {"_type": "gradio.FileData"}}
KINDS = {  # of requests, and how their paths begin
    "join": "/call/",
    "stream": "/queue/data",
    "run": "/run/",
    "upload": "/upload",
    "config": "/config",
    "info": "/info",
    "login": "/login",
    "cancel": "/cancel",
    "download": "/file=",
}
CONFIG = {
    "dependencies": [{"id": 0, "api_name": "do", "inputs": [1], "outputs": [2]}, {"id": 1, "api_name": "x"}],
    "components": [{"id": 1, "type": "textbox"}, {"id": 2, "type": "textbox"}],
    "protocol": "sse_v3",
}


def ordinary(kind: str, path: str) -> Answer:
    """What an app says, such that the kind of request comes about."""
    if path.startswith("/call/"):
        return js({"event_id": "e"})
    if path.startswith("/queue/data"):
        message = {"msg": "process_completed", "event_id": "e", "success": True, "output": {"data": [FILE]}}
        if kind == "cancel":
            message = {"msg": "process_generating", "event_id": "e", "success": True, "output": {"data": [FILE]}}
        text = f"data: {json.dumps(message)}\n\n" * 3
        return 200, {"content-type": "text/event-stream"}, text.encode()
    if path.startswith("/run/"):
        refusal: dict[str, tuple[int, Any]] = {"config": (404, {}), "info": (404, {}), "login": (401, {})}
        status, body = refusal.get(kind, (200, {"data": [FILE]}))
        return js(body, status)
    if path.startswith("/config"):
        changed = {**CONFIG, "dependencies": [{"id": 0, "api_name": "do", "inputs": [1, 1], "outputs": [2]}]}
        return js(changed if kind == "info" else CONFIG)
    if path.startswith("/upload"):
        return js(["/up"])
    return js({"named_endpoints": {}} if path.startswith("/info") else {})


CREDENTIALS: dict[str, dict[str, Any]] = {
    "token, given": {"token": SECRET},
    "token, found": {},
    "login (auth)": {"auth": ("user", SECRET)},
    "headers": {"headers": {"X-Secret": SECRET}},
    "client's headers": {"client_options": {"headers": {"X-Secret": SECRET}}},
    "client's login": {"client_options": {"auth": ("user", SECRET)}},
    "client's cookies": {"client_options": {"cookies": {"sid": SECRET}}},
    "own client": {},
    "user in the address": {},
}
UNTOLD = {"login (auth)"}  # it travels in the body of one request, and is a cookie from then on


class Trial:
    """One credential, one kind of request, one way that it goes."""

    def __init__(self, kind: str, way: str, stranger: Recorder) -> None:
        self.kind, self.way, self.stranger = kind, way, stranger
        self.home: Recorder | None = None

    def answer(self, server: Recorder, method: str, path: str) -> Answer:
        """What the Space says."""
        start = KINDS[self.kind]
        if path.startswith(start) and "hop" not in path:
            if self.way == "redirect in the origin":
                return 307, {"location": f"{path}{'&' if '?' in path else '?'}hop"}, b""
            if self.way.startswith("redirect away"):
                return 307, {"location": f"{self.stranger.url}/there?{server.url}/back"}, b""
            if self.way == "another port":
                return 307, {"location": f"{self.stranger.url}/port"}, b""
        if path.startswith("/file="):
            return 200, {}, b"data"
        if path.startswith("/login"):
            return 200, {"set-cookie": f"access={SECRET}; Path=/"}, b"{}"
        return ordinary(self.kind, path)

    def elsewhere(self, server: Recorder, method: str, path: str) -> Answer:
        """What the stranger says."""
        if self.way == "redirect away and back" and path.startswith("/there?"):
            return 307, {"location": path.partition("?")[2]}, b""
        return 200, {"set-cookie": "access=stranger; Path=/"}, b"{}"


def run(trial: Trial, home: Recorder, credential: str, asyncio_too: Any) -> None:
    """Make the request come about; how it ends does not matter here."""
    options = dict(CREDENTIALS[credential])
    url = home.url
    if credential == "user in the address":
        url = url.replace("http://", f"http://user:{SECRET}@")
    if trial.kind == "login" and "auth" not in options:
        options["auth"] = ("user", "x")
    own = httpx.Client(headers={"X-Secret": SECRET}) if credential == "own client" else None
    space = Space("owner/app" if credential == "token, found" else "app", url=url, protocol="sse_v3")
    space.configure(retries=0, timeout=Timeouts(total=10, wake=0), **options)
    if own is not None:
        space.configure(http_client=own)

    @endpoint
    def do(x: Any = None) -> Call[FileData]:
        queued = trial.kind not in ("run", "config", "info", "login")
        return space.call("/do", {"x": x}, files=("x",), queued=queued)

    try:
        with suppress(SpaceError):
            if trial.kind == "cancel" and own is None:
                asyncio_too.stream(do, leave_after=1)
            elif trial.kind == "cancel":
                next(stream := do.stream())
                stream.close()
            else:
                argument = b"data" if trial.kind == "upload" else None
                file = do(argument) if own is not None else asyncio_too.call(do, argument)
                if trial.kind == "download":
                    file.read() if own is not None else asyncio_too.read(file)
    finally:
        if own is not None:
            own.close()


@pytest.fixture
def recorders() -> Iterator[tuple[Recorder, Recorder]]:
    """The Space and a stranger, new for each test: what one test left under way is not asked in the next."""
    with (
        Recorder("127.0.0.1", lambda *_: js({})) as home,
        Recorder("127.0.0.2", lambda *_: js({})) as other,
    ):
        yield home, other


def told_where(
    trial_of: tuple[str, str], credential: str, recorders: tuple[Recorder, Recorder], shell: Any
) -> tuple[bool, bool, bool, bool]:
    """Whether the request came about, the Space was told who asks, a stranger was told, a stranger was asked."""
    kind, way = trial_of
    home, other = recorders
    if way == "another port":
        with Recorder("127.0.0.1", lambda *_: js({})) as neighbour:
            return _tried(Trial(kind, way, neighbour), home, neighbour, credential, shell)
    return _tried(Trial(kind, way, other), home, other, credential, shell)


def _tried(
    trial: Trial, home: Recorder, stranger: Recorder, credential: str, shell: Any
) -> tuple[bool, bool, bool, bool]:
    home.seen.clear()
    stranger.seen.clear()
    home.answer, stranger.answer = trial.answer, trial.elsewhere
    run(trial, home, credential, shell)
    asked = [told for path, told in home.seen if path.startswith(KINDS[trial.kind])]
    back = any(told for path, told in home.seen if path.startswith("/back"))
    return bool(asked), all(asked), back or any(told for _, told in stranger.seen), bool(stranger.seen)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_credentials_stay_in_their_origin(
    credential: str,
    kind: str,
    recorders: tuple[Recorder, Recorder],
    shell: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if credential == "token, found":
        monkeypatch.setenv("HF_TOKEN", SECRET)
    for way in WAYS:
        asked, at_home, told, followed = told_where((kind, way), credential, recorders, shell)
        assert asked, (kind, way)
        assert at_home or credential in UNTOLD, (kind, way)
        assert not told, (kind, way)
        assert followed == (kind == "download" and way not in WAYS[:2]), (kind, way)


def test_a_file_of_another_host_is_fetched_by_a_stranger(recorders: tuple[Recorder, Recorder], shell: Any) -> None:
    """Also where that host redirects to itself, or to the Space."""
    home, other = recorders
    for credential in CREDENTIALS:
        for target in ("/second", f"{home.url}/back"):
            file = {**FILE, "path": f"{other.url}/first"}
            trial = Trial("download", "same origin", other)
            home.answer = lambda server, method, path, file=file, trial=trial: (  # type: ignore[misc]
                js({"data": [file]}) if path.startswith("/run/") else trial.answer(server, method, path)
            )
            other.answer = lambda server, method, path, target=target: (  # type: ignore[misc]
                (302, {"location": target}, b"") if path == "/first" else (200, {}, b"data")
            )
            home.seen.clear()
            other.seen.clear()
            options = dict(CREDENTIALS[credential])
            space = Space("app", url=home.url, protocol="sse_v3")
            space.configure(retries=0, **options)

            @endpoint
            def do(space: Space = space) -> Call[FileData]:
                return space.call("/do", {}, queued=False)

            with suppress(SpaceError):
                shell.read(shell.call(do))
            assert [told for _, told in other.seen] == [False] * len(other.seen)
            assert other.seen
            assert not any(told for path, told in home.seen if path == "/back")


def test_https_is_not_left_for_http(shell: Any) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        told = any(SECRET in value for value in request.headers.values())
        asked.append(f"{request.url.scheme} {told}")
        if request.url.scheme == "https":
            return httpx.Response(307, headers={"location": str(request.url).replace("https", "http")})
        return httpx.Response(200, content=b"data")

    space = Space("app", url="https://127.0.0.1", protocol="sse_v3")
    transport = httpx.MockTransport(answer)
    space.configure(token=SECRET, retries=0, client_options={"transport": transport})

    @endpoint
    def do() -> Call[str]:
        return space.call("/do", {})

    with pytest.raises(SpaceError, match="another origin"):
        shell.call(do)
    assert asked == ["https True"]


def test_the_hub_is_asked_without_what_is_the_spaces(
    recorders: tuple[Recorder, Recorder], shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own token apart, and that only where the Space is private."""
    home, hub = recorders
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    home.answer = lambda server, method, path: (503, {}, b"")
    hub.answer = lambda server, method, path: js({}, 401) if len(server.seen) == 1 else js({"stage": "PAUSED"})
    for options in ({"headers": {"X-Secret": SECRET}}, CREDENTIALS["client's login"], {"token": SECRET}):
        hub.seen.clear()
        space = Space("owner/app", url=home.url, protocol="sse_v3")
        space.configure(retries=0, **options)

        @endpoint
        def do(space: Space = space) -> Call[str]:
            return space.call("/do", {})

        with pytest.raises(SpaceError):
            shell.call(do)
        assert [told for _, told in hub.seen] == ([False, True] if "token" in options else [False])


def table() -> str:
    """What SECURITY.md says."""
    rows = ["| request | " + " | ".join(WAYS) + " |", "|---|" + "---|" * len(WAYS)]
    for kind in KINDS:
        away = "followed, without" if kind == "download" else "refused"
        rows.append(f"| {kind} | sent with | sent with | {away} | {away} | {away} |")
    return "\n".join(rows)


def test_security_md_says_the_same() -> None:
    assert table() in SECURITY.read_text("utf-8")
