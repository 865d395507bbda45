"""`[tool.spacegen]` and `spacegen sync`: what a project lists is what is written, and `check` knows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from generator.site import Site, guarded, serving
from spacegen.commands import main as cli
from spacegen.errors import ListingError
from spacegen.packages.listed import find_listing
from spacegen.packages.read_manifest import load_manifest
from spacegen.pipeline import generate
from support.documents import documents, endpoint, value
from support.packages import NEW, OLD, is_whole, save

LIST = "[tool.spacegen.packages]"
LONG = "x" * 5_000
OTHER = endpoint("other", [value("x")], [value()])
PROJECT = """
[project]
name = "mine"
[tool.spacegen]
output = "src/spaces"
[tool.spacegen.packages]
one = "docs/one.json"
two = { source = "docs/two.json", include = ["/greet"], rename = { "/greet" = "hello" }, output = "tools" }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "docs").mkdir()
    save(tmp_path / "docs" / "one.json", OLD)
    save(tmp_path / "docs" / "two.json", OLD, OTHER)
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, words, prog_name="spacegen")


def states(result: Result) -> dict[str, str]:
    return {one["folder"]: one["state"] for one in json.loads(result.stdout)["packages"]}


def test_what_is_missing_is_written_as_it_is_listed() -> None:
    result = run("sync")

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "2 packages: 2 written"
    assert is_whole(Path("src/spaces/one"))
    assert is_whole(Path("tools/two"))
    manifest = load_manifest(Path("tools/two"))
    assert manifest.source == "../../docs/two.json"
    assert manifest.options == {"name": "two", "include": ["/greet"], "rename": {"/greet": "hello"}}
    assert [one.function for one in manifest.space.endpoints] == ["hello"]
    assert states(run("sync", "--json")) == {"src/spaces/one": "unchanged", "tools/two": "unchanged"}


def test_it_is_the_package_that_the_same_options_give_by_hand(folder: Path) -> None:
    run("sync")
    by_hand = ["docs/two.json", "--name", "two", "--include", "/greet", "--rename", "/greet=hello", "-o", "hand"]
    assert run(*by_hand).exit_code == 0
    for path in Path("tools/two").iterdir():
        assert path.read_text() == (folder / "hand" / "two" / path.name).read_text()


def test_what_is_old_is_updated_and_what_is_listed_in_another_way_is_written_so(folder: Path) -> None:
    run("sync")
    save(folder / "docs" / "one.json", NEW)
    (folder / "pyproject.toml").write_text(PROJECT.replace('"/greet" = "hello"', '"/greet" = "hi"'))
    before = (folder / "tools/two/endpoints.py").read_text()

    assert states(run("sync", "--json", "--dry-run")) == {"src/spaces/one": "pending", "tools/two": "pending"}
    assert run("sync", "--dry-run").exit_code == 1
    assert "+def hi(" in run("sync", "--diff", "two").stdout
    assert (folder / "tools/two/endpoints.py").read_text() == before
    assert states(run("sync", "--json")) == {"src/spaces/one": "updated", "tools/two": "updated"}
    assert "def hi(" in (folder / "tools/two/endpoints.py").read_text()
    assert "tone" in (folder / "src/spaces/one/endpoints.py").read_text()


def test_another_source_is_another_package(folder: Path) -> None:
    run("sync")
    (folder / "pyproject.toml").write_text(PROJECT.replace('one = "docs/one.json"', 'one = "docs/two.json"'))

    assert "listing     it was written from ../../../docs/one.json" in run("check").stdout
    assert run("sync").exit_code == 0
    assert load_manifest(Path("src/spaces/one")).source == "../../../docs/two.json"


def test_nothing_is_removed_and_edits_are_not_lost(folder: Path) -> None:
    run("sync")
    mine = folder / "tools/two/endpoints.py"
    mine.write_text(mine.read_text() + "# mine\n")
    (folder / "pyproject.toml").write_text(PROJECT.replace('one = "docs/one.json"', ""))
    save(folder / "docs" / "two.json", NEW)
    result = run("sync")

    assert result.exit_code == 1
    assert "src/spaces/one is a package that pyproject.toml does not list, so it was not changed" in result.stderr
    assert "was edited since spacegen wrote it" in result.stdout
    assert mine.read_text().endswith("# mine\n")
    assert is_whole(folder / "src/spaces/one")
    assert run("sync", "--force").exit_code == 0


