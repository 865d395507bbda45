"""Files in and out, on real servers."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import Field
from runtime.conftest import App, Shell, function, space_at
from spacegen_runtime import FileData, Model, errors
from support import faults
from support.proxy import Proxy
from support.servers import Servers

Apps = Callable[[str], App]


class Measured(NamedTuple):
    bytes: int
    sha: str


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "a name.txt"
    path.write_text("hello")
    return path


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "file", "FileData"])
def test_every_kind_of_file_goes_in(shell: Shell, app: Apps, text_file: Path, kind: str) -> None:
    given: dict[str, Callable[[], Any]] = {
        "path": lambda: text_file,
        "str": lambda: str(text_file),
        "bytes": lambda: b"hello",
        "file": lambda: io.BytesIO(b"hello"),
        "FileData": lambda: FileData.of(b"hello", name="x.txt"),
    }
    measure = app("files")("/measure", Measured, files=("a",))

    assert shell.call(measure, given[kind]()).bytes == 5


def test_files_come_out(shell: Shell, app: Apps, text_file: Path, tmp_path: Path) -> None:
    file = shell.call(app("files")("/shout", FileData, files=("a",)), text_file)

    assert shell.read(file) == b"HELLO"
    assert shell.save(file, tmp_path) == tmp_path / "shout.txt"
    assert shell.save(file, tmp_path / "other.txt").read_bytes() == b"HELLO"
    with shell.open(file) as opened:
        assert opened.read() == b"HELLO"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a name.txt", "other.txt", "shout.txt"]


def test_names_that_need_quoting(shell: Shell, app: Apps, tmp_path: Path) -> None:
    file = shell.call(app("files")("/awkward", FileData), "text")

    assert shell.save(file, tmp_path).read_bytes() == b"text"


def test_lists_and_galleries(shell: Shell, app: Apps, text_file: Path) -> None:
    files = app("files")
    pixel = Path(__file__).parent / "pixel.png"

    assert shell.call(files("/join", files=("a[]",)), [text_file, str(text_file), b"!"], "-") == "hello-hello-!"
    parts = shell.call(files("/split", list[FileData]), "one two")
    assert [shell.read(part) for part in parts] == [b"one", b"two"]
    hung = shell.call(files("/hang", Any, files=("a[].image",)), [{"image": str(pixel), "caption": "dot"}])
    assert hung[0]["caption"] == "0: dot"


def test_files_inside_messages(shell: Shell, app: Apps, text_file: Path) -> None:
    look = app("chat")("/look", files=("a.files[]",))

    assert shell.call(look, {"text": "see", "files": [str(text_file), b"12"]}) == "see: [5, 2]"


class Message(Model):
    text: str
    files: list[FileData] = Field(default_factory=list)


def test_files_inside_models(shell: Shell, app: Apps, text_file: Path) -> None:
    look = app("chat")("/look")

    assert shell.call(look, Message.model_validate({"text": "see", "files": [text_file, b"12"]})) == "see: [5, 2]"


def test_a_result_is_not_uploaded_again(shell: Shell, server: Servers, text_file: Path) -> None:
    with Proxy(server("files").url) as proxy:
        space = space_at(proxy.url)
        file = shell.call(function(space, "/shout", FileData, files=("a",)), text_file)
        mine = FileData.of(text_file)
        proxy.clear()
        measure = function(space, "/measure", Measured)
        assert [shell.call(measure, given).bytes for given in (file, mine, mine)] == [5, 5, 5]

        assert sum("upload" in seen.path for seen in proxy.requests) == 1


def test_from_one_space_to_another(shell: Shell, server: Servers) -> None:
    made = shell.call(function(space_at(server("files").url), "/awkward", FileData), "text")
    other = space_at(server("files", mount="/demo").url)

    assert shell.call(function(other, "/measure", Measured), made).bytes == 4


def test_urls_near_this_machine_are_fetched_here(shell: Shell, app: Apps) -> None:
    files = app("files")
    word = shell.call(files("/split", list[FileData]), "word")[0]
    prefix = files.space.server.prefix

    assert (
        shell.call(files("/measure", Measured, files=("a",)), f"{files.server.url}{prefix}/file={word.path}").bytes
        == 4
    )


def test_upload_progress(shell: Shell, app: Apps) -> None:
    seen: list[tuple[int, int]] = []
    measure = app("files")("/measure", Measured).with_options(
        on_upload=lambda sent, size: seen.append((sent, size))
    )
    shell.call(measure, io.BytesIO(b"x" * 200_000))

    assert seen[-1] == (200_000, 200_000)
    assert len(seen) > 2


def test_missing_files(shell: Shell, app: Apps) -> None:
    with pytest.raises(FileNotFoundError):
        shell.call(app("files")("/measure", Measured, files=("a",)), "/no/such/file")


def test_a_broken_download_goes_on(shell: Shell, server: Servers, tmp_path: Path) -> None:
    with Proxy(server("files").url) as proxy:
        file = function(space_at(proxy.url), "/produce", FileData)(3)
        proxy.add(faults.reset_during(1 << 20, on="file="), faults.truncate(1 << 20, on="file=", nth=2))

        assert shell.save(file, tmp_path).stat().st_size == 3 << 20
        assert [seen.headers.get("range") is not None for seen in proxy.requests[-3:]] == [False, True, True]


def test_a_download_that_never_ends_well(shell: Shell, server: Servers, tmp_path: Path) -> None:
    with Proxy(server("files").url) as proxy:
        file = function(space_at(proxy.url), "/produce", FileData).with_options(retries=1)(1)
        proxy.add(faults.reset_during(1000, on="file=", times=9))
        with pytest.raises(errors.ConnectionLost):
            shell.save(file, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_gone(shell: Shell, app: Apps) -> None:
    file = app("files")("/awkward", FileData)("text")
    file.path += ".gone"
    with pytest.raises(errors.FileRefused):
        shell.read(file)


def test_pickled_files_keep_their_url(app: Apps) -> None:
    file = app("files")("/split", list[FileData])("word")[0]

    assert pickle.loads(pickle.dumps(file)).read() == b"word"
