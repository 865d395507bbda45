"""What all commands share: how much they say, in which colours, and what becomes of what nobody reads."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from generator.site import Site, app, guarded, serving
from spacegen.commands import main as cli
from spacegen.pipeline import generate
from support.documents import documents, endpoint, value
from support.packages import NEW, OLD, save

SPACEGEN = [sys.executable, "-m", "spacegen"]
SHARED = {"--quiet", "--verbose", "--color", "--debug"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    save(tmp_path / "app.json", OLD)
    return tmp_path


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(app()) as site:
        yield site


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(cli.main, words, prog_name="spacegen", **options)


def options_of(command: click.Command) -> set[str]:
    return {name for one in command.params for name in one.opts}


def test_every_command_has_the_same_manners() -> None:
    without = {name for name, one in cli.main.commands.items() if not options_of(one) >= SHARED}
    assert options_of(cli.main) >= SHARED
    assert without == set()


def test_quiet_says_results_and_errors_only() -> None:
    said = {
        "generate": run("app.json", "--name", "one", "-q"),
        "fetch": run("-q", "fetch", "app.json", "-o", "saved.json"),
        "check": run("check", "-q"),
        "update": run("update", "--quiet"),
    }
    outcomes = {name: (result.exit_code, result.output) for name, result in said.items()}
    assert outcomes == dict.fromkeys(said, (0, ""))
    assert "greet(" in run("-q", "info", "app.json").stdout
    assert run("info", "-q", "nowhere.json").stderr.startswith("spacegen: error: There is no file nowhere.json.")


def test_quiet_does_not_hide_what_breaks(folder: Path) -> None:
    generate("app.json", name="one")
    generate("app.json", name="two")
    save(folder / "app.json", endpoint("other", [], [value()]))
    result = run("check", "-q", "one")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == ["breaking: one (../app.json)", *result.stdout.splitlines()[1:]]
    assert "/greet: is gone" in result.stdout


@pytest.mark.parametrize("words", [["-q", "-v", "info", "app.json"], ["--debug", "info", "app.json", "-q"]])
def test_quiet_and_verbose_contradict_each_other(words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "contradict each other" in result.stderr


def test_verbose_tells_every_request_without_its_secrets(site: Site) -> None:
    result = run("info", "-v", site.url, "--header", "X-Key: hidden", "--auth", "ada:hidden")
    requests = [line for line in result.stderr.splitlines() if ": HTTP " in line]
    assert [line.split(" ")[1:3] for line in requests][:1] == [["GET", f"{site.url}/config:"]]
    assert len(requests) == len(site.asked)
    assert "hidden" not in result.output
    assert ": HTTP " not in run("info", site.url).stderr


def test_verbose_cuts_no_list_short(folder: Path) -> None:
    many = [endpoint(f"e{n}", [], [value()]) for n in range(30)]
    strange = documents(OLD, *many)
    assert strange.info is not None
    for name, one in strange.info["named_endpoints"].items():
        one["returns"] = one["returns"] if name == "/greet" else "none"
    text = json.dumps({"config": strange.config, "info": strange.info, "openapi": None})
    (folder / "strange.json").write_text(text)
    assert "-v shows all" in run("strange.json", "--name", "s").stderr
    assert run("strange.json", "--name", "s", "-v").stderr.count("left out") == 30


@pytest.mark.parametrize(
    ("words", "environment", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color=always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_colours_are_as_they_are_wanted(
    words: list[str], environment: dict[str, str], coloured: bool, place: str
) -> None:
    both = [*words, "app.json"] if place == "before" else ["app.json", *words]
    assert ("\x1b[" in run(*both, "--name", "one", "--force", env=environment).stdout) == coloured


def test_a_colour_that_there_is_not() -> None:
    assert run("--color", "pink", "info", "app.json").exit_code == 2


@pytest.mark.parametrize(("source", "code"), [(NEW, 0), (endpoint("other", [], [value()]), 1)])
def test_what_is_not_read_to_its_end_ends_as_it_would(folder: Path, source: Any, code: int) -> None:
    for number in range(4):
        generate("app.json", name=f"p{number}")
    save(folder / "app.json", source)
    words = [*SPACEGEN, "check", "--jobs", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # as `| head -0` does
        assert process.stderr.read() == b""
    assert process.returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "--json"],
        ["info", "app.json"],
        ["fetch", "app.json", "-o", "-"],
        ["tools", "one"],
        ["completion", "bash"],
    ],
)
def test_a_full_disk_is_no_finding(words: list[str]) -> None:
    generate("app.json", name="one")
    with Path("/dev/full").open("w") as full:
        result = subprocess.run([*SPACEGEN, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "spacegen: error: Cannot write to standard output: No space left on device.\n"


def test_plain_lines_have_no_codes_of_colours() -> None:
    [heading, plain, *_] = run("--color", "always", "info", "app.json").stdout.splitlines()
    assert heading.startswith("\x1b[1m")
    assert "\x1b" not in plain


def test_an_update_nobody_reads_updates_all(folder: Path) -> None:
    written = [generate("app.json", name=f"p{number}").folder for number in range(3)]
    save(folder / "app.json", NEW)
    with subprocess.Popen([*SPACEGEN, "update"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == 0
    assert all("tone" in (package / "endpoints.py").read_text() for package in written)


def test_info_of_a_package_is_what_was_written(folder: Path) -> None:
    written = generate("app.json", name="one").folder
    (folder / "app.json").unlink()
    for source in ("one", "one/spacegen.json"):
        assert "greet(name: str) -> str" in run("info", source).stdout
    assert json.loads(run("info", "one", "--json").stdout)["endpoints"][0]["function"] == "greet"
    for words in ([str(written)], ["fetch", "one", "-o", "x.json"], ["one/spacegen.json"]):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "spacegen update" in result.stderr


def test_documents_go_to_standard_output(folder: Path) -> None:
    result = run("fetch", "app.json", "-o", "-")
    assert result.stderr == ""
    assert json.loads(result.stdout)["info"] == json.loads((folder / "app.json").read_text())["info"]
    (folder / "again.json").write_text(result.stdout)
    assert "greet(" in run("info", "again.json").stdout


@pytest.mark.parametrize("words", [["app.json", "-o", "-"], ["adopt", "app.py", "-o", "-"]])
def test_a_package_does_not_go_to_standard_output(folder: Path, words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "name a folder" in result.stderr
    assert not (folder / "-").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["info", "URL"],
        ["fetch", "URL", "-o", "docs.json"],
        ["generate", "URL", "--name", "one"],
        ["call", "URL", "/greet", "name=Ada"],
        ["adopt", "code.py", "--source", "me/app=URL"],
        ["check", "there", "--origin", "URL"],
        ["update", "there", "--origin", "URL"],
        ["check", "URL", "--origin", "URL"],
    ],
    ids=" ".join,
)
def test_a_user_and_a_password_in_an_address_open_a_gateway(site: Site, folder: Path, words: list[str]) -> None:
    site.routes = guarded(serving(documents(OLD)))
    generate(site.url, name="there", auth=("ada", "secret"))
    (folder / "code.py").write_text(
        'from gradio_client import Client\nClient("me/app").predict(api_name="/greet")\n'
    )
    site.asked.clear()
    let_in = run(*(word.replace("URL", site.url.replace("//", "//ada:secret@")) for word in words))
    assert site.asked
    assert all(asked.headers.get("authorization") for asked in site.asked)
    assert "gateway" not in let_in.output
    assert "secret" not in let_in.output
