"""No word of a Space reaches a terminal, or the log of a CI service, as anything but text."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from spacegen.commands import main as program
from spacegen.fetching.documents import Documents
from support.documents import documents, endpoint, value
from support.drawn import examples

PIECES = [
    "::error file=a::b",
    "##[error]x",
    "##VSO[task.setvariable]",
    "\x1b[31m",
    "\x9b2J",
    "\x07",
    "\r",
    "\n",
    "é",
]
WORDS = st.lists(st.sampled_from([*PIECES, "\u202e", "\u2028", "\x00", "a", " ", "x" * 90]), max_size=5).map(
    "".join
)
SCHEMAS = st.sampled_from(
    [{"type": "string"}, {"type": "number"}, {"type": "object", "properties": {"a": {}}}, {}]
)
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.IGNORECASE | re.MULTILINE)


@st.composite
def spaces(draw: st.DrawFn) -> Documents:
    """A Space whose every word is an attack on the screen."""
    sides = [[_value(draw, f"v{at}") for at in range(draw(st.integers(0, 2)))] for _ in "io"]
    name = draw(WORDS) or "run"
    one = endpoint(name, *sides, said={"description": draw(WORDS)}, api_description=draw(WORDS))
    return documents(one, endpoint("kept", [value("a")], [value()]), title=draw(WORDS))


def _value(draw: st.DrawFn, name: str) -> Any:
    words = [draw(WORDS) for _ in range(3)]
    choices = [[words[0], words[1]], [words[1], words[2]]]
    props = {"choices": choices} if draw(st.booleans()) else {}
    said = {"label": words[0], "component": draw(st.sampled_from(["Dropdown", "Textbox", words[2]]))}
    return value(draw(st.sampled_from([name, words[1]])), draw(SCHEMAS), props=props, default=words[2], **said)


def printed(*words: str) -> str:
    """All that a command prints, without the colours that the command itself gives it."""
    done = CliRunner().invoke(program.main, [*words], env={"NO_COLOR": "1", "COLUMNS": "120"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


def harmless(text: str) -> None:
    assert [one for one in text if not one.isprintable() and one != "\n"] == []
    assert COMMAND.findall(text) == []


def saved(path: Path, given: Documents) -> str:
    path.write_text(json.dumps({"config": given.config, "info": given.info, "openapi": None}))
    return str(path)


@pytest.mark.parametrize("in_a_log", [False, True])
@settings(phases=[Phase.generate], max_examples=examples(6))
@given(before=spaces(), after=spaces())
def test_no_command_reaches_a_terminal_or_a_log(in_a_log: bool, before: Documents, after: Documents) -> None:
    """GitHub's own annotations, which `check` prints there, are ours: one a line, and none is in another."""
    log = {"GITHUB_ACTIONS": "true"} if in_a_log else {}
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict("os.environ", log):
        source = saved(Path(folder, "docs.json"), before)
        for words in (["info", source], ["info", source, "--json"], [source, "-o", folder, "--name", "stub"]):
            harmless(printed(*words))
        for words in ([], ["/kept"], ["/kept", "b=1"], ["/kept", "a=1"], ["nothing"]):
            harmless(printed("call", source, *words))  # there is no app to call: it says so, or what is wrong
        saved(Path(folder, "docs.json"), after)
        for command in ("check", "update"):
            for json_too in ([], ["--json"]):
                more = ["--dry-run"] if command == "update" else []
                said = printed(command, str(Path(folder, "stub")), *more, *json_too)
                ours = re.compile(r"^::(error|warning|notice) file=[^:\n]*,title=[^:\n]*::", re.MULTILINE)
                harmless(ours.sub("", said) if in_a_log and command == "check" else said)


@settings(phases=[Phase.generate], max_examples=examples(30))
@given(st.lists(st.lists(WORDS, min_size=6, max_size=6), max_size=3))
def test_no_answer_of_the_hub_reaches_a_terminal(found: list[list[str]]) -> None:
    answer = [
        {
            "id": f"{id_}/{id_}",
            "title": title,
            "ai_short_description": said,
            "shortDescription": said,
            "sdk": "gradio",
            "likes": 1,
            "runtime": {"stage": stage, "hardware": {"current": hardware}},
            "semanticRelevancyScore": 0.5,
            "author": author,
        }
        for id_, title, said, stage, hardware, author in found
    ]
    with mock.patch("spacegen.fetching.hub.ask", return_value=answer):
        for more in ([], ["--json"]):
            harmless(printed("search", "words", *more))
