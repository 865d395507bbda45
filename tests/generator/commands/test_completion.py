"""What shells complete: commands by click, and what a package knows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from spacegen.commands import main as cli

EXAMPLES = Path(__file__).resolve().parents[3] / "generated_examples"
PROGRAM = (
    "#!/bin/sh\nexec '{}' -c 'from spacegen.commands.main import main; main(prog_name=\"spacegen\")' \"$@\"\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with packages in it, and the command on the path."""
    shutil.copytree(EXAMPLES / "text_app", tmp_path / "src/text_app")
    shutil.copytree(EXAMPLES / "files_app", tmp_path / "files_app")
    (tmp_path / ".hidden").mkdir()
    shutil.copytree(EXAMPLES / "chat_app", tmp_path / ".hidden/chat_app")
    program = tmp_path / ".bin/spacegen"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fish(*words: str) -> list[str]:
    """What click answers a shell that sends the words as they are; the last one is not finished."""
    env = {
        "_SPACEGEN_COMPLETE": "fish_complete",
        "COMP_WORDS": " ".join(["spacegen", *words]),
        "COMP_CWORD": words[-1],
    }
    result = CliRunner().invoke(cli.main, [], prog_name="spacegen", env=env, complete_var="_SPACEGEN_COMPLETE")
    assert result.exit_code == 0, result.output
    return [line.partition(",")[2].partition("\t")[0] for line in result.stdout.splitlines() if line]


def bash(line: str) -> list[str]:
    """What bash itself makes of a line when the tab key is pressed at its end."""
    script = CliRunner().invoke(cli.main, ["completion", "bash"]).stdout
    words = line.replace("=", " = ").split()  # COMP_WORDBREAKS has `=`
    if line.endswith(" "):
        words.append("")
    quoted = " ".join(f'"{word}"' for word in words)
    driver = (
        f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}\n"
        'compopt() { printf "%s\\n" "compopt $1 $2"; }\n'
        '_spacegen_completion spacegen; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", driver], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell: str) -> None:
    result = CliRunner().invoke(cli.main, ["completion", shell])
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"_SPACEGEN_COMPLETE={shell}_complete" in result.stdout
    assert ("nospace" in result.stdout) == (shell != "fish")
    assert CliRunner().invoke(cli.main, ["completion", "tcsh"]).exit_code == 2


def test_commands_and_options() -> None:
    assert fish("c") == ["call", "check", "completion"]
    assert "--json" in fish("search", "x", "--")
    assert "--name" in fish("owner/space", "--")


def test_packages() -> None:
    assert fish("call", "") == ["files_app", "src/text_app", ""]
    assert fish("call", "src")[:-1] == ["src/text_app"]


def test_endpoints() -> None:
    assert fish("call", "src/text_app", "/") == [
        *("/echo", "/fast", "/greet", "/order", "/defaults", "/add", "/swap", "/forget", "/hello"),
    ]
    assert fish("call", "src/text_app", "gr") == ["/greet"]
    assert fish("call", "src/text_app/spacegen.json", "/gr") == ["/greet"]
    assert fish("call", "owner/space", "/") == []


def test_names_and_values() -> None:
    order = ("call", "src/text_app", "/order")
    assert fish(*order, "") == ["size=", "count=", "extras="]
    assert fish(*order, "s") == ["size="]
    assert fish(*order, "size=small", "") == ["count=", "extras="]
    assert fish(*order, "extras=milk", "") == ["size=", "count=", "extras="]
    assert fish(*order, "size=") == ["size=small", "size=large"]
    assert fish(*order, "count=") == ["count=1", "count=2", "count=3"]
    assert fish("call", "src/text_app", "greet", "excited=t") == ["excited=true"]
    assert fish("call", "src/text_app", "/echo", "text=") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_itself() -> None:
    assert bash("spacegen dupl") == ["duplicate"]
    assert bash("spacegen call src/text_app /gr") == ["/greet"]
    order = "spacegen call src/text_app /order "
    assert bash(order + "si") == ["compopt -o nospace", "size="]
    assert bash(order + "size=") == ["small", "large"]
    assert bash(order + "size=sm") == ["small"]
    assert bash(order + "size=small count=") == ["1", "2", "3"]


def test_words_of_strangers_never_run(here: Path) -> None:
    manifest = json.loads((here / "src/text_app/spacegen.json").read_text())
    evil = ["$(touch owned)", "`touch owned`", "a;b", "a b", "a\nb", "'", "fine"]
    manifest["endpoints"] = {
        "/$(touch owned)": manifest["endpoints"]["/echo"],
        "/order": {"description": "\x1b[2J\n$(x)", "parameters": [{"argument": "size", "choices": evil}, 3]},
        "/odd": [],
    }
    (here / "src/text_app/spacegen.json").write_text(json.dumps(manifest))
    assert fish("call", "src/text_app", "/") == ["/order"]
    assert fish("call", "src/text_app", "/order", "size=") == ["size=fine"]


@pytest.mark.parametrize("text", ["", "{}", "[]", "[" * 100_000, '{"endpoints": []}', "\x00"])
def test_damaged_packages(here: Path, text: str) -> None:
    (here / "src/text_app/spacegen.json").write_text(text)
    assert fish("call", "src/text_app", "/") == []