def test_one_that_fails_does_not_stop_the_others(folder: Path) -> None:
    (folder / "docs" / "one.json").unlink()
    assert states(run("sync", "--json")) == {"src/spaces/one": "failed", "tools/two": "written"}


def test_check_knows_what_is_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = run("check")
    assert missing.exit_code == 2
    assert missing.stdout.count("pyproject.toml lists it, but it is not written yet; run spacegen sync") == 2
    run("sync")
    assert run("check", "--strict").exit_code == 0
    (folder / "pyproject.toml").write_text(PROJECT.replace('include = ["/greet"], ', ""))
    told = run("check")
    assert told.exit_code == 0
    assert "listing     pyproject.toml has other values for include; run `spacegen sync`" in told.stdout
    assert run("check", "--strict").exit_code == 1
    monkeypatch.chdir(folder / "src")
    below = run("check", "--strict")
    assert (below.exit_code, below.stdout.splitlines()[-1]) == (0, "1 package: 1 same")


def test_flags_still_work_without_it(folder: Path) -> None:
    (folder / "pyproject.toml").unlink()
    generate("docs/one.json", name="one")
    assert run("check").exit_code == 0
    assert run("update").exit_code == 0
    result = run("sync")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No pyproject.toml in this folder or above it has [tool.spacegen]." in result.stderr
    assert run("sync", "--help").exit_code == 0


def test_it_is_found_from_below_but_not_above_a_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = folder / "inner" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert run("sync").exit_code == 0
    assert is_whole(folder / "tools" / "two")
    (folder / "inner" / "pyproject.toml").write_text('[project]\nname = "inner"\n')  # lists nothing for us
    assert find_listing(Path()) is not None
    (folder / "inner" / ".git").mkdir()
    assert find_listing(Path()) is None


