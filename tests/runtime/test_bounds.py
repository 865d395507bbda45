"""Limits hold on the clock and on bytes, against servers that send one byte now and then, or never stop."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import httpcore
import pytest
from runtime.conftest import function
from spacegen_runtime import Call, FileData, Space, SpaceError, Timeouts, endpoint, errors
from spacegen_runtime.shells import connections
from support.sockets import Handler, listening

LIMIT = 0.5
LATEST = 15.0  # seconds; a machine may be busy, but these servers never end

CERTIFICATE = Path(__file__).with_name("localhost.pem")  # for 127.0.0.1, with its key, which no one trusts
HEAD = b"HTTP/1.1 200 OK\r\n"
EVENTS = HEAD + b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CONFIG = json.dumps({"dependencies": [{"id": 0, "api_name": "do"}]}).encode()
FILE = {"path": "/f", "orig_name": "f", "meta": {"_type": "gradio.FileData"}}


def whole(body: bytes, more: bytes = b"") -> bytes:
    return HEAD + b"content-length: %d\r\n%s\r\n" % (len(body), more) + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def result(value: Any) -> bytes:
    done = {"msg": "process_completed", "event_id": "e", "success": True, "output": {"data": [value]}}
    return EVENTS + chunk(b"data: " + json.dumps(done).encode() + b"\n\n") + b"0\r\n\r\n"


def trickle(start: bytes, piece: bytes) -> Handler:
    def send(link: socket.socket) -> None:
        link.sendall(start)
        while True:
            link.sendall(piece)
            time.sleep(0.05)

    return send


def flood(start: bytes, piece: bytes) -> Handler:
    def send(link: socket.socket) -> None:
        link.sendall(start)
        while True:
            link.sendall(piece)

    return send


@contextmanager
def serving(handlers: Mapping[bytes, Handler]) -> Iterator[str]:
    """A server that answers as Gradio does, but at some paths."""

    def answer(link: socket.socket) -> None:
        with link, suppress(OSError), link.makefile("rb") as lines:
            while request := next(lines, b""):
                head = [*iter(lambda: lines.readline().strip().lower(), b"")]
                size = next((int(line[15:]) for line in head if line.startswith(b"content-length:")), 0)
                if size < 1 << 20:  # else the handler says what becomes of it
                    lines.read(size)
                handler = next((handlers[path] for path in handlers if path in request), None)
                if handler is not None:
                    handler(link)
                elif b"/call/" in request:
                    link.sendall(whole(b'{"event_id": "e"}'))
                elif b"/queue/data" in request:
                    link.sendall(result(FILE))
                else:
                    link.sendall(whole(CONFIG))

    with listening(answer) as port:
        yield f"http://127.0.0.1:{port}"


def call(url: str, shell: Any, mode: str, *, timeout: float | None, argument: bytes | None = None) -> None:
    space = Space("app", url=url, protocol="sse_v3")
    space.configure(timeout=timeout, retries=0)

    @endpoint
    def do(x: bytes | None = None) -> Call[FileData]:
        return space.call("/do", {"x": x}, files=("x",), queued=mode != "run")

    if mode == "job":
        shell.job(do)
    else:
        file = shell.call(do, argument)
        if mode == "read":
            shell.read(file)


BODY = HEAD + b"content-length: 1000\r\n\r\n"
TRICKLES: dict[str, tuple[bytes, str, Handler]] = {
    "head of a join": (b"/call/", "call", trickle(HEAD + b"x: ", b"a")),
    "body of a join": (b"/call/", "call", trickle(BODY, b" ")),
    "102 before a join": (b"/call/", "call", trickle(b"", b"HTTP/1.1 102 Processing\r\n\r\n")),
    "head of a stream": (b"/queue/data", "call", trickle(HEAD + b"x: ", b"a")),
    "comments of a stream": (b"/queue/data", "call", trickle(EVENTS, chunk(b": x\n\n"))),
    "chunk extension": (b"/queue/data", "call", trickle(EVENTS + b"5;x=", b"a")),
    "silent job": (b"/queue/data", "job", trickle(EVENTS, b"")),
    "body of a run": (b"/run/", "run", trickle(BODY, b" ")),
    "answer to an upload": (b"/upload", "upload", trickle(BODY, b" ")),
    "head of a file": (b"/file=", "read", trickle(HEAD + b"x: ", b"a")),
    "body of a file": (b"/file=", "read", trickle(BODY, b" ")),
    "reader of an upload": (b"/upload", "big upload", lambda link: time.sleep(LATEST)),
}


@pytest.mark.parametrize("case", TRICKLES)
def test_the_limit_of_a_call_holds_against_a_trickle(case: str, shell: Any) -> None:
    path, mode, handler = TRICKLES[case]
    with serving({path: handler}) as url:
        start = time.monotonic()
        argument = {"upload": b"data", "big upload": bytes(64 << 20)}.get(mode)
        with pytest.raises(errors.CallTimeout):
            call(url, shell, mode, timeout=LIMIT, argument=argument)
        assert time.monotonic() - start < LATEST


MB = b"a" * (1 << 20)
ONCE = gzip.compress(b"\0" * (100 << 20), 1)
PACKED = HEAD + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
NOTHING = gzip.compress(b"")[:10] + b"\0\0\0\xff\xff" * 1000  # stored blocks of no bytes
FLOODS: dict[str, tuple[bytes, Handler]] = {
    "join": (b"/call/", flood(HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(MB))),
    "packed join": (b"/call/", lambda link: link.sendall(whole(ONCE, b"content-encoding: gzip\r\n"))),
    "join packed twice": (
        b"/call/",
        lambda link: link.sendall(whole(gzip.compress(ONCE), b"content-encoding: gzip, gzip\r\n")),
    ),
    "102 before a join": (b"/call/", flood(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)),
    "102 before a stream": (b"/queue/data", flood(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)),
    "join packed as nothing": (b"/call/", flood(PACKED, chunk(NOTHING))),
    "join that goes on after its packed end": (
        b"/call/",
        flood(PACKED, chunk(gzip.compress(b"{}") + bytes(4096))),
    ),
    "refusal": (b"/call/", flood(b"HTTP/1.1 500 no\r\ntransfer-encoding: chunked\r\n\r\n", chunk(MB))),
    "line of a stream": (b"/queue/data", flood(EVENTS, chunk(b"data: " + MB))),
    "packed stream": (
        b"/queue/data",
        lambda link: link.sendall(whole(ONCE, b"content-type: text/event-stream\r\ncontent-encoding: gzip\r\n")),
    ),
}


@pytest.mark.parametrize("what", ["handshake", "head"])
def test_the_limit_of_a_call_holds_over_tls(what: str, shell: Any) -> None:
    """A handshake is many reads, and so is what comes after it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=CERTIFICATE)

    def answer(link: socket.socket) -> None:
        with link, suppress(OSError):
            if what == "handshake":
                trickle(b"\x16\x03\x03\x40\x00", b"\x02")(link)
            with context.wrap_socket(link, server_side=True) as secured:
                trickle(HEAD + b"x: ", b"a")(secured)

    with listening(answer) as port:
        space = Space("app", url=f"https://127.0.0.1:{port}", protocol="sse_v3")
        space.configure(timeout=LIMIT, retries=0, client_options={"verify": trusting})
        with pytest.raises(errors.CallTimeout):
            shell.call(function(space, "/do"))


