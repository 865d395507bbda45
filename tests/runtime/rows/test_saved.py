"""Files of results that a run saves: what a failed download does to its row, and what each file is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import files_app
import pytest
from runtime.rows.conftest import Drain
from spacegen_runtime import FileData, errors
from spacegen_runtime.testing import fake_space


@pytest.mark.parametrize("attempts", [1, 2])
@pytest.mark.parametrize(
    "error", [errors.RateLimited("slow down", retry_after=0.0), errors.CannotConnect("nobody there")], ids=str
)
def test_a_row_whose_file_cannot_be_fetched_has_run(
    drain: Drain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, attempts: int
) -> None:
    async def refused(file: FileData, to: Any) -> Path:
        raise error

    monkeypatch.setattr(FileData, "asave", refused)
    (tmp_path / "a.png").write_bytes(b"12")
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: FileData.of(image.read()[::-1], "x.png"))
        run = files_app.flip.rows(save_to=tmp_path / "out", attempts=attempts)
        [outcome] = drain(run, "outcomes", [tmp_path / "a.png"])
        assert type(outcome.error) is type(error)
        assert outcome.tries == attempts
        assert len(fake.calls(files_app.flip)) == attempts


def test_equal_rows_keep_their_own_files(drain: Drain, tmp_path: Path) -> None:
    """Whatever becomes of their order, and of the files."""
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
    a, b = tmp_path / "a", tmp_path / "b"
    answers = iter(range(100))
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: FileData.of(b"%d" % next(answers), "x.png"))
        run = files_app.flip.rows(save_to=tmp_path / "out", checkpoint=tmp_path / "done.jsonl", concurrency=1)

        def called(*rows: Path) -> list[bool]:
            outcomes = drain(run, "outcomes", rows)
            paths = [path for one in outcomes for path in one.files.values()]
            assert len({path.read_bytes() for path in paths}) == len(rows), "each row has a file of its own"
            return [not one.restored for one in outcomes]

        assert called(a) == [True]
        assert called(b, a, a) == [True, False, True]
        assert called(a, a, a) == [False, False, True]
        gone, *_ = sorted((tmp_path / "out").glob("000000-*"))
        gone.unlink()
        assert sum(called(a, a, a, b)) == 1
        assert called(a, a, a, b) == [False] * 4


def test_a_name_has_the_whole_key(drain: Drain, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: FileData.of(b"1", "x.png"))
        [outcome] = drain(files_app.flip.rows(save_to=tmp_path / "out"), "outcomes", [tmp_path / "a"])
        assert [path.name for path in outcome.files.values()] == [f"000000-{outcome.key}.png"]
