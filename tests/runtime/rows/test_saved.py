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
