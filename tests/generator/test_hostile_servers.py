"""Servers of raw bytes that hold a reader up or confuse it: each ends in an error of the tree, in time."""

from __future__ import annotations

import gzip
import random
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from spacegen.errors import DocumentError, SpacegenError
from spacegen.fetching import body
from spacegen.fetching.fetch import fetch

LIMIT = 0.5
GRACE = 10.0
"""Seconds that a loaded machine may need on top of the limit; without one, most of these never end."""
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
NO_END = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"  # the head of a gzip file whose name never ends

# What comes first, and what comes again and again.
ENDLESS = {
    "silence": (b"", b""),
    "a header": (b"HTTP/1.1 200 OK\r\nx: ", b"a"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
    "102 for ever": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a body": (OK + b"content-length: 1000000\r\n\r\n", b" "),
    "a body without end": (OK + b"\r\n", b" "),
    "a chunk's extension": (OK + b"transfer-encoding: chunked\r\n\r\n5;x=", b"a"),
    "gzip that gives nothing": (OK + b"content-encoding: gzip\r\n\r\n" + NO_END, b"a"),
    "empty blocks": (OK + b"content-encoding: deflate\r\n\r\n\x78\x9c", b"\0\0\0\xff\xff"),
}


@contextmanager
def server(first: bytes, again: bytes = b"", *, ends: bool = False) -> Iterator[str]:
    """Send bytes to whoever asks, then others until the test is over."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                connection.sendall(first)
                while not ends and not over.wait(0.01):
                    connection.sendall(again)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if over.is_set():
                connection.close()
                return
            threads.append(threading.Thread(target=answer, args=(connection,)))
            threads[-1].start()

    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            over.set()
            socket.create_connection(("127.0.0.1", port)).close()  # wakes the thread that accepts
            for thread in (accepting, *threads):
                thread.join()


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_without_end_ends_in_time(kind: str) -> None:
    with server(*ENDLESS[kind]) as url:
        start = time.monotonic()
        with pytest.raises(SpacegenError):
            fetch(url, timeout=LIMIT)
        assert time.monotonic() - start < LIMIT + GRACE


def packed(size: int, layers: int) -> bytes:
    content = b"\0" * size
    for _ in range(layers):
        content = gzip.compress(content, mtime=0)
    return content


@pytest.mark.parametrize(
    ("encoding", "content", "words"),
    [
        ("gzip", packed(3_000_000, 1), "too large"),
        ("deflate", zlib.compress(b"\0" * 3_000_000), "too large"),
        ("identity", b"\0" * 3_000_000, "too large"),
        ("gzip, gzip", packed(3_000_000, 2), "not asked for"),
        ("gzip,gzip,gzip", packed(100, 3), "not asked for"),
        ("br", b"x", "not asked for"),
        ("zstd", b"x", "not asked for"),
        ("gzip", b"no gzip", "cannot be decompressed"),
        ("gzip", packed(1000, 1)[:-9], "ends too early"),
    ],
    ids=lambda given: given if isinstance(given, str) else f"{len(given)} bytes",
)
def test_a_body_is_bounded_on_the_wire_and_after_decoding(
    encoding: str, content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "LARGEST", 1_000_000)
    head = OK + f"content-encoding: {encoding}\r\ncontent-length: {len(content)}\r\n\r\n".encode()
    with server(head + content, ends=True) as url, pytest.raises(DocumentError, match=words):
        fetch(url, timeout=20)


PARTS = (
    *(
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 302 Found\r\n",
        b"HTTP/1.1 401 No\r\n",
        b"HTTP/1.1 999 \xff\r\n",
        b"\r\n",
    ),
    *(
        b"HTTP/9.9 200\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"\0",
        b"\xff\xfe",
    ),
    b"content-type: text/html; charset=\xff\r\n",
    b"content-type: application/json; charset=rot13\r\n",
    b"set-cookie: a=b; domain=..; path=\xff\r\n",
    b"location: http://[::1\r\n",
    b"location: \xff://x\r\n",
    b"location: //\r\n",
    b"location: http://x:99999/\r\n",
    b"transfer-encoding: chunked\r\n",
    b"ffffffffff\r\n",
    *(
        b"content-length: -1\r\n",
        b"content-length: 5\r\n",
        b"content-encoding: gzip\r\n",
        b"www-authenticate: \xff\r\n",
    ),
    *(
        b"{}",
        b"[" * 5000,
        b"1" * 5000,
        b'{"components": [], "dependencies": [], "api_prefix": "\\ud800"}',
        b"NaN",
        b'"\xff"',
    ),
    b'{"detail": {"error": [1]}}',
    b'{"components": [7], "dependencies": [null]}',
    b"5;x\r\nhello\r\n0\r\n\r\n",
)


@pytest.mark.parametrize("seed", range(100))
def test_any_bytes_end_in_an_error_of_the_tree(seed: int) -> None:
    chance = random.Random(seed)
    first = b"HTTP/1.1 200 OK\r\n" if seed % 4 else b""
    content = first + b"".join(chance.choices(PARTS, k=chance.randrange(1, 9)))
    with server(content, ends=True) as url, pytest.raises(SpacegenError) as caught:
        fetch(url, timeout=5, auth=("ada", "lovelace") if seed % 3 else None)
    assert "\n" not in str(caught.value)


def test_too_many_values_are_refused_before_they_are_made() -> None:
    content = b"[" + b"[]," * 6_000_001 + b"[]]"
    head = OK + b"content-length: %d\r\n\r\n" % len(content)
    with server(head + content, ends=True) as url, pytest.raises(DocumentError, match="too many values"):
        fetch(url, timeout=30)


def test_threads_that_were_left_behind_end() -> None:
    of_others = set(threading.enumerate())  # a test that ran before may have had a server that takes longer
    with server(*ENDLESS["a body"]) as url, pytest.raises(SpacegenError):
        fetch(url, timeout=LIMIT)
    for thread in [one for one in {*threading.enumerate()} - of_others if one.name == "spacegen-request"]:
        thread.join(GRACE)
        assert not thread.is_alive()
