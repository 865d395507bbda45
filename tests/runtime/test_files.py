"""Files in and out, on real servers."""

from __future__ import annotations

import base64
import copy
import io
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic import Field
from runtime.conftest import App, Shell, function, needs, space_at
from spacegen_runtime import FileData, Model, Timeouts, errors
from support import faults
from support.outcomes import sample_files
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


def test_a_file_inside_of_json_can_be_read_behind_a_login_too(shell: Shell, server: Servers) -> None:
    space = space_at(server("kitchen", auth=("ada", "secret")).url)
    space.configure(auth=("ada", "secret"))
    echo = function(space, "/json", Any)

    parts = shell.call(echo, {"parts": [FileData.of(b"words", name="a.txt")]})["parts"]
    assert [shell.read(part) for part in parts] == [b"words"]
    assert shell.call(echo, parts)[0].path == parts[0].path, "it is passed on like any other result"


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


class Pipe(io.RawIOBase):
    """What can be read once: standard input, or the body of a request."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self._content.readinto(into)


def test_a_pipe_is_sent_after_the_login_it_needs(shell: Shell, server: Servers) -> None:
    space = space_at(server("files", auth=("ada", "secret")).url)
    space.configure(auth=("ada", "secret"))

    measure = function(space, "/measure", Measured, files=("a",))
    assert shell.call(measure, Pipe(b"hello")).bytes == 5


@pytest.mark.parametrize("status", [307, 429, 503])
def test_a_pipe_is_sent_once_whatever_the_server_says_of_it(shell: Shell, server: Servers, status: int) -> None:
    with Proxy(server("files").url) as proxy:
        there = {"location": "/gradio_api/upload/", "retry-after": "0"}
        proxy.add(faults.answer(status, there, on="POST .*/upload"))
        measure = function(space_at(proxy.url), "/measure", Measured, files=("a",))
        with pytest.raises(errors.SpaceError) as caught:
            shell.call(measure, Pipe(b"hello"))

        assert caught.value.status == status
        assert sum("/upload" in seen.path for seen in proxy.requests) == 1
        assert shell.call(measure, Pipe(b"hello")).bytes == 5


def test_files_come_out(shell: Shell, app: Apps, text_file: Path, tmp_path: Path) -> None:
    file = shell.call(app("files")("/shout", FileData, files=("a",)), text_file)

    assert shell.read(file) == b"HELLO"
    assert shell.save(file, tmp_path) == tmp_path / "shout.txt"
    assert shell.save(file, tmp_path / "other.txt").read_bytes() == b"HELLO"
    with shell.open(file) as opened:
        assert opened.read() == b"HELLO"
        assert opened.mode == "rb"  # `wave.open` asks
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a name.txt", "other.txt", "shout.txt"]


@pytest.mark.parametrize(("kind", "name"), [("image/png", "file.png"), ("no/such kind", "file")])
def test_a_data_url_is_a_file_named_after_its_kind(kind: str, name: str, tmp_path: Path) -> None:
    file = FileData.from_wire(f"data:{kind};base64,aGVsbG8=")

    assert file.save(tmp_path) == tmp_path / name
    assert file.read() == b"hello"


def test_a_live_stream_is_a_file_too(shell: Shell, app: Apps, gradio_version: str) -> None:
    """While it lasts its playlist can be played from `url`; read, it is the chunks so far as one file."""
    needs("4.20", gradio_version, "the app has no live stream")
    steps = shell.stream(app("streaming")("/live", FileData), 3)

    assert all(step.is_stream for step in steps)
    assert shell.read(steps[-1]) == b"chunk 0;chunk 1;chunk 2;"
    if gradio_version >= "5":
        playlist = httpx.get(steps[-1].url).text
        assert playlist.startswith("#EXTM3U")
        assert playlist.count("#EXTINF") == 3


def test_a_notebook_shows_what_can_be_seen_or_heard(app: Apps, gradio_version: str, tmp_path: Path) -> None:
    needs("4", gradio_version, "images are text")
    samples, files = sample_files(tmp_path), app("files")
    picture = files("/flip", FileData, files=("a",))(samples["Image"])
    sound = files("/backwards", FileData, files=("a",))(samples["Audio"])
    video = FileData.from_wire({**sound.to_wire(), "orig_name": "a.mp4", "mime_type": None}, sound.access)
    shown = [(file._repr_html_() or "").partition(";base64,") for file in (picture, sound, video)]

    kinds = [start.partition("data:")[2].partition("/")[0] for start, _, _ in shown]
    assert kinds == ["image", "audio", "video"]
    assert [start.split()[0] for start, _, _ in shown] == ["<img", "<audio", "<video"]
    for file, (_, _, rest) in zip((picture, sound), shown, strict=False):
        assert base64.b64decode(rest.partition('"')[0]) == file.read()
    assert files("/awkward", FileData)("text")._repr_html_() is None


def test_files_that_are_too_large_are_not_sent(
    shell: Shell, server: Servers, gradio_version: str, tmp_path: Path
) -> None:
    needs("4.44", gradio_version, "servers have no limit")
    limited = server("files", version=gradio_version, max_file_size=9_000_000)
    with Proxy(limited.url) as proxy:
        measure = function(space_at(proxy.url, gradio_version), "/measure", Measured, files=("a",))
        with pytest.raises(errors.FileRefused, match="10000000 bytes; the Space takes at most 9000000"):
            shell.call(measure, b"x" * 10_000_000)

        assert not any("upload" in seen.path for seen in proxy.requests)
        assert shell.call(measure, b"x" * 8_500_000).bytes == 8_500_000


def test_a_small_limit_is_the_servers_to_tell(shell: Shell, server: Servers) -> None:
    """A look at the limit would cost every upload a request, so that only large files are worth it."""
    measure = function(space_at(server("files", max_file_size=1000).url), "/measure", Measured, files=("a",))
    with pytest.raises(errors.FileRefused):
        shell.call(measure, b"x" * 2000)


def test_a_limit_for_the_upload_alone(shell: Shell, server: Servers) -> None:
    with Proxy(server("files").url) as proxy:
        proxy.add(faults.stall(on="POST .*/upload"))
        measure = function(space_at(proxy.url), "/measure", Measured, files=("a",))
        with pytest.raises(errors.CallTimeout) as caught:
            shell.call(measure.with_options(timeout=Timeouts(upload=0.3)), b"x")

        assert caught.value.limit == "upload"


def test_names_that_need_quoting(shell: Shell, app: Apps, tmp_path: Path) -> None:
    file = shell.call(app("files")("/awkward", FileData), "text")

    assert shell.save(file, tmp_path).read_bytes() == b"text"


def test_lists_and_galleries(shell: Shell, app: Apps, text_file: Path, gradio_version: str) -> None:
    files = app("files")
    pixel = Path(__file__).parent / "pixel.png"

    assert shell.call(files("/join", files=("a[]",)), [text_file, str(text_file), b"!"], "-") == "hello-hello-!"
    parts = shell.call(files("/split", list[FileData]), "one two")
    assert [shell.read(part) for part in parts] == [b"one", b"two"]
    needs("4.20", gradio_version, "galleries are for looking at only")
    hung = shell.call(files("/hang", Any, files=("a[].image",)), [{"image": str(pixel), "caption": "dot"}])
    assert hung[0]["caption"] == "0: dot"


def test_files_inside_messages(shell: Shell, app: Apps, text_file: Path, gradio_version: str) -> None:
    needs("4.44", gradio_version, "no messages with files")
    look = app("chat")("/look", files=("a.files[]",))

    assert shell.call(look, {"text": "see", "files": [str(text_file), b"12"]}) == "see: [5, 2]"


class Message(Model):
    text: str
    files: list[FileData] = Field(default_factory=list)


def test_files_inside_models(shell: Shell, app: Apps, text_file: Path, gradio_version: str) -> None:
    needs("4.44", gradio_version, "no messages with files")
    look = app("chat")("/look")

    assert shell.call(look, Message.model_validate({"text": "see", "files": [text_file, b"12"]})) == "see: [5, 2]"


def test_a_result_is_not_uploaded_again(
    shell: Shell, server: Servers, text_file: Path, gradio_version: str
) -> None:
    with Proxy(server("files", version=gradio_version).url) as proxy:
        space = space_at(proxy.url, gradio_version)
        file = shell.call(function(space, "/shout", FileData, files=("a",)), text_file)
        mine = FileData.of(text_file)
        proxy.clear()
        measure = function(space, "/measure", Measured, files=("a",))
        assert [shell.call(measure, given).bytes for given in (file, mine, mine)] == [5, 5, 5]

        assert sum("upload" in seen.path for seen in proxy.requests) == 1
        identity = hash(mine)
        text_file.write_bytes(b"changed")
        assert shell.call(measure, mine).bytes == 7
        assert sum("upload" in seen.path for seen in proxy.requests) == 2
        proxy.add(faults.answer(404, on="HEAD .*/file="))
        assert shell.call(measure, mine).bytes == 7
        assert sum("upload" in seen.path for seen in proxy.requests) == 3
        assert hash(mine) == identity


def test_from_one_space_to_another(shell: Shell, server: Servers) -> None:
    made = shell.call(function(space_at(server("files").url), "/awkward", FileData), "text")
    other = space_at(server("files", mount="/demo").url)

    assert shell.call(function(other, "/measure", Measured, files=("a",)), made).bytes == 4


def test_the_way_from_another_space_is_as_sure_as_any(shell: Shell, server: Servers) -> None:
    measure = function(space_at(server("files", mount="/demo").url), "/measure", Measured, files=("a",))
    with Proxy(server("files").url) as proxy:
        first, second, third = (
            shell.call(function(space_at(proxy.url), "/produce", FileData), 3) for _ in range(3)
        )
        proxy.add(faults.reset_during(1 << 20, on="file="))
        assert shell.call(measure, first).bytes == 3 << 20

        proxy.add(faults.stall(20, on="file="))
        with pytest.raises(errors.CallTimeout) as late:
            shell.call(measure.with_options(timeout=0.5), second)
        assert late.value.limit == "total"

        proxy.add(faults.reset_during(1000, on="file=", times=9))
        with pytest.raises(errors.ConnectionLost, match="nothing has run") as lost:
            shell.call(measure, third)
        assert not lost.value.may_have_run


def test_urls_near_this_machine_are_fetched_here(shell: Shell, app: Apps) -> None:
    files = app("files")
    word = shell.call(files("/split", list[FileData]), "word")[0]
    prefix = files.space.server.prefix

    assert (
        shell.call(files("/measure", Measured, files=("a",)), f"{files.server.url}{prefix}/file={word.path}").bytes
        == 4
    )


def test_an_upload_that_breaks_has_run_nothing(shell: Shell, server: Servers) -> None:
    with Proxy(server("files").url) as proxy:
        proxy.add(faults.reset_before(on="POST .*/upload", times=9))
        measure = function(space_at(proxy.url), "/measure", Measured, files=("a",)).with_options(retries=0)
        with pytest.raises(errors.ConnectionLost, match="nothing has run") as caught:
            shell.call(measure, b"x")

        assert not caught.value.may_have_run


def test_upload_progress(shell: Shell, app: Apps) -> None:
    seen: list[tuple[int, int]] = []
    measure = app("files")("/measure", Measured, files=("a",)).with_options(
        on_upload=lambda sent, size: seen.append((sent, size))
    )
    shell.call(measure, io.BytesIO(b"x" * 200_000))

    assert seen[-1] == (200_000, 200_000)
    assert len(seen) > 2


class Slow(io.BytesIO):
    """A file that comes slowly but steadily."""

    def read(self, size: int | None = -1) -> bytes:
        threading.Event().wait(0.05)
        return super().read(size)


@pytest.mark.parametrize("limit", ["upload", "total"])
def test_a_steady_upload_ends_with_its_limit(shell: Shell, app: Apps, limit: str) -> None:
    limits = Timeouts(upload=0.3) if limit == "upload" else Timeouts(total=0.3)
    measure = app("files")("/measure", Any, files=("a",)).with_options(timeout=limits)

    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(measure, Slow(bytes(4 << 20)))

    assert caught.value.limit == limit


def test_missing_files(shell: Shell, app: Apps) -> None:
    with pytest.raises(FileNotFoundError):
        shell.call(app("files")("/measure", Measured, files=("a",)), "/no/such/file")


def test_a_broken_download_goes_on(shell: Shell, server: Servers, tmp_path: Path) -> None:
    with Proxy(server("files").url) as proxy:
        file = function(space_at(proxy.url), "/produce", FileData)(3)
        proxy.add(faults.reset_during(1 << 20, on="file="), faults.truncate(1 << 20, on="file=", nth=2))

        assert shell.save(file, tmp_path).stat().st_size == 3 << 20
        assert [seen.headers.get("range") is not None for seen in proxy.requests[-3:]] == [False, True, True]
        assert {seen.headers["accept-encoding"] for seen in proxy.requests[-3:]} == {"identity"}


def test_an_address_that_has_nothing_is_named(shell: Shell, server: Servers) -> None:
    url = server("files").url
    measure = function(space_at(url), "/measure", Measured, files=("a",))
    with pytest.raises(errors.FileRefused, match=rf"refuses to send '{url}/nothing\.png' \(HTTP 404\)"):
        shell.call(measure, f"{url}/nothing.png")


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


@pytest.mark.parametrize(("name", "given"), [("/awkward", "HELLO"), ("/shout", b"hello")])
def test_the_url_of_a_file_is_its_own(app: Apps, name: str, given: Any) -> None:
    """Up to 5.0 Gradio's own depends on the length of the endpoint's name, and is wrong for most."""
    file = app("files")(name, FileData, files=("a",) if isinstance(given, bytes) else ())(given)

    assert httpx.get(file.url or "").content == b"HELLO"
    assert pickle.loads(pickle.dumps(file)).read() == b"HELLO"


def test_a_copied_or_pickled_file_is_still_a_file_of_its_space(shell: Shell, server: Servers) -> None:
    with Proxy(server("files", auth=("ada", "secret")).url) as proxy:
        space = space_at(proxy.url)
        space.configure(auth=("ada", "secret"))
        file = shell.call(function(space, "/awkward", FileData), "text")
        space.configure(retries=1)
        measure = function(space, "/measure", Measured, files=("a",))
        copies = [copy.copy(file), copy.deepcopy([file])[0]]

        assert [shell.read(one) for one in copies] == [b"text", b"text"]
        assert [shell.call(measure, one).bytes for one in (file, *copies, pickle.loads(pickle.dumps(file)))] == [
            4
        ] * 4
        assert not any("upload" in seen.path for seen in proxy.requests)
