"""Limits hold on the clock and on bytes, against servers that send one byte now and then, or never stop."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from spacegen_runtime import Call, FileData, Space, SpaceError, endpoint, errors

LIMIT = 0.5
LATEST = 15.0  # seconds; a machine may be busy, but these servers never end

Handler = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\n"
EVENTS = HEAD + b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
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
def serving(path: bytes, handler: Handler) -> Iterator[str]:
    """A server that answers as Gradio does, but at one path."""

    def answer(link: socket.socket) -> None:
        with link, suppress(OSError), link.makefile("rb") as lines:
            while request := next(lines, b""):
                head = [*iter(lambda: lines.readline().strip().lower(), b"")]
                size = next((int(line[15:]) for line in head if line.startswith(b"content-length:")), 0)
                lines.read(size)
                if path in request.partition(b"\r\n")[0]:
                    handler(link)
                elif b"/call/" in request:
                    link.sendall(whole(b'{"event_id": "e"}'))
                elif b"/queue/data" in request:
                    link.sendall(result(FILE))
                else:
                    link.sendall(whole(b"{}"))

    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(door.accept()[0],), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


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
}


@pytest.mark.parametrize("case", TRICKLES)
def test_the_limit_of_a_call_holds_against_a_trickle(case: str, shell: Any) -> None:
    path, mode, handler = TRICKLES[case]
    with serving(path, handler) as url:
        start = time.monotonic()
        with pytest.raises(errors.CallTimeout):
            call(url, shell, mode, timeout=LIMIT, argument=b"data" if mode == "upload" else None)
        assert time.monotonic() - start < LATEST


MB = b"a" * (1 << 20)
ONCE = gzip.compress(b"\0" * (100 << 20), 1)
FLOODS: dict[str, tuple[bytes, Handler]] = {
    "join": (b"/call/", flood(HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(MB))),
    "packed join": (b"/call/", lambda link: link.sendall(whole(ONCE, b"content-encoding: gzip\r\n"))),
    "join packed twice": (
        b"/call/",
        lambda link: link.sendall(whole(gzip.compress(ONCE), b"content-encoding: gzip, gzip\r\n")),
    ),
    "refusal": (b"/call/", flood(b"HTTP/1.1 500 no\r\ntransfer-encoding: chunked\r\n\r\n", chunk(MB))),
    "line of a stream": (b"/queue/data", flood(EVENTS, chunk(b"data: " + MB))),
    "packed stream": (
        b"/queue/data",
        lambda link: link.sendall(whole(ONCE, b"content-type: text/event-stream\r\ncontent-encoding: gzip\r\n")),
    ),
}


@pytest.mark.parametrize("case", FLOODS)
def test_no_answer_takes_all_memory(case: str, shell: Any) -> None:
    path, handler = FLOODS[case]
    with serving(path, handler) as url, pytest.raises(SpaceError):
        call(url, shell, "call", timeout=None)