def test_a_gateway_opens_for_the_app_that_is_named(folder: Path) -> None:
    with Site() as site:
        site.routes = guarded(serving(documents(OLD)))
        (folder / "pyproject.toml").write_text(f'[tool.spacegen.packages]\nmine = "{site.url}"\n')
        assert "gateway" in run("sync").stdout
        assert run("sync", "--origin", site.url.replace("//", "//ada:secret@")).exit_code == 0
    assert load_manifest(Path("mine")).options == {"name": "mine", "headers": ["Authorization"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.spacegen", "cannot be read"),
        ("[tool]\nspacegen = 1", "it must be a table that contains a table `packages`"),
        ("[tool.spacegen]\npackages = []", "it must be a table that contains a table `packages`"),
        ("[tool.spacegen]\noutputs = 'x'", "not 'outputs'"),
        (f"{LIST}\njson = 'a/b'", "json: that cannot be a package's name"),
        (f"{LIST}\n'../x' = 'a/b'", "../x: that cannot be a package's name"),
        (f"{LIST}\nx = 1", "it must be a SOURCE"),
        (f"{LIST}\nx = {{include = ['/a']}}", "it must be a SOURCE"),
        (f"{LIST}\nx = {{source = 'a/b', includes = ['/a']}}", "not 'includes'"),
        (f"{LIST}\nx = {{source = 'a/b', include = '/a'}}", "`include` is a list of texts"),
        (f"{LIST}\nx = {{source = 'a/b', include = [1]}}", "`include` is a list of texts"),
        (f"{LIST}\nx = {{source = 'a/b', rename = {{a = 1}}}}", "`rename` is a table of texts"),
        (f"{LIST}\nx = {{source = 'a/b', vendor = 'yes'}}", "`vendor` is true or false"),
        (f"{LIST}\nx = {{source = 'a/b', include = ['{LONG}']}}", "`include` is too long"),
        (f"{LIST}\nx = '{LONG}'", "`source` is too long"),
        (f"{LIST}\nx = 'https://ada:secret@my.app'", "a password does not belong in a file"),
        (f"{LIST}\nx = '../outside.json'", "`source` is a file outside the repository"),
        (f"{LIST}\nx = '/etc/outside.json'", "`source` is a file outside the repository"),
        (f"[tool.spacegen]\noutput = 1\n{LIST}\nx = 'a/b'", "`output` must be a folder in the project"),
        (f"[tool.spacegen]\noutput = '../x'\n{LIST}\nx = 'a/b'", "`output` must be a folder in the project"),
        (f"{LIST}\nx = {{source = 'a/b', output = '/tmp'}}", "`output` must be a folder in the project"),
        (f"{LIST}\nx = {{source = 'a/b', output = 'a/../..'}}", "`output` must be a folder in the project"),
        (f"{LIST}\nx = {{source = 'a/b', output = 'away'}}", "`output` must be a folder in the project"),
        (f"{LIST}\nx = {{source = 'a/b', output = '{LONG[:400]}'}}", "`output` must be a folder in the project"),
        (f'{LIST}\nx = {{source = "a/b", output = "a\\u0000b"}}', "`output` must be a folder in the project"),
        (f"{LIST}\nlink = 'a/b'", "`output` must be a folder in the project"),
        (f"{LIST}\nx = {{source = 'a/b', output = '.git/hooks'}}", "in .git, where packages are not looked for"),
        (f"{LIST}\nx = 'a/b'\ny = {{source = 'a/b', output = 'x'}}", "x is a package itself"),
        (f"{LIST}\n{LONG} = 1", "it must be a SOURCE"),
        (f"{LIST}\nx = {{source = 'a/b', {LONG} = 1}}", "it can have source, output"),
        (f"{LIST}\nx{'.x' * 10_000} = 1", "its keys have too many parts"),
        (f"{LIST}\nx = {'[' * 9_000}", "cannot be read"),
        (f"{LIST}\nx = 'a/b'\n#{'#' * (1 << 20)}", "it is larger than 1 MB"),
    ],
    ids=lambda value: value[:80] if isinstance(value, str) else None,
)
@pytest.mark.parametrize("command", ["sync", "check"])
def test_what_makes_no_sense_is_one_line_and_code_2(folder: Path, text: str, said: str, command: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    (folder / "away").symlink_to(folder.parent)
    (folder / "link").symlink_to(folder.parent)
    result = run(command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "secret" not in result.stderr
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 600
    with pytest.raises(ListingError):
        find_listing(Path())


@pytest.mark.parametrize("source", ["docs/link.json", "docs/one.txt", "nowhere.json"])
def test_a_listing_reads_no_file_but_documents_of_the_project(folder: Path, source: str) -> None:
    save(folder.parent / "outside.json", OLD)
    save(folder / "docs" / "one.txt", OLD)
    (folder / "docs" / "link.json").symlink_to(folder / "docs" / "one.json")
    (folder / "pyproject.toml").write_text(f'[tool.spacegen.packages]\nx = "{source}"\n')
    result = run("sync")
    assert result.exit_code == 1
    assert not (folder / "x").exists()
    assert "greet" not in result.output
    assert "spacegen.json names" not in result.output


def test_a_link_in_place_of_the_file_stays_in_the_repository(folder: Path) -> None:
    (folder / "pyproject.toml").rename(folder / "docs" / "project.toml")
    (folder / "pyproject.toml").symlink_to(folder / "docs" / "project.toml")
    assert run("sync").exit_code == 0
    assert is_whole(Path("src/spaces/one"))
    outside = folder.parent / f"{folder.name}-outside.toml"
    outside.write_text(PROJECT)
    (folder / "pyproject.toml").unlink()
    (folder / "pyproject.toml").symlink_to(outside)
    assert (run("sync").exit_code, run("check").exit_code) == (2, 2)


def test_a_file_that_lists_nothing_of_ours_may_be_as_it_likes(folder: Path) -> None:
    run("sync")
    (folder / "pyproject.toml").write_text("[project")
    assert run("check").exit_code == 0


def test_what_is_listed_is_checked_wherever_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (["check", "."], ["check", "src"], ["check", "tools/two"], ["check", "src/spaces/one"]):
        result = run(*words)
        assert result.exit_code == 2
        assert "it is not written yet; run spacegen sync" in result.stdout
    run("sync")
    assert run("check", "src").stdout.splitlines()[-1] == "1 package: 1 same"
    monkeypatch.chdir(folder / "tools" / "two")
    assert run("check", "--strict").stdout.splitlines()[-1] == "1 package: 1 same"
    assert states(run("sync", "--json")) == {
        (folder / "src/spaces/one").as_posix(): "unchanged",
        (folder / "tools/two").as_posix(): "unchanged",
    }


def test_a_name_that_is_not_listed_is_told_with_the_one_that_is_meant() -> None:
    result = run("sync", "onee")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "lists no package onee; did you mean one?" in result.stderr
