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
    assert re.fullmatch(release._NUMBER, release.versions()["pyproject.toml"])


def test_a_new_version_is_written_to_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*release.PLACES, "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((release.ROOT / name).read_text())
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "out", lambda *words: ran.append(words[1:]))
    monkeypatch.setattr(release, "not_ready", list)
    ran: list[tuple[str, ...]] = []
    [old] = set(release.versions().values())
    before = {name: (tmp_path / name).read_text() for name in release.PLACES}
    release.main(["bump", "1.20.3rc1"])

    assert set(release.versions().values()) == {"1.20.3rc1"}
    changes = (tmp_path / "CHANGELOG.md").read_text()
    assert re.search(r"## \[Unreleased\]\n\n## \[1\.20\.3rc1\] - \d{4}-\d\d-\d\d\n", changes)
    assert ran == [(str(tmp_path / "tests" / "tools" / "regenerate.py"),)]
    assert "spacegen-runtime>=1.20.3rc1" in (tmp_path / "pyproject.toml").read_text()
    release.main(["tagged", "v1.20.3rc1"])
    with pytest.raises(SystemExit, match=re.escape("the files say v1.20.3rc1")):
        release.main(["tagged", "v1.20.3"])
    release.main(["bump", old])
    assert {name: (tmp_path / name).read_text() for name in release.PLACES} == before


def test_a_tag_is_refused_while_pages_say_that_there_is_no_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "runtime").mkdir()
    for name in ("", "runtime/"):
        (tmp_path / name / "pyproject.toml").write_text("[project.urls]\n")
        (tmp_path / name / "README.md").write_text("See [this](https://x.test/docs) and [that](#that).\n")
    page = tmp_path / "docs" / "index.md"
    page.write_text("[A page](cli.md)\n")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.not_ready() == []
    page.write_text("There is no release yet.\n")
    (tmp_path / "README.md").write_text("![Seen](docs/demo.svg)\n")
    (tmp_path / "pyproject.toml").write_text("")
    places = [one.partition(":")[0] for one in release.not_ready()]
    assert places == ["README.md", "docs/index.md", "pyproject.toml"]


def test_what_is_no_version_changes_nothing() -> None:
    with pytest.raises(SystemExit, match="is no version"):
        release.main(["bump", "1.0"])


def test_every_line_that_installs_something_is_typed_as_a_stranger_would() -> None:
    lines, version = release.install_lines(), release.versions()["pyproject.toml"]
    assert {'pip install "spacegen[demo]"', f"pip install spacegen=={version}"} <= set(lines)
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
