"""The packages in `generated_examples` are what the generator writes today, byte for byte."""

from __future__ import annotations

import importlib
import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
from spacegen_runtime import Endpoint
from tools.regenerate import APPS, EXAMPLES, ROOT, SPECS, package_of, regenerate


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def copied(spec: str, root: Path) -> Path:
    """Copy a spec to its place below another root: a package records where its source lies, seen from itself."""
    copy = root / (SPECS / f"{spec}.json").relative_to(ROOT)
    copy.parent.mkdir(parents=True)
    shutil.copy(SPECS / f"{spec}.json", copy)
    return copy


@pytest.mark.parametrize("spec", APPS)
def test_examples_are_what_is_written_today(spec: str, tmp_path: Path) -> None:
    copied(spec, tmp_path)

    assert contents(regenerate(spec, tmp_path)) == contents(EXAMPLES / package_of(spec))


@pytest.mark.parametrize("spec", APPS)
def test_the_annotations_of_examples_are_types(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    package = importlib.import_module(package_of(spec))
    endpoints = [one for one in vars(package).values() if isinstance(one, Endpoint)]

    assert endpoints
    for one in endpoints:
        hints = get_type_hints(one, include_extras=True)
        signature = inspect.signature(one)
        shown = {name: parameter.annotation for name, parameter in signature.parameters.items()}
        assert {**shown, "return": signature.return_annotation or type(None)} == hints
        assert not any(isinstance(hint, str) for hint in hints.values())


def test_every_example_has_a_spec() -> None:
    examples = {path.name for path in EXAMPLES.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}

    assert examples == {package_of(spec) for spec in APPS}


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_neither_hash_seed_nor_locale_nor_folder_changes_a_byte(seed: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nline-length = 20\n")
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "spacegen", str(copied("kitchen", tmp_path)), "-o", EXAMPLES.name]
    subprocess.run(
        [*command, "--name", package_of("kitchen")], cwd=tmp_path, env=environment, check=True, capture_output=True
    )

    assert contents(tmp_path / EXAMPLES.name / package_of("kitchen")) == contents(EXAMPLES / package_of("kitchen"))