LOOK_UP = socket.getaddrinfo


@contextmanager
def resolver(answer: Callable[[str], str]) -> Iterator[None]:
    """Names below .invalid have the address that `answer` gives."""

    def look_up(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return LOOK_UP(answer(name) if str(name).endswith(".invalid") else host, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield


@pytest.mark.parametrize(
    "limits", [Timeouts(total=LIMIT), Timeouts(connect=LIMIT, total=LATEST)], ids=["total", "connect"]
)
@pytest.mark.parametrize("mode", ["call", "job", "run"])
def test_the_limit_of_a_call_holds_while_a_name_is_looked_up(mode: str, limits: Timeouts) -> None:
    answered = threading.Event()

    def hang(name: str) -> str:
        answered.wait()
        return "127.0.0.1"

    space = Space("app", url="http://hangs.invalid:9", prefix="", protocol="sse_v3")
    do = function(space, "/do", queued=mode != "run").with_options(timeout=limits, retries=0)
    start = time.monotonic()
    with resolver(hang):
        try:
            with pytest.raises(errors.CallTimeout) as caught:
                do.submit().result() if mode == "job" else do()
            assert time.monotonic() - start < LATEST
        finally:
            answered.set()
    assert caught.value.limit == ("total" if limits.total == LIMIT else "connect")


@pytest.mark.parametrize("threads", [True, False], ids=["", "at exit"])
def test_every_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch, *, threads: bool) -> None:
    """The name has two addresses, and nobody listens at the first. At the end of a process no thread starts."""

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host != "two.invalid":
            return LOOK_UP(host, port, *args, **more)
        return [found for one in ("127.0.0.9", "127.0.0.1") for found in LOOK_UP(one, port, *args, **more)]

    with serving({}) as url:
        space = Space("app", url=url.replace("127.0.0.1", "two.invalid"), prefix="", protocol="sse_v3")
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        if not threads:
            monkeypatch.setattr(connections, "Thread", type("None", (threading.Thread,), {"start": start}))
        assert function(space, "/do", FileData)().name == "f"


def test_a_name_that_nobody_knows_is_named() -> None:
    def unknown(name: str) -> str:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    space = Space("app", url="http://nowhere.invalid", prefix="", protocol="sse_v3")
    space.configure(retries=0)
    with resolver(unknown), pytest.raises(errors.CannotConnect, match=r"nowhere\.invalid.*not known"):
        function(space, "/do")()


def test_a_stream_is_left_in_bounded_time_though_the_cancel_trickles(shell: Any) -> None:
    step = {"msg": "process_generating", "event_id": "e", "success": True, "output": {"data": [FILE]}}
    told = threading.Event()

    def answer_cancel(link: socket.socket) -> None:
        told.set()
        trickle(HEAD + b"x: ", b"a")(link)

    steps = EVENTS + chunk(b"data: " + json.dumps(step).encode() + b"\n\n")
    with serving({b"/queue/data": trickle(steps, b""), b"/cancel": answer_cancel}) as url:
        space = Space("app", url=url, protocol="sse_v3")
        start = time.monotonic()
        assert len(shell.stream(function(space, "/do", FileData), leave_after=1)) == 1
        assert time.monotonic() - start < LATEST
    assert told.is_set()


@pytest.mark.parametrize("case", FLOODS)
def test_no_answer_takes_all_memory(case: str, shell: Any) -> None:
    path, handler = FLOODS[case]
    with serving({path: handler}) as url, pytest.raises(SpaceError):
        call(url, shell, "call", timeout=None)


def test_a_preview_is_small_whatever_the_space_says_of_its_size() -> None:
    picture = {**FILE, "orig_name": "x.png", "size": 10, "mime_type": "image/png"}
    endless = flood(HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(MB))
    with serving({b"/queue/data": lambda link: link.sendall(result(picture)), b"/file=": endless}) as url:
        file = function(Space("app", url=url, protocol="sse_v3"), "/do", FileData)()

        assert file._repr_html_() is None


@pytest.mark.parametrize("answers", [False, True])
def test_one_limit_is_for_all_addresses_of_a_host(monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    """Those that do not answer leave time for one that does."""
    clock, tried = [100.0], list[float]()

    class Deaf(httpcore.NetworkBackend):
        def connect_tcp(self, host: str, port: int, timeout: Any = None, *_: Any, **__: Any) -> Any:
            tried.append(timeout)
            if answers and len(tried) == 4:
                return httpcore.MockStream([])
            clock[0] += timeout
            raise httpcore.ConnectTimeout

    monkeypatch.setattr(connections, "monotonic", lambda: clock[0])
    monkeypatch.setattr(connections, "_addresses", lambda *_: [f"192.0.2.{one}" for one in range(4)])
    with nullcontext() if answers else pytest.raises(httpcore.ConnectTimeout):
        connections._Backend(Deaf()).connect_tcp("many.example", 80, timeout=2.0)
    assert tried == [0.5] * 4
