"""The release: one version everywhere, a changelog that has it, actions that nobody can move."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools import release

WORKFLOWS = [
    *(release.ROOT / ".github" / "workflows").glob("*.yml"),
    release.ROOT / "docs" / "recipes" / "spacegen-check.yml",
]


def test_one_version_stands_in_every_place() -> None:
    assert len(set(release.versions().values())) == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", release.versions()["pyproject.toml"])


def test_a_new_version_is_written_to_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*release.PLACES, "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((release.ROOT / name).read_text())
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "out", lambda *_, **__: "2026-01-02\n")
    before = {name: (tmp_path / name).read_text() for name in release.PLACES}
    release.main(["bump", "1.20.3rc1"])

    assert set(release.versions().values()) == {"1.20.3rc1"}
    changes = (tmp_path / "CHANGELOG.md").read_text()
    assert "## [Unreleased]\n\n## [1.20.3rc1] - 2026-01-02\n" in changes
    release.main(["tagged", "v1.20.3rc1"])
    with pytest.raises(SystemExit, match=re.escape("the files say v1.20.3rc1")):
        release.main(["tagged", "v1.20.3"])
    release.main(["bump", "0.1.0"])
    assert {name: (tmp_path / name).read_text() for name in release.PLACES} == before


def test_what_is_no_version_changes_nothing() -> None:
    with pytest.raises(SystemExit, match="is no version"):
        release.main(["bump", "1.0"])


def test_every_line_that_installs_something_is_typed_as_a_stranger_would() -> None:
    lines = release.install_lines()
    assert {"pip install ./runtime .", 'pip install "spacegen[demo]"', "pip install spacegen==0.1.0"} <= set(lines)
    for page in (release.ROOT / "docs").rglob("*.md"):
        text = " ".join(page.read_text(encoding="utf-8").split())
        for line in lines:
            text = text.replace(line, "")
        assert "pip install" not in text, page


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_commits(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.search(r"@[0-9a-f]{40}$", one)] == []
