"""The proxy does what it says, so that what tests conclude from it holds."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import ClassVar

import httpx
import pytest

from support import faults
from support.proxy import Proxy

BODY = bytes(range(256)) * 1000


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers GET with BODY, POST with what it got, `/chunked` in chunks."""

    protocol_version = "HTTP/1.1"
    handled: ClassVar[SimpleQueue[str]] = SimpleQueue()

    def do_GET(self) -> None:
        self.handled.put(self.path)
        self.send_response(200)
        if self.path == "/chunked":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for start in range(0, len(BODY), 999):
                piece = BODY[start : start + 999]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

    def do_POST(self) -> None:
        self.handled.put(self.path)
        content = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(upstream: str) -> Iterator[Proxy]:
    Upstream.handled = SimpleQueue()
    with Proxy(upstream) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: Proxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy.url, trust_env=False, timeout=5) as client:
        yield client


def handled(count: int) -> list[str]:
    """The paths of the server's requests, sorted; waits until there are so many, and fails if there are more."""
    paths = [Upstream.handled.get(timeout=30) for _ in range(count)]
    assert Upstream.handled.empty()
    return sorted(paths)


def test_passes_everything_on(proxy: Proxy, client: httpx.Client) -> None:
    assert client.get("/a").content == BODY
    assert client.get("/chunked").content == BODY
    assert client.post("/b", content=BODY * 10).content == BODY * 10
    assert [(seen.method, seen.path, seen.connection) for seen in proxy.requests] == [
        ("GET", "/a", 1),
        ("GET", "/chunked", 1),
        ("POST", "/b", 1),
    ]
    assert (proxy.connections, proxy.open) == (1, 1)


@pytest.mark.parametrize("path", ["/a", "/chunked"])
def test_small_pieces(proxy: Proxy, client: httpx.Client, path: str) -> None:
    proxy.pieces = 7
    with client.stream("GET", path) as response:
        pieces = list(response.iter_raw())
    assert b"".join(pieces) == BODY
    assert len(pieces) > 100


def test_reset_before_never_reaches_the_server(proxy: Proxy, client: httpx.Client) -> None:
    proxy.add(faults.reset_before(on="POST /b", nth=2))
    assert client.post("/b", content=b"1").content == b"1"
    with pytest.raises(httpx.TransportError):
        client.post("/b", content=b"2")
    assert client.post("/b", content=b"3").content == b"3"
    assert handled(2) == ["/b", "/b"]


def test_reset_after_reaches_the_server(proxy: Proxy, client: httpx.Client) -> None:
    proxy.add(faults.reset_after(on="/b"))
    with pytest.raises(httpx.ReadError):
        client.post("/b", content=b"1")
    assert client.post("/c", content=b"2").content == b"2"
    assert handled(2) == ["/b", "/c"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(faults.reset_during(1000), httpx.ReadError), (faults.truncate(1000), httpx.RemoteProtocolError)],
)
def test_broken_answers(
    proxy: Proxy, client: httpx.Client, fault: faults.Fault, error: type[httpx.TransportError]
) -> None:
    proxy.add(fault)
    arrived: list[bytes] = []
    with pytest.raises(error):
        read_into(arrived, client)
    assert BODY.startswith(b"".join(arrived))
    assert len(b"".join(arrived)) <= 1000


def read_into(arrived: list[bytes], client: httpx.Client) -> None:
    with client.stream("GET", "/a") as response:
        for piece in response.iter_raw():
            arrived.append(piece)


def test_stall_ends_with_the_client(proxy: Proxy, client: httpx.Client) -> None:
    proxy.add(faults.stall(10))
    with pytest.raises(httpx.ReadTimeout):
        client.get("/a", timeout=0.2)
    assert client.get("/b").content == BODY


def test_answer_in_the_servers_place(proxy: Proxy, client: httpx.Client) -> None:
    proxy.add(faults.answer(503, {"retry-after": "2"}, b"busy", times=2))
    answers = [client.post("/b", content=b"x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert (answers[0].headers["retry-after"], answers[0].content) == ("2", b"busy")
    assert handled(1) == ["/b"]


def test_round_trips_take_time(proxy: Proxy, client: httpx.Client) -> None:
    proxy.round_trip = 0.1
    for trips in (2, 1):  # a handshake and a request, then a request
        before = time.perf_counter()
        client.get("/a")
        assert time.perf_counter() - before >= 0.1 * trips


def test_a_server_that_is_down_looks_like_a_reset(client: httpx.Client, proxy: Proxy) -> None:
    proxy.target = ("127.0.0.1", 9)
    with pytest.raises(httpx.TransportError):
        client.get("/a")
