"""Files that cannot be read, or that change while they are sent, and file objects that several calls share."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime.conftest import Shell, function, space_at
from runtime.test_files import Measured
from spacegen_runtime import FileData, errors
from spacegen_runtime.protocol.actions import Request
from spacegen_runtime.shells.parts import opened
from support.servers import Servers

DATA = bytes(range(256)) * 1000


def sending(sent: list[bytes], **options: Any) -> Any:
    """An endpoint that takes a file, and the bodies of its uploads."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/upload"):
            sent.append(request.content)
            return httpx.Response(200, json=["/tmp/x"])
        if request.url.path == "/config":  # asked for before what can be sent only once
            return httpx.Response(200, json={"dependencies": [{"api_name": "do"}]})
        return httpx.Response(200, json={"data": ["done"]})

    space = space_at("http://127.0.0.1:9")
    space.configure(retries=0, client_options={"transport": httpx.MockTransport(answer)}, **options)
    return function(space, "/do", str, files=("a",), queued=False)


def cut(path: Path) -> None:
    os.truncate(path, 100_000)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize("change", [cut, grow])
def test_a_file_that_changes_while_it_is_sent_is_named(
    shell: Shell, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(DATA)
    left = [change]

    def progress(sent: int, size: int) -> None:
        if left:
            left.pop()(path)

    with pytest.raises(errors.FileRefused, match=r"a\.log changed while it was sent"):
        shell.call(sending([], on_upload=progress), path)


def test_a_file_that_vanishes_is_named(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "stat", lambda *_, **__: os.stat(tmp_path / "gone"))  # noqa: PTH116 # the method is replaced
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(Path, "is_dir", lambda _: False)
    with pytest.raises(errors.FileRefused, match="cannot be read: No such file"):
        shell.call(sending([]), __file__)


def test_a_file_that_may_not_be_read_is_refused_at_once(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"")
    monkeypatch.setattr(os, "access", lambda *_: False)
    sent: list[bytes] = []
    with pytest.raises(errors.InputRefused, match="which this process may not read"):
        shell.call(sending(sent), path)
    assert sent == []


class Bad(io.RawIOBase):
    """A file object on a disk that fails."""

    name = "bad.bin"

    def read(self, size: int = -1) -> bytes:
        if size:
            raise OSError(5, "Input/output error")
        return b""


def test_a_file_object_that_cannot_be_read_is_named(shell: Shell) -> None:
    with pytest.raises(errors.FileRefused, match=r"bad\.bin cannot be read: .*Input/output error"):
        shell.call(sending([]), Bad())


@pytest.mark.filterwarnings("ignore:use the name attribute")
def test_a_compressed_file_is_sent_as_it_reads(shell: Shell, tmp_path: Path) -> None:
    """Its descriptor has another size."""
    sent: list[bytes] = []
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write(DATA)
    with gzip.open(tmp_path / "a.gz", "rb") as file:
        shell.call(sending(sent), file)
    assert DATA in sent[0]


def test_a_pipe_is_sent(shell: Shell) -> None:
    sent: list[bytes] = []
    here, there = os.pipe()
    os.write(there, b"hello")
    os.close(there)
    with os.fdopen(here, "rb") as file:
        shell.call(sending(sent), file)
    assert b"hello" in sent[0]


def test_each_call_reads_a_shared_file_object_at_its_own_place() -> None:
    shared = io.BytesIO(DATA)
    with ExitStack() as stack:
        parts = [opened(Request("POST", "", {}, files=[("a", shared, "")]), stack)[0][1][1] for _ in range(2)]
        read = [b"", b""]
        for _ in range(0, len(DATA), 1000):
            for at, part in enumerate(parts):
                read[at] += part.read(1000)
    assert read == [DATA, DATA]


def test_calls_at_once_send_the_same_file_object(server: Servers) -> None:
    file = FileData.of(io.BytesIO(DATA), "a.bin")
    digest = function(space_at(server("files").url), "/measure", Measured, files=("a",))

    async def calls() -> list[Any]:
        return await asyncio.gather(*(digest.aio(file) for _ in range(4)))

    assert {one.sha for one in asyncio.run(calls())} == {hashlib.sha256(DATA).hexdigest()}
