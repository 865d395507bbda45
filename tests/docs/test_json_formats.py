"""The page on what `--json` prints names every field, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from spacegen.commands.main import main
from spacegen.hub.search import Hit
from support.documents import endpoint, value
from support.packages import save

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "exit-codes.md"
FREE = {"files"}  # its fields are names of files
OLD = """\
from gradio_client import Client
print(Client("ada/app").predict("a", api_name="/echo"))
"""


def section(command: str) -> set[str]:
    """The words of a section that stand in backquotes."""
    text = PAGE.read_text().partition(f"### {command} --json")[2].partition("\n### ")[0]
    assert text, command
    return set(re.findall(r"`([^`\s]+)`", text))


def names(found: Any) -> Iterator[str]:
    """The names of all fields of a document."""
    for one in found if isinstance(found, list) else []:
        yield from names(one)
    for name, one in found.items() if isinstance(found, dict) else ():
        yield name
        if name not in FREE or isinstance(one, list):
            yield from names(one)


def printed(*words: str) -> Any:
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.stdout)


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a package whose Space has changed."""
    monkeypatch.chdir(tmp_path)
    source = Path("app.json")
    choices = {"type": "string", "enum": ["a", "b"]}
    save(source, endpoint("echo", [value("text")], [value()]))
    assert CliRunner().invoke(main, ["app.json", "--name", "shop"]).exit_code == 0
    save(source, endpoint("echo", [value("words", choices, default="a")], [value()]))
    Path("old.py").write_text(OLD)


def test_every_field_is_on_the_page(changed: None) -> None:
    said = {
        "check": printed("check", "shop"),
        "update": printed("update", "shop", "--dry-run"),
        "info": printed("info", "app.json"),
        "adopt": printed("adopt", "old.py", "--source", "ada/app=app.json"),
        "search": dict.fromkeys(field.name for field in fields(Hit)),
    }
    assert {kind["kind"] for kind in said["check"]["packages"][0]["changes"]}

    for command, document in said.items():
        others = section("check") if command == "update" else set()
        missing = set(names(document)) - section(command) - others - {"exit", "packages"}
        assert not missing, command
    fields_of_adopt = set(names(said["adopt"]))
    assert {"uses", "reasons", "becomes", "module"} <= fields_of_adopt
