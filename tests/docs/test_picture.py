"""The picture of an editor shows what a language server says today."""

from __future__ import annotations

from tools.picture import PICTURE, draw


def test_the_picture_is_what_the_language_server_says() -> None:
    assert draw() == PICTURE.read_text(encoding="utf-8"), "draw it again: python tests/tools/picture.py"


def test_the_picture_is_small_and_stands_alone() -> None:
    picture = PICTURE.read_text(encoding="utf-8")

    assert len(picture) < 20_000
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")
