"""`spacegen update`: packages are written again, whole or not at all, and no failure stops the others."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from generator.site import Asked, Reply, Route, Site, as_json
from spacegen.commands import main as cli
from spacegen.packages.read_manifest import load_manifest
from spacegen.pipeline import generate
from support.documents import documents, endpoint, value
from support.packages import NEW, OLD, is_new, is_whole, save

UPDATE = [sys.executable, "-m", "spacegen", "update"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def packages(folder: Path) -> dict[str, Path]:
    """Three packages, each with its own source beside it."""
    written = {}
    for name in ("ada", "bob", "eve"):
        save(folder / f"{name}.json", OLD)
        written[name] = generate(f"{name}.json", name=name).folder
    return written


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["update", *words], prog_name="spacegen")


def stamps(package: Path) -> dict[str, tuple[int, int]]:
    paths = [package, *package.rglob("*")]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in paths}


def test_what_is_the_same_is_left_alone(packages: dict[str, Path]) -> None:
    before = {name: stamps(path) for name, path in packages.items()}
    result = run()

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "3 packages: 3 unchanged"
    assert {name: stamps(path) for name, path in packages.items()} == before


def test_what_changed_is_written_and_told(packages: dict[str, Path], folder: Path) -> None:
    save(folder / "bob.json", NEW)
    before = stamps(packages["ada"])
    result = run()

    assert result.exit_code == 0
    assert "updated: bob (../bob.json)\n  compatible  /greet: `tone` is new, and optional\n" in result.stdout
    assert "files       2 changed" in result.stdout
    assert 'tone: str = ""' in (packages["bob"] / "endpoints.py").read_text()
    assert stamps(packages["ada"]) == before
    assert is_whole(packages["bob"])
    assert run().stdout.splitlines()[-1] == "3 packages: 3 unchanged"


def test_a_dry_run_writes_nothing(packages: dict[str, Path], folder: Path) -> None:
    save(folder / "bob.json", NEW)
    before = {name: stamps(path) for name, path in packages.items()}
    result = run("--dry-run")

    assert result.exit_code == 1
    assert run("--dry-run", "ada", "eve").exit_code == 0
    assert "to write: bob" in result.stdout
    assert "/greet: `tone` is new" in result.stdout
    assert result.stdout.splitlines()[-1] == "3 packages: 1 to write, 2 unchanged"
    assert {name: stamps(path) for name, path in packages.items()} == before


def test_one_failure_does_not_stop_the_others(packages: dict[str, Path], folder: Path) -> None:
    (folder / "ada.json").unlink()
    (packages["eve"] / "spacegen.json").write_text("{")
    save(folder / "bob.json", NEW)
    result = run()

    assert result.exit_code == 1
    assert "updated: bob" in result.stdout
    assert sorted(result.stdout.splitlines()[-1].removeprefix("failed: ").split(", ")) == ["ada", "eve"]


def test_the_options_of_before_hold(folder: Path) -> None:
    save(folder / "app.json", OLD)
    package = generate("app.json", name="mine", vendor=True).folder
    save(folder / "app.json", NEW)

    assert run("mine").exit_code == 0
    manifest = load_manifest(package)
    assert manifest.options == {"name": "mine", "vendor": True}
    assert "_runtime/VERSION" in manifest.files
    assert "from ._runtime import" in (package / "endpoints.py").read_text()
    assert is_whole(package)


def test_a_package_may_be_renamed_and_moved(packages: dict[str, Path], folder: Path) -> None:
    (folder / "src").mkdir()
    shutil.move(packages["ada"], folder / "src" / "texts")
    shutil.move(folder / "ada.json", folder / "src" / "ada.json")
    result = run("src")

    assert result.exit_code == 0
    assert "from texts import greet" in (folder / "src" / "texts" / "__init__.py").read_text()
    assert is_whole(folder / "src" / "texts")


def test_edits_are_not_lost(packages: dict[str, Path], folder: Path) -> None:
    mine = packages["ada"] / "endpoints.py"
    mine.write_text(mine.read_text() + "# mine\n")
    (packages["ada"] / "extra.py").write_text("# mine too\n")
    save(folder / "ada.json", NEW)

    assert run("--dry-run", "ada").exit_code == 1
    refused = run("ada")
    assert refused.exit_code == 1
    assert "was edited since spacegen wrote it" in refused.stdout
    assert mine.read_text().endswith("# mine\n")
    assert run("ada", "--force").exit_code == 0
    assert "# mine" not in mine.read_text()
    assert (packages["ada"] / "extra.py").read_text() == "# mine too\n"


def test_a_space_that_cannot_describe_itself_does_not_make_a_package_worse(folder: Path) -> None:
    given = documents(endpoint("greet", [value("name", label="What config calls it")], [value()]))
    with Site({"/config": as_json(given.config), "/gradio_api/info": as_json(given.info)}) as site:
        package = generate(site.url, name="app").folder
        before = stamps(package)
        site.routes["/gradio_api/info"] = as_json({}, 500)
        result = run()

    assert result.exit_code == 1
    assert "cannot describe its API" in result.stdout
    assert stamps(package) == before


def test_a_bar_on_a_terminal_and_lines_after_it(packages: dict[str, Path]) -> None:
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(UPDATE, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        seen += part
        if not part:
            break
    os.close(leader)

    assert process.wait() == 0
    assert b"Updating" in seen
    assert b"3/3" in seen
    assert b"3 packages: 3 unchanged" in seen


def updating(folder: Path, site: Site, count: int) -> list[Path]:
    """Packages whose app has changed since, so that an update has something to do for each."""
    given = documents(OLD)
    written = []
    for number in range(count):
        base = f"/s{number}"
        site.routes[f"{base}/config"] = as_json(given.config)
        site.routes[f"{base}/gradio_api/info"] = as_json(given.info)
        site.routes[f"{base}/gradio_api/openapi.json"] = as_json({"openapi": "3.0.2", "paths": {}})
        written.append(generate(f"{site.url}{base}", name=f"p{number}").folder)
        site.routes[f"{base}/gradio_api/info"] = as_json(documents(NEW).info)
        site.routes[f"{base}/config"] = as_json(documents(NEW).config)
    return written


@pytest.mark.parametrize("request_number", [0, 1, 4, 8, 11, 14])
def test_killed_at_any_moment_every_package_is_the_old_or_the_new_one(folder: Path, request_number: int) -> None:
    """Killed while it waits for an answer, with some packages written and others not; three requests for each."""
    with Site() as site:
        written = updating(folder, site, 5)
        asked = len(site.asked)
        reached, killed = threading.Event(), threading.Event()

        def holding(reply: Route) -> Route:
            def answer(given: Asked) -> Reply:
                if len(site.asked) - asked > request_number:
                    reached.set()
                    killed.wait(30)
                return reply(given) if callable(reply) else reply

            return answer

        site.routes = {path: holding(reply) for path, reply in site.routes.items()}
        process = subprocess.Popen([*UPDATE, "--jobs", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert reached.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed.set()

        assert all(is_whole(package) for package in written)
        assert sum(is_new(package) for package in written) == request_number // 3
        assert run().exit_code == 0
    assert all(is_new(package) and is_whole(package) for package in written)
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_two_at_once(folder: Path) -> None:
    with Site() as site:
        written = updating(folder, site, 4)
        both = [
            subprocess.Popen(UPDATE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)
        ]
        printed = [process.communicate()[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], printed
    assert all(is_new(package) and is_whole(package) for package in written)
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_interrupted_it_says_how_far_it_came(folder: Path) -> None:
    with Site() as site:
        written = updating(folder, site, 3)
        reached, release = threading.Event(), threading.Event()

        def hang(_: Asked) -> Reply:
            reached.set()
            release.wait(30)
            return as_json({}, 500)

        site.routes["/s2/config"] = hang
        process = subprocess.Popen(
            [*UPDATE, "--jobs", "1"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
        release.set()

    assert process.returncode == 130
    assert "interrupted; 2 of 3 packages were done" in told
    assert [is_new(package) for package in written] == [True, True, False]


def test_a_diff_is_what_an_update_would_change(packages: dict[str, Path], folder: Path) -> None:
    save(folder / "bob.json", NEW)
    before = stamps(packages["bob"])
    shown = run("--diff")

    assert shown.exit_code == 1
    assert stamps(packages["bob"]) == before
    assert "--- a/bob/endpoints.py\n+++ b/bob/endpoints.py\n" in shown.stdout
    assert '+def greet(name: str, *, tone: str = "") -> Call[str]:' in shown.stdout
    assert "package" not in {line.partition(":")[0] for line in shown.stdout.splitlines()}
    (folder / "update.patch").write_text(shown.stdout)
    assert subprocess.run(["git", "apply", "--unsafe-paths", "update.patch"], check=False).returncode == 0
    assert run("--diff").stdout == ""
    assert is_whole(packages["bob"])


def test_json_says_what_became_of_each(packages: dict[str, Path], folder: Path) -> None:
    save(folder / "bob.json", NEW)
    (folder / "ada.json").unlink()
    pending = json.loads(run("--json", "--dry-run", "--diff").stdout)
    done = json.loads(run("--json").stdout)

    assert (pending["exit"], done["exit"]) == (1, 1)
    assert [one["state"] for one in pending["packages"]] == ["failed", "pending", "unchanged"]
    assert [one["state"] for one in done["packages"]] == ["failed", "updated", "unchanged"]
    [bob] = [one for one in pending["packages"] if one["folder"] == "bob"]
    assert bob["files"] == {"endpoints.py": "changed", "spacegen.json": "changed"}
    assert bob["diff"].startswith("--- a/bob/endpoints.py\n")
    assert [change["kind"] for change in bob["changes"]] == ["parameter-added"]
    assert "There is no file" in done["packages"][0]["problem"]


def test_results_come_in_the_order_of_the_packages(folder: Path) -> None:
    with Site() as site:
        written = updating(folder, site, 4)
        others = threading.Event()

        def last(reply: Route) -> Route:
            def answer(given: Asked) -> Reply:
                others.wait(30)
                return reply(given) if callable(reply) else reply

            return answer

        def first(reply: Route) -> Route:
            def answer(given: Asked) -> Reply:
                others.set()
                return reply(given) if callable(reply) else reply

            return answer

        site.routes["/s0/config"] = last(site.routes["/s0/config"])
        site.routes["/s3/gradio_api/openapi.json"] = first(site.routes["/s3/gradio_api/openapi.json"])
        result = run()

    headlines = [line.split(" ")[1] for line in result.stdout.splitlines() if line.startswith("updated: ")]
    assert headlines == [package.name for package in written]


@pytest.mark.parametrize("command", ["update", "check"])
def test_a_source_means_the_packages_that_were_written_from_it(folder: Path, command: str) -> None:
    with Site() as site:
        updating(folder, site, 3)
        save(folder / "app.json", OLD)
        generate("app.json", output=folder / "deep", name="app")

        def looked_at(*words: str) -> set[str]:
            result = CliRunner().invoke(cli.main, [command, *words], prog_name="spacegen")
            return {line.split(" ")[1] for line in result.stdout.splitlines() if " (" in line and line[0] != " "}

        assert looked_at(f"{site.url}/s1") == {"p1"}
        assert looked_at(f"{site.url}/s1/gradio_api/info", f"{site.url}/s2/", "p2") == {"p1", "p2"}
        assert looked_at("app.json") == {"deep/app"}


@pytest.mark.parametrize("command", ["update", "check"])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nowhere", "There is no file or folder nowhere, and it is not a SOURCE."),
        ("a/b", "No package in this folder or below was written from a/b. Write one: spacegen a/b"),
        ("empty", "There is no spacegen.json at or below empty."),
    ],
)
@pytest.mark.usefixtures("packages")
def test_packages_that_there_are_not_are_exit_code_2(folder: Path, command: str, word: str, said: str) -> None:
    (folder / "empty").mkdir()
    result = CliRunner().invoke(cli.main, [command, word], prog_name="spacegen")

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_the_word_is_named_where_no_package_is_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.main, ["check", "nowhere"], prog_name="spacegen")

    assert result.exit_code == 2
    assert "There is no file or folder nowhere" in result.stderr
