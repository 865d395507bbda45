"""What a checkpoint says of equal rows, of results that look like errors, and of files that are gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import files_app
import pytest
from runtime.rows.conftest import Drain
from spacegen_runtime import FileData, errors
from spacegen_runtime.testing import fake_space
from text_app import echo


def without(path: Path, *parts: bytes) -> None:
    """Cut lines out of a checkpoint that hold all of these."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not all(part in line for part in parts)))


def test_of_equal_rows_the_one_in_flight_is_interrupted(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    run = echo.rows(checkpoint=path, concurrency=1)
    drain(run, "outcomes", ["a", "a"])
    without(path, b'"row":1')
    assert [one.interrupted for one in drain(run, "outcomes", ["a", "a", "a"])] == [False, True, False]
    assert [one.interrupted for one in drain(run, "outcomes", ["a", "a", "a"])] == [False, True, False]


def test_a_row_stays_interrupted_where_the_input_has_moved(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    run = echo.rows(checkpoint=path, concurrency=1)
    drain(run, "outcomes", ["a"])
    without(path, b'"row":0')
    assert [one.interrupted for one in drain(run, "outcomes", ["b", "a"])] == [False, True]
    assert [one.interrupted for one in drain(run, "outcomes", ["b", "a", "a"])] == [False, True, False]
    assert [json.loads(line).get("instead") for line in path.read_bytes().splitlines()].count(0) == 1


def unreached(drain: Drain, fake: Any, run: Any, values: list[str]) -> None:
    """A run that ends because nobody listens; afterwards the Space is there."""
    fake.on(echo).raises(errors.CannotConnect("nobody there"))
    with pytest.raises(errors.CannotConnect):
        drain(run, "outcomes", values)
    fake.on(echo).does(lambda text: text.upper())


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_row_that_never_reached_the_space_is_not_interrupted(
    drain: Drain, fake: Any, tmp_path: Path, concurrency: int
) -> None:
    run = echo.rows(checkpoint=tmp_path / "done.jsonl", concurrency=concurrency, patience=0)
    for _ in range(2):
        unreached(drain, fake, run, list("abc"))
    assert [one.interrupted for one in drain(run, "outcomes", list("abc"))] == [False] * 3


@pytest.mark.parametrize("values", [["a"], ["b", "a"]], ids=["there", "moved"])
def test_a_row_in_flight_stays_interrupted_though_the_next_run_reached_nobody(
    drain: Drain, fake: Any, tmp_path: Path, values: list[str]
) -> None:
    path = tmp_path / "done.jsonl"
    run = echo.rows(checkpoint=path, patience=0)
    drain(run, "outcomes", ["a"])
    without(path, b'"row":0')
    for _ in range(2):
        unreached(drain, fake, run, values)
    assert [one.interrupted for one in drain(run, "outcomes", values)] == [value == "a" for value in values]


def test_equal_rows_keep_their_order(drain: Drain, fake: Any, tmp_path: Path) -> None:
    answers = iter("ABC")
    fake.on(echo).does(lambda text: next(answers))
    run = echo.rows(checkpoint=tmp_path / "done.jsonl", concurrency=1)
    assert drain(run, "map", ["a"] * 3) == ["A", "B", "C"]
    assert drain(run, "map", ["a"] * 3) == ["A", "B", "C"]


@pytest.mark.filterwarnings("ignore::spacegen_runtime.errors.UnexpectedOutputWarning")
def test_a_result_with_the_word_error_is_no_failure(drain: Drain, fake: Any, tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    drain(echo.rows(checkpoint=path), "outcomes", ["a"])
    path.write_bytes(path.read_bytes().replace(b'"raw":["A"]', b'"raw":[{"error":"A"}]'))
    drain(echo.rows(checkpoint=path, retry_failed=True), "outcomes", ["a"])
    assert len(fake.calls(echo)) == 1


def test_a_repeat_that_failed_is_not_made_again(drain: Drain, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12")
    options: dict[str, Any] = {"save_to": tmp_path / "out", "checkpoint": tmp_path / "done.jsonl"}
    run = files_app.flip.rows(**options)
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: FileData.of(b"1", "x.png"))
        [first] = drain(run, "outcomes", [tmp_path / "a"])
        next(iter(first.files.values())).unlink()
        fake.on(files_app.flip).raises(errors.AppError("no"))
        assert [one.restored for one in drain(run, "outcomes", [tmp_path / "a"])] == [False]
        assert [one.restored for one in drain(run, "outcomes", [tmp_path / "a"])] == [True]
        fake.on(files_app.flip).does(lambda image: FileData.of(b"2", "x.png"))
        again = files_app.flip.rows(**options, retry_failed=True)
        assert [one.error for one in drain(again, "outcomes", [tmp_path / "a"])] == [None]
        assert [one.restored for one in drain(again, "outcomes", [tmp_path / "a"])] == [True]


@pytest.mark.parametrize("line", [b'{"key":"%s","start":x}\n', b'{"key":"%s","raw":["A"]}\n'])
def test_a_line_without_its_row_is_damage(fake: Any, tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "done.jsonl"
    [outcome] = list(echo.rows(checkpoint=path).outcomes(["a"]))
    with path.open("ab") as file:
        file.write(line % outcome.key.encode())
    with pytest.raises(errors.ConfigurationError, match="damaged"):
        list(echo.rows(checkpoint=path).outcomes(["a"]))
