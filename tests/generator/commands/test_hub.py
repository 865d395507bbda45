"""`search` and `duplicate`, against a stand-in for the Hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from huggingface_hub import HfApi
from spacegen.commands import main as cli
from spacegen.hub import duplicate
from support.hub import Hub, Space
from support.servers import Servers

SPACEGEN = [sys.executable, "-c", "from spacegen.commands.main import main; main()"]


@pytest.fixture(autouse=True)
def spaces(hub: Hub) -> Hub:
    hub.users["hf_ada"] = "ada"
    hub.add(
        Space(id="bob/echo", title="Echo", description="Repeats a text", likes=7, hardware="zero-a10g"),
        Space(id="bob/loud-echo", title="Loud echo", description="Repeats a text in \x1b[2Jcapitals", likes=3),
        Space(id="bob/asleep", title="Echo of a text", stages=("SLEEPING",)),
        Space(id="bob/docs", title="Echo of a text", sdk="static"),
        Space(id="ada/secret", title="Echo of a text", private=True),
        Space(id="bob/gated", title="Gated", gated=True),
    )
    return hub


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(cli.main, words, prog_name="spacegen", **options)


def test_search_prints_ids_that_are_sources() -> None:
    result = run("search", "echo", "text", "capitals")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["bob/loud-echo", "bob/echo"]
    assert lines[1] == "bob/echo  Repeats a text"
    assert "\x1b" not in result.stdout


def test_search_limit_and_json() -> None:
    result = run("search", "echo text capitals", "--limit", "1", "--json")
    assert json.loads(result.stdout) == [
        {
            "id": "bob/loud-echo",
            "title": "Loud echo",
            "description": "Repeats a text in [2Jcapitals",
            "likes": 3,
            "stage": "RUNNING",
            "hardware": "cpu-basic",
            "score": 1.0,
        }
    ]


def test_search_finds_nothing() -> None:
    assert run("search", "violin").stdout == "Nothing found.\n"
    assert json.loads(run("search", "violin", "--json").stdout) == []


def test_search_sends_the_token(spaces: Hub) -> None:
    run("search", "echo")
    assert spaces.asked[-1].token is None
    run("search", "echo", "--token", "hf_ada")
    assert spaces.asked[-1].token == "hf_ada"
    result = run("search", "echo", "--token", "hf_wrong")
    assert result.exit_code == 1
    assert result.stderr.startswith("spacegen: error: The Hub refuses the token (HTTP 401).")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([{"id": "a/b", "likes": None, "runtime": None, "title": ["x"]}, {"id": 3}, None], "a/b\n"),
        ({"error": "no"}, "did not answer with a list"),
    ],
)
def test_search_takes_what_comes(spaces: Hub, monkeypatch: pytest.MonkeyPatch, answer: Any, expected: str) -> None:
    monkeypatch.setattr(spaces, "answer", lambda *_: answer)
    assert expected in run("search", "echo").output


def test_search_without_a_hub(spaces: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    result = run("search", "echo")
    assert result.exit_code == 1
    assert "The Hub at http://127.0.0.1:9 cannot be reached" in result.stderr
    assert result.stderr.count("\n") == 1


def test_search_wants_words() -> None:
    assert run("search").exit_code == 2
    assert run("search", "x", "--limit", "0").exit_code == 2


def test_in_a_process_of_its_own(spaces: Hub) -> None:
    environment = {**os.environ, **spaces.environment()}
    done = subprocess.run([*SPACEGEN, "search", "echo"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "bob/echo  Repeats a text" in done.stdout


def test_duplicate(spaces: Hub) -> None:
    result = run("duplicate", "bob/loud-echo", "--token", "hf_ada")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "Duplicated bob/loud-echo to ada/loud-echo (private)",
        f"It is being built: {spaces.url}/spaces/ada/loud-echo",
        "",
        "To make a package of bob/loud-echo call the copy, use one of",
        "    export SPACEGEN_LOUD_ECHO_SOURCE=ada/loud-echo",
        '    from loud_echo import space; space.configure("ada/loud-echo")',
    ]
    assert spaces.spaces["ada/loud-echo"].private


def test_every_option_of_duplicate_arrives(spaces: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_ada")
    monkeypatch.setenv("API_KEY", "s3cret")
    words = ["--to", "mine", "--public", "--hardware", "t4-small", "--secret", "API_KEY", "--secret", "A=b=c"]
    result = run("duplicate", "https://huggingface.co/spaces/bob/echo", *words, "--variable", "MODE=fast")
    assert result.exit_code == 0, result.output
    assert "to ada/mine (public)" in result.stdout
    assert "s3cret" not in result.output
    copy = spaces.spaces["ada/mine"]
    assert (copy.private, copy.hardware) == (False, "t4-small")
    assert copy.secrets == {"API_KEY": "s3cret", "A": "b=c"}
    assert copy.variables == {"MODE": "fast"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bob/echo"], "Duplicating needs a token with write access. Pass --token"),
        (["bob/echo", "--token", "hf_wrong"], "The Hub refuses the token (HTTP 401)"),
        (
            ["bob/none", "--token", "hf_ada"],
            "There is no Space bob/none on the Hub, or this token may not see it.",
        ),
        (["bob/echo", "--token", "hf_ada", "--to", "secret"], "You already have a Space with that name."),
        (
            ["bob/echo", "--token", "hf_ada", "--to", "bob/x"],
            "don't have the rights to create a space under bob/x",
        ),
        (["bob/gated", "--token", "hf_ada"], "The Hub refuses to duplicate bob/gated: Access to space"),
        (["http://127.0.0.1:7860"], "only Spaces on the Hub can be duplicated. Give owner/space."),
    ],
)
def test_what_cannot_be_duplicated(words: list[str], expected: str) -> None:
    result = run("duplicate", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_interrupted_duplicate_does_not_claim_that_nothing_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(duplicate, "duplicate", interrupted)
    result = run("duplicate", "ada/tts")
    assert result.exit_code == 130
    assert result.stderr == "spacegen: interrupted; the copy may exist already, look at your Spaces on the Hub\n"


@pytest.mark.parametrize("pair", ["=x", "NOT_SET_ANYWHERE", "two words=x"])
def test_a_secret_needs_a_name_and_a_value(pair: str) -> None:
    result = run("duplicate", "bob/echo", "--secret", pair)
    assert result.exit_code == 2
    assert "--secret" in result.stderr


def test_older_versions_of_the_hubs_library(spaces: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def duplicate_space(self: HfApi, from_id: str, **options: Any) -> str:
        assert options.get("to_id", "x/y").count("/") == 1  # which it checks, None included
        options = {name.replace("hardware", "space_hardware"): value for name, value in options.items()}
        return str(self.duplicate_repo(from_id, repo_type="space", **options))

    monkeypatch.setattr(HfApi, "duplicate_space", duplicate_space, raising=False)
    assert duplicate.duplicate("bob/echo", to="old", hardware="t4-small", token="hf_ada").id == "ada/old"
    assert spaces.spaces["ada/old"].hardware == "t4-small"
    assert duplicate.duplicate("bob/echo", token="hf_ada").id == "ada/echo"


def test_a_package_finds_the_copy(server: Servers, spaces: Hub, tmp_path: Path) -> None:
    """What `duplicate` prints is what a package understands."""
    written = run("generate", server("text").url, "-o", str(tmp_path), "--name", "echo")
    assert written.exit_code == 0, written.output
    shown = run("duplicate", "bob/echo", "--token", "hf_ada").stdout.splitlines()
    variable, _, value = shown[-2].strip().removeprefix("export ").partition("=")
    code = "from echo import space; print(space.base_url)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    for source, extra in ((code, {variable: value}), (shown[-1].strip() + "; print(space.base_url)", {})):
        done = subprocess.run(
            [sys.executable, "-c", source], env={**environment, **extra}, capture_output=True, text=True
        )
        assert done.stdout == "https://ada-echo.hf.space\n", done.stderr
    with httpx.Client() as client:  # and without either, the app that it was written from
        here = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert client.get(here.stdout.strip() + "/config").status_code == 200
