"""Proxies and certificates of the environment, and options of http clients: they work, or the error names them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime.conftest import Shell, function, space_at
from spacegen_runtime import Endpoint, FileData, errors
from spacegen_runtime.shells.environment import tls

PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        file = {"path": "http://elsewhere.example/f", "meta": {"_type": "gradio.FileData"}}
        body = json.dumps({"data": [file]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # the names that the base class looks for


class Server(ThreadingHTTPServer):
    """Answers anything with a file, and notes what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def giving(url: str, **options: Any) -> Endpoint[..., Any]:
    space = space_at(url)
    space.configure(retries=0, **options)
    return function(space, "/do", FileData, queued=False)


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "https_proxy"])
@pytest.mark.parametrize(
    "proxy", ["socks://127.0.0.1:9/", "socks5://127.0.0.1:9/", "ftp://127.0.0.1", "http://127.0.0.1:x/"]
)
def test_a_proxy_that_cannot_be_used_is_named(
    shell: Shell, web: Server, monkeypatch: pytest.MonkeyPatch, name: str, proxy: str
) -> None:
    monkeypatch.setenv(name, proxy)
    with pytest.raises(errors.ConfigurationError, match=f"{name} names a proxy"):
        shell.call(giving(web.url))
    assert not web.seen


def test_no_secret_of_a_proxy_is_shown(shell: Shell, web: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://ada:secret@127.0.0.1:9/")
    with pytest.raises(errors.ConfigurationError) as caught:
        shell.call(giving(web.url))
    assert "secret" not in str(caught.value)


def test_no_proxy_helps_the_space_and_nobody_else(
    shell: Shell, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies on other hosts is not fetched around the proxy."""
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")

    file = shell.call(giving(web.url))

    with pytest.raises(errors.ConfigurationError, match="ALL_PROXY names a proxy"):
        shell.read(file)


def test_a_proxy_that_works_is_used(shell: Shell, web: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", web.url.removeprefix("http://"))

    shell.call(giving("http://space.example"))

    assert [path for path, _ in web.seen] == ["http://space.example/gradio_api/run/do"]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_cannot_be_read_are_named(
    shell: Shell, web: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    missing = tmp_path / "missing"
    empty = tmp_path / "empty.pem"
    empty.touch()
    tls.cache_clear()
    for path in (missing, empty) if name == "SSL_CERT_FILE" else (missing,):
        monkeypatch.setenv(name, str(path))
        with pytest.raises(errors.ConfigurationError, match=f"{name} names .*{path.name}"):
            shell.call(giving(web.url))
    monkeypatch.delenv(name)

    shell.call(giving(web.url))


@pytest.mark.parametrize("name", ["timeout", "base_url", "follow_redirects", "max_redirects", "default_encoding"])
def test_options_of_a_client_that_would_be_ignored_are_refused(name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=f"does not take '{name}': "):
        space_at("http://127.0.0.1:9").configure(client_options={name: 1})


@pytest.mark.parametrize("options", [{"timeuot": 1}, {"proxy": "socks://x"}, {"limits": 1}])
def test_options_that_make_no_client_are_an_error_of_ours(
    shell: Shell, web: Server, options: dict[str, Any]
) -> None:
    with pytest.raises(errors.ConfigurationError, match="client_options"):
        shell.call(giving(web.url, client_options=options))


def test_parameters_of_a_client_go_with_each_request(shell: Shell, web: Server) -> None:
    own = httpx.Client(params={"key": "1"}, trust_env=False)
    shell.call(giving(web.url, client_options={"params": {"key": "1"}}))
    giving(web.url, http_client=own)()
    own.close()

    assert [path for path, _ in web.seen] == ["/gradio_api/run/do?key=1"] * 2


def test_the_timeout_of_an_own_client_holds() -> None:
    """But not the one that httpx sets by itself, for queues are often silent for longer."""
    seen: list[dict[str, float | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        raise httpx.ReadTimeout("late")

    for given in ({}, {"timeout": 5}, {"timeout": 3}, {"timeout": httpx.Timeout(None, read=7)}):
        with httpx.Client(transport=httpx.MockTransport(answer), **given) as client:
            do = giving("http://127.0.0.1:9", http_client=client)
            with pytest.raises(errors.CallTimeout) as caught:
                do()
            assert caught.value.limit == "client"
            with pytest.raises(errors.CallTimeout):
                do.with_options(timeout=1)()
    assert [limits["read"] for limits in seen[::2]] == [None, None, 3, 7]
    assert [limits["connect"] for limits in seen[::2]] == [10, 10, 3, 10]
    assert all((limits["read"] or 9) <= 1 for limits in seen[1::2])


def test_each_request_says_that_it_comes_from_a_program(shell: Shell, web: Server) -> None:
    """As gradio_client does; a header of the caller's own replaces it, whatever its capitals."""
    shell.call(giving(web.url))
    shell.call(giving(web.url, headers={"X-Gradio-User": "ada"}))

    names = [
        [(name, value) for name, value in headers.items() if name.lower() == "x-gradio-user"]
        for _, headers in web.seen
    ]
    assert names == [[("x-gradio-user", "api")], [("X-Gradio-User", "ada")]]


def test_header_names_merge_without_regard_to_capitals(shell: Shell, web: Server) -> None:
    """The last word counts: of the address, the client, the package, the call."""
    url = web.url.replace("http://", "http://ada:old@")
    options = {"headers": {"AUTHORIZATION": "of the client", "Accept": "x"}}
    do = giving(url, headers={"Authorization": "of the package"}, client_options=options)
    shell.call(do)
    shell.call(do.with_options(headers={"authorization": "of the call", "ACCEPT": "y"}))

    told = [
        [value for name, value in headers.items() if name.lower() == "authorization"] for _, headers in web.seen
    ]
    assert told == [["of the package"], ["of the call"]]
    assert [headers.get("Accept") or headers.get("ACCEPT") for _, headers in web.seen] == ["x", "y"]
