"""Words of a Space become one line of plain, printable, bounded text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen.text import STRAY_SELECTORS, _plain, as_json, is_printable, plain
from support.drawn import examples

# fmt: off
MARKUP = (
    "<!--", "-->", "<b", "<b ", "</a>", "<", ">", "[", "](", "![", ")", "**", "__", "*", "_", "`", "# ", "#", "\n",
    "&", "&#", "&#x", ";", "&lt;", "9" * 5000, "x", "x" * 298, " ",
)
# fmt: on


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  two\n lines\t here ", "two lines here"),
        ("<b>Bold</b> &amp; <script>alert(1)</script>", "Bold & alert(1)"),
        ("**Bold** and `code` and [link](https://example.org)", "Bold and code and link"),
        ("# Heading", "Heading"),
        ("a Vec<int> for <user> at <your name>", "a Vec<int> for <user> at <your name>"),
        ("<A HREF='x'>here</A><br/>now<!-- and --> then", "here now then"),
        ("a < b and c > d", "a < b and c > d"),
        ("snake_case_name * 2", "snake_case_name * 2"),
        ("left\u202eright\u0000\x1b[31mred", "leftright[31mred"),
        ("line\u2028separator", "line separator"),
        ({"key": "greeting", "_type": "translation_metadata"}, "greeting"),
        ({"key": "greeting", "translations": {"en": {"greeting": "Hello"}}}, "Hello"),
        (None, ""),
        (3, ""),
    ],
)
def test_plain(text: object, said: str) -> None:
    assert plain(text) == said


def test_long_text_ends_in_an_ellipsis() -> None:
    assert plain("x" * 100, 10) == "xxxxxxxxx…"


def test_json_that_is_too_long_is_left_out() -> None:
    assert as_json([1, "ü"]) == '[1, "ü"]'
    assert as_json("x" * 100) is None


@given(st.text())
def test_plain_is_printable_and_stable(text: str) -> None:
    said = plain(text)

    assert is_printable(said)
    assert STRAY_SELECTORS.search(said) is None
    assert "\n" not in said


@pytest.mark.parametrize(
    "letter", [*"\u034f\u115f\u1160\u17b4\u180b\u3164\uffa0\ufe00\ufe0d\u200b\u2062\U000e0041\U000e0100\U000e01ef"]
)
def test_what_nobody_sees_is_no_part_of_a_text(letter: str) -> None:
    assert plain(f"a{letter}b \u4e2d{letter}") == "ab \u4e2d"
    assert not is_printable(letter)


def test_a_selector_stays_once_and_beside_its_emoji() -> None:
    assert plain("\u2764\ufe0f\ufe0e\ufe0f a\ufe0fb\ufe0e") == "\u2764\ufe0f ab"
    assert plain("\ufe0f\ufe0fx") == "x"


def test_emoji_are_printable_in_every_python() -> None:
    # Of 2014, 2022 and 2024, when Python was 3.4, 3.11 and 3.13; the last two of the planes of those to come.
    assert plain("\U0001f600\U0001fae8\U0001fae9\U0001faff") == "\U0001f600\U0001fae8\U0001fae9\U0001faff"
    assert not any(map(is_printable, ["\U000e0041", "\ue000", "\u202e", "\ud800", "\xa0", "\u0378"]))


@settings(max_examples=examples(60))
@given(st.lists(st.sampled_from(MARKUP), min_size=1, max_size=3))
def test_markup_that_is_opened_and_never_closed_takes_time_in_proportion(parts: list[str]) -> None:
    unit = "".join(parts)
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    _plain.__wrapped__(text, len(text))

    assert time.process_time() - start < 5  # some 30 ms; minutes, where each place is looked at from each other
