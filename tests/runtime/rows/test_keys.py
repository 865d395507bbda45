"""Keys of calls: the same for the same arguments, in every place and process, and different for different ones."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest
from spacegen_runtime import FileData, errors
from spacegen_runtime._plan import Plan
from spacegen_runtime.rows.digest import key_of


def key(value: Any, *files: str) -> str:
    return key_of(Plan("/x", {"value": value, "other": ""}, files=files))


def test_a_text_that_is_no_file_is_only_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the endpoint takes a file too, and a file has the name of a text."""
    file = tmp_path / "cat.png"
    file.write_bytes(b"1")
    given = {"image": str(file), "title": "title", "tags": ["a"]}
    monkeypatch.chdir(tmp_path)
    here = key(given, "value.image")
    (tmp_path / "title").write_bytes(b"")
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir("inner")
    assert key(given, "value.image") == here
    os.utime(file, (1, 1))
    assert key(given, "value.image") != here


def test_a_folder_and_an_empty_text_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = key(""), key("", "value"), key("inner", "value")
    (tmp_path / "inner").mkdir()
    assert (key(""), key("", "value"), key("inner", "value")) == before


@pytest.mark.parametrize(
    ("pattern", "make"),
    [
        ("value", lambda path: path),
        ("value[]", lambda path: [path]),
        ("value[][0]", lambda path: [(path, "caption")]),
        ("value{}", lambda path: {"any key": path}),
        ("nowhere", Path),
        ("nowhere", FileData.of),
        ("nowhere", lambda path: [FileData.of(Path(path))]),
    ],
)
def test_a_file_is_found_wherever_it_is_taken(pattern: str, make: Any, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"1")
    before = key(make(str(file)), pattern)
    assert key(make(str(file)), pattern) == before
    os.utime(file, (1, 1))
    assert key(make(str(file)), pattern) != before


def test_images_differ_by_their_colours() -> None:
    image = pytest.importorskip("PIL.Image")

    def painted(colour: list[int], **info: Any) -> Any:
        made = image.new("P", (2, 2))
        made.putpalette(colour * 256)
        made.info.update(info)
        return made

    assert key(painted([0, 0, 0])) == key(painted([0, 0, 0]))
    different = {key(painted([0, 0, 0])), key(painted([9, 0, 0])), key(painted([9, 0, 0], transparency=0))}
    assert len(different) == 3


def test_arrays_differ_by_what_they_hold() -> None:
    numpy = pytest.importorskip("numpy")

    def mixed(number: int) -> Any:
        return numpy.array(["".join(["abc", str(number)]), {"a": number}], dtype=object)

    class Wrapped:
        """What other libraries have."""

        shape = (2,)

        def __init__(self, *values: int) -> None:
            self.values = values

        def __array__(self) -> Any:
            return numpy.array(self.values)

    assert key(Wrapped(1, 2)) == key(Wrapped(1, 2)) != key(Wrapped(1, 3))
    assert key(mixed(1000)) == key(mixed(1000))
    assert key(mixed(1000)) != key(mixed(1001))
    assert key(numpy.arange(5000)) != key(numpy.where(numpy.arange(5000) == 2500, 0, numpy.arange(5000)))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_differ_in_the_middle(library: str) -> None:
    frames = pytest.importorskip(library)
    numbers = list(range(100))
    others = [*range(50), -1, *range(51, 100)]
    assert key(frames.DataFrame({"x": numbers})) == key(frames.DataFrame({"x": numbers}))
    different = [
        frames.DataFrame({"x": others}),
        frames.DataFrame({"y": numbers}),
        frames.DataFrame({"x": numbers}),
    ]
    assert len({key(one) for one in different}) == 3
    assert key(frames.Series(numbers)) != key(frames.Series(others))


def test_dates_and_sets_are_what_they_print() -> None:
    day = datetime.date(2026, 1, 2)
    assert key(day) == key(datetime.date(2026, 1, 2)) != key(datetime.date(2026, 1, 3))
    assert key({"a", "b"}) == key({"b", "a"}) != key({"a"})


def test_what_cannot_be_recognised_is_refused() -> None:
    class Shortened:
        def __repr__(self) -> str:
            return "Shortened(...)"

    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (Shortened(), object(), iter("a"), deep):
        with pytest.raises(errors.InputRefused, match="later run"):
            key(value)
