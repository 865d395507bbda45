"""`spacegen check` names the recordings that a change of the Space made stale."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import text_app
from click.testing import CliRunner
from spacegen.commands.main import main
from spacegen.drift.recordings import digest
from spacegen.pipeline import generate
from spacegen_runtime.testing._offer import Offer
from support.documents import documents, endpoint, value


def test_both_sides_make_the_same_digest() -> None:
    manifest = json.loads(Path(text_app.__file__).with_name("spacegen.json").read_text())
    offer = Offer(manifest)

    assert {str(one.key): one.digest for one in offer.endpoints} == {
        key: digest(said) for key, said in manifest["endpoints"].items()
    }


def save(path: Path, *parameters: str) -> None:
    given = documents(
        endpoint("greet", [value(name) for name in parameters], [value()]),
        endpoint("same", [value("x")], [value()]),
    )
    path.write_text(json.dumps({"config": given.config, "info": given.info, "openapi": None}))


def test_recordings_that_are_stale_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    save(tmp_path / "app.json", "name")
    generate("app.json", name="recorded_app")
    offer = Offer(json.loads((tmp_path / "recorded_app" / "spacegen.json").read_text()))
    for key in ("/greet", "/same"):
        calls = [{"endpoint": key, "digest": next(one.digest for one in offer.endpoints if one.key == key)}]
        said = {"what": "spacegen recording", "format": 1, "package": "recorded_app", "calls": calls}
        (tmp_path / f"{key[1:]}.rec.json").write_text(json.dumps(said, indent=1))
    importlib.invalidate_caches()
    before = CliRunner().invoke(main, ["check"])
    save(tmp_path / "app.json", "name", "title")
    after = CliRunner().invoke(main, ["check"])
    listed = json.loads(CliRunner().invoke(main, ["check", "--json"]).stdout)

    assert (before.exit_code, "recording" in before.output) == (0, False)
    assert "greet.rec.json: /greet changed since it was recorded; record it again" in after.output
    assert "same.rec.json" not in after.output
    assert "stale_recordings" in json.dumps(listed)
