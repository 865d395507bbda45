"""A checkpoint or a folder that cannot be one is refused by name, before anything is sent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import text_app
from spacegen_runtime import errors
from spacegen_runtime.testing import fake_space
from text_app import echo


@pytest.mark.parametrize("name", [".", "..", "folder", "pipe", "file/inside", "nul\0", "x" * 300])
def test_a_checkpoint_that_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    elif name == "pipe":
        pytest.skip("this system has no pipes with names")
    with (
        fake_space(text_app) as fake,
        pytest.raises(errors.ConfigurationError, match=r"the checkpoint .* cannot be used"),
    ):
        list(echo.rows(checkpoint=f"{tmp_path}/{name}").map(["a"]))

    assert fake.calls(echo) == []
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("name", ["file", "file/inside", "nul\0"])
def test_a_folder_for_files_that_cannot_be_made_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    with (
        fake_space(text_app) as fake,
        pytest.raises(errors.ConfigurationError, match=r"the folder for files .* cannot be used"),
    ):
        list(echo.rows(save_to=tmp_path / name).map(["a"]))

    assert fake.calls(echo) == []
    assert (tmp_path / "file").read_bytes() == b"kept"
