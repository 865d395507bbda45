"""What a stranger's pull request may bring is read up to a bound, and no further."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from spacegen.commands.main import main
from spacegen.drift.recordings import find_recordings
from spacegen.errors import ManifestError, TooLarge
from spacegen.packages import build as package_build
from spacegen.packages.build import build
from spacegen.packages.layout import LARGEST_MODULE
from spacegen.packages.read_manifest import read_manifest
from spacegen.pipeline import generate
from support.documents import documents, endpoint, read, value


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    given = documents(endpoint("greet", [value("name")], [value()]))
    Path("app.json").write_text(json.dumps({"config": given.config, "info": given.info, "openapi": None}))
    return generate("app.json", name="app").folder


def test_a_module_that_is_larger_than_any_that_is_written_is_altered(package: Path) -> None:
    module = package / "endpoints.py"
    with module.open("a") as file:
        file.write("\n" * 1000)
    before = CliRunner().invoke(main, ["check"])
    with module.open("a") as file:
        file.write("\n" * LARGEST_MODULE)  # says the same, and is not read
    after = CliRunner().invoke(main, ["check"])

    assert before.exit_code == 0
    assert (after.exit_code, "endpoints.py" in after.output) == (1, True)


def test_no_larger_module_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_build, "LARGEST_MODULE", 1000)
    with pytest.raises(TooLarge, match=r"endpoints\.py would be larger .* --include"):
        build(read(endpoint("run", [value("x", description="x")] * 9)), source="", options={})


OPTIONS: list[dict[str, Any]] = [
    {"include": 3},
    {"include": ["x", 3]},
    {"exclude": ["*"] * 100_000},
    {"exclude": ["*" * 1_000_000]},
    {"rename": ["/run"]},
    {"rename": {"/run": 3}},
    {"headers": {"X": "y"}},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: json.dumps(options)[:30])
def test_options_that_no_command_records_are_damage(package: Path, options: dict[str, Any]) -> None:
    manifest = json.loads((package / "spacegen.json").read_text())
    with pytest.raises(ManifestError, match="damaged"):
        read_manifest(json.dumps({**manifest, "options": options}))


def test_a_recording_of_more_values_than_a_document_can_have_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = {"endpoint": "/run", "digest": "x"}
    said = {"what": "spacegen recording", "format": 1, "package": "app", "calls": [call]}
    (tmp_path / "a.json").write_text(json.dumps({**said, "more": [[]] * 1000}))
    assert len(find_recordings(tmp_path)) == 1

    monkeypatch.setattr("spacegen.fetching.bounded_json._MOST_VALUES", 1000)
    assert find_recordings(tmp_path) == []
