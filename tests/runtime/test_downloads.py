"""A download that broke goes on with the same file, and with no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime.conftest import Shell, space_at
from spacegen_runtime import FileData, errors
from spacegen_runtime._options import Options
from spacegen_runtime.protocol import downloads
from spacegen_runtime.protocol.wire import Access

ETAG, DATE = {"etag": '"1"'}, {"last-modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
WHOLE = b"OLD-OLD-OL"


class Breaks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The first bytes of a body, and then no more."""

    def __init__(self, first: bytes) -> None:
        self.first = first

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        raise httpx.ReadError("broken")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.first
        await asyncio.sleep(0)
        raise httpx.ReadError("broken")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "BACKOFF", 0)


def broken(first: dict[str, str], then: Any, cut: int = 5) -> tuple[FileData, list[httpx.Headers]]:
    """A file whose first download breaks, and what is asked for; `then` is the second answer."""
    asked: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers)
        if len(asked) == 1:
            return httpx.Response(200, headers=first, stream=Breaks(WHOLE[:cut]))
        return httpx.Response(then[0], headers=then[1], content=then[2])

    server = space_at("http://127.0.0.1:9").server
    server.client_options = {"transport": httpx.MockTransport(answer)}
    return FileData.from_wire({"path": "/tmp/a.txt"}, Access(server, Options())), asked


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ETAG, (206, {**ETAG, "content-range": "bytes 5-9/10"}, WHOLE[5:])),
        (DATE, (206, {"content-range": "bytes 5-9/10"}, WHOLE[5:])),
        ({}, (206, {"content-range": "bytes 5-9/*"}, WHOLE[5:])),
        ({**ETAG, **DATE}, (200, ETAG, WHOLE)),
        ({}, (200, {}, WHOLE)),
    ],
)
def test_the_same_file_goes_on(shell: Shell, first: dict[str, str], then: Any) -> None:
    file, asked = broken(first, then)

    assert shell.read(file) == WHOLE
    assert [headers.get("range") for headers in asked] == [None, "bytes=5-"]
    assert asked[1].get("if-range") == first.get("etag", first.get("last-modified"))


@pytest.mark.usefixtures("at_once")
def test_a_file_that_broke_after_its_last_byte_is_complete(shell: Shell) -> None:
    file, _ = broken(ETAG, (416, {"content-range": "bytes */10"}, b""), cut=10)

    assert shell.read(file) == WHOLE


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ETAG, (416, {"content-range": "bytes */0"}, b"")),
        (ETAG, (416, {}, b"")),
        (ETAG, (206, {"etag": '"2"', "content-range": "bytes 5-9/10"}, b"W-NEW")),
        (ETAG, (206, {**ETAG, "content-range": "bytes 0-9/10"}, WHOLE)),
        (ETAG, (206, {**ETAG, "content-range": "bytes 5-7/10"}, WHOLE[5:8])),
        (ETAG, (206, ETAG, WHOLE[5:])),
        (ETAG, (200, {"etag": '"2"'}, b"NEW-NEW-NE")),
        (DATE, (200, {"last-modified": "Thu, 22 Oct 2015 07:28:00 GMT"}, b"NEW-NEW-NE")),
    ],
)
def test_another_file_is_never_mixed_in(shell: Shell, first: dict[str, str], then: Any, tmp_path: Path) -> None:
    file, asked = broken(first, then)

    with pytest.raises(errors.ConnectionLost, match="same file"):
        shell.save(file, tmp_path)
    assert len(asked) == 2
    assert list(tmp_path.iterdir()) == []
