"""Names that a server chose stay in their folder, mean no device, and never replace a file."""

from __future__ import annotations

import ntpath
import os
import posixpath
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from runtime.conftest import Shell, function, space_at
from spacegen_runtime import Endpoint, FileData
from spacegen_runtime.protocol.names import safe_name
from spacegen_runtime.protocol.wire import WireFile
from spacegen_runtime.shells.saving import NUMBERED, Saving

DEVICES = ["con", "PRN", "aux", "nul", "COM1", "com\u00b9", "lpt\u00b3", "CONIN$", "conout$", "COM0"]
ODD = ["..", ".", "/", "\\", ":", " ", "~", "a", "\u00e4", "\U0001f600", "\0", "\x9b", "\u202e", "\ud800", ".png"]
PARTS = st.sampled_from(DEVICES + ODD)
NAMES = st.text(st.characters(exclude_categories=())) | st.lists(PARTS).map("".join)


def means_a_device(name: str) -> bool:
    """As Windows has it, in the words of Python's own library (which does not know COM0)."""
    if hasattr(ntpath, "isreserved"):  # 3.13
        return bool(ntpath.isreserved(name))
    return PureWindowsPath(name).is_reserved()


@given(NAMES)
@example("x" * 10_000)
@example("\U0001f600" * 300 + ".png")
@example("a." + "\U0001f600" * 300)
def test_any_name_is_a_plain_one_on_every_system(given_name: str) -> None:
    name = safe_name(given_name)

    assert name == posixpath.basename(name) == ntpath.basename(name)
    assert PurePosixPath(name).parts == PureWindowsPath(name).parts == (name,)
    assert not means_a_device(name)
    assert not any(ord(letter) < 32 for letter in name)
    assert 0 < len(name.encode()) <= 190
    assert safe_name(name) == name


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("ending", ["", ".txt", ".tar.gz", " .txt", ". ", ":stream"])
def test_no_name_means_a_device(device: str, ending: str) -> None:
    assert safe_name(device + ending).startswith("file_") or ending == ":stream"
    assert not means_a_device(safe_name(device + ending))


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.txt", "y.txt"),
        ("a\x00\x1b\u202eb.txt", "ab.txt"),
        ("..", "file"),
        ("", "file"),
        ("\udcff.txt", "_.txt"),
        ("x" * 300 + ".png", "x" * 176 + ".png"),
    ],
)
def test_what_is_left_of_a_name(given_name: str, name: str) -> None:
    assert safe_name(given_name) == name


def given_by(name: str) -> Endpoint[..., Any]:
    """An endpoint that gives a file with this name."""

    def answer(request: httpx.Request) -> httpx.Response:
        file = {"path": "/f", "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        return httpx.Response(200, json={"data": [file]}) if request.method == "POST" else httpx.Response(200)

    space = space_at("http://127.0.0.1:9")
    space.configure(client_options={"transport": httpx.MockTransport(answer)})
    return function(space, "/do", FileData, queued=False)


@pytest.mark.parametrize("there", ["file", "folder", "link", "dangling link"])
def test_in_a_folder_nothing_is_replaced(
    shell: Shell, tmp_path: Path, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine, other = tmp_path / "cat.png", tmp_path / "other"
    other.write_text("other")
    if there == "file":
        mine.write_text("mine")
    elif there == "folder":
        mine.mkdir()
    else:
        mine.symlink_to("other" if there == "link" else "missing")
    before = {path.name: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()}

    file = shell.call(given_by("../cat.png"))
    saved = [shell.save(file, to) for to in (".", tmp_path, str(tmp_path))]

    assert [Path(path).name for path in saved] == ["cat-2.png", "cat-3.png", "cat-4.png"]
    assert {path.resolve().parent for path in saved} == {tmp_path.resolve()}
    after = {path.name: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()}
    assert after == before | {path.name: b"" for path in saved}


@pytest.mark.parametrize("word", ["orig_name", "name", "path"])
@pytest.mark.parametrize("said", ["cat.png", "../cat.png", "folder/cat.png", "/folder/cat.png"])
def test_a_name_that_the_space_chose_is_no_place_and_replaces_nothing(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, said: str
) -> None:
    here = tmp_path / "here"
    (here / "folder").mkdir(parents=True)
    monkeypatch.chdir(here)
    for mine in (here / "cat.png", here / "f", tmp_path / "cat.png"):
        mine.write_text("mine")
    file = shell.call(given_by(said))

    saved = shell.save(file, getattr(file, word))

    assert saved.resolve().parent == here.resolve()
    assert saved.name == ("f-2" if word == "path" else "cat-2.png")
    assert {path.read_text() for path in (here / "cat.png", here / "f", tmp_path / "cat.png")} == {"mine"}


def test_a_file_that_the_caller_names_is_replaced(shell: Shell, tmp_path: Path) -> None:
    mine = tmp_path / "mine.png"
    mine.write_text("old")

    assert shell.save(shell.call(given_by("cat.png")), mine) == mine
    assert [*tmp_path.iterdir()] == [mine]
    assert mine.read_bytes() == b""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_takes_what_is_saved_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    saving = Saving(pipe, WireFile(orig_name="cat.png"))
    saving.part.write_bytes(b"meow")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert saving.finish() == pipe
    assert os.read(reader, 9) == b"meow"
    os.close(reader)
    assert [*tmp_path.iterdir()] == [pipe]
    assert pipe.is_fifo()


def test_files_of_one_name_that_are_saved_at_once_are_all_kept(tmp_path: Path) -> None:
    def save(number: int) -> Path:
        saving = Saving(tmp_path, WireFile(orig_name="image.webp"))
        saving.part.write_text(str(number))
        return saving.finish()

    with ThreadPoolExecutor(4) as pool:
        saved = list(pool.map(save, range(NUMBERED + 20)))

    assert [path.read_text() for path in saved] == [str(number) for number in range(NUMBERED + 20)]
    assert len(set(saved)) == len(list(tmp_path.iterdir())) == len(saved)


def test_nothing_is_left_of_a_file_that_cannot_be_saved(shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder") as raised:
        shell.save(shell.call(given_by("cat.png")), tmp_path / "missing" / "cat.png")
    assert raised.value.filename == str(tmp_path / "missing")
    saving = Saving(tmp_path, WireFile(orig_name="cat.png"))
    with pytest.raises(FileNotFoundError):  # what was written is gone
        saving.finish()
    saving.give_up()

    assert not [*tmp_path.iterdir()]
