"""The picture of an editor shows what a language server says, and that of a terminal what the demo prints."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from spacegen.demo.run import STEPS
from tools import session
from tools.picture import PICTURE, draw


def test_the_picture_is_what_the_language_server_says() -> None:
    assert draw() == PICTURE.read_text(encoding="utf-8"), "draw it again: python tests/tools/picture.py"


@pytest.mark.parametrize("drawn", [PICTURE, session.PICTURE], ids=lambda path: path.stem)
def test_a_picture_is_small_and_stands_alone(drawn: Path) -> None:
    picture = drawn.read_text(encoding="utf-8")

    assert len(picture) < 40_000
    assert not re.search("href|url\\(h|@import|<script|@font-face", picture)


def test_the_terminal_shows_every_step_of_the_demo() -> None:
    drawn = re.sub("<[^>]+>", "", session.PICTURE.read_text(encoding="utf-8"))
    shown = re.sub(r"\s", "", html.unescape(drawn))

    for step in STEPS:
        assert "".join(step.title.split()) in shown
        for line in step.code.splitlines():
            assert "".join(line.split()) in shown
    assert "'hello-world'" in shown


def test_what_is_drawn_again_takes_the_place_of_what_was_there() -> None:
    sent = "one\r\n\x1b[?25l\x1b[1mtwo\x1b[0m\r\nthree\r\x1b[2K\x1b[1A\x1b[2K2\r\n3\r\n\x1b[?25h"

    assert session.on_the_screen(sent) == ["one", "2", "3", ""]
