"""Text of a Space as plain text: no markup, no control or bidirectional characters, limited length."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

_ELEMENTS = """
    a abbr article aside audio b bdi big blockquote body br button center cite code dd del details div dl dt em
    figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins kbd li main mark nav
    ol p path picture pre q s samp script section small span strike strong style sub summary sup svg table tbody td
    tfoot th thead tr tt u ul video wbr
"""
"""Elements of HTML, except those that people write as a placeholder for a word, such as `<title>`.

`Vec<int>` and `<user>` are text. A Markdown parser treats these as HTML too, and takes a hundred times as long.
"""
# Each of these takes time in proportion to the text: the search for an end stops where the next one begins.
_TAG = re.compile(
    rf"<(?:!--(?:(?!<!--).)*?--|/?(?:{'|'.join(_ELEMENTS.split())})(?:[\s/][^<>]{{0,500}})?)>",
    re.DOTALL | re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)((?:(?!\1)[^*`\n]){1,300})(?<=\S)\1(?!\w)")
_MARKUP = frozenset("<[*_`#&")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE)
_LONGEST = 2000
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u3164\uffa0"
    "\ufe00-\ufe0d\ufff0-\ufff8\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable although they are invisible.

Many of them in a row can carry a message.
"""
STRAY_SELECTORS = re.compile("(?:^|(?<=[\x00-\x7f\ufe0e\ufe0f]))[\ufe0e\ufe0f]+")
"""A variation selector without an emoji before it, or a repeated one."""


def plain(text: Any, limit: int = _LONGEST) -> str:
    """Return one line of printable text; a label may also be an i18n object, or not be text at all."""
    if isinstance(text, dict):
        text = _translated(text)
    if not isinstance(text, str):
        return ""
    return _plain(text[: 4 * limit], limit)


@lru_cache(maxsize=512)  # one component's text may belong to thousands of inputs
def _plain(text: str, limit: int) -> str:
    if not _MARKUP.isdisjoint(text):
        text = _unescaped(_TAG.sub(" ", text))
        text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _HEADING.sub("", text)))
    return shorten(printable(text), limit)


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # "&#" and more digits than Python reads
        return text


def printable(text: str) -> str:
    """Collapse white space and drop invisible characters, such as control and bidirectional characters."""
    words = " ".join(text.split())
    if words.isascii() and words.isprintable():
        return words
    return STRAY_SELECTORS.sub("", "".join(filter(is_printable, words)))


def is_printable(text: str) -> bool:
    """Return whether a whole text may be in source unescaped; the answer is the same in every supported Python."""
    if not text.isprintable() and not all(one.isprintable() or _is_of_the_future(one) for one in text):
        return False
    return text.isascii() or _BLANK.search(text) is None


def is_encodable(text: str) -> bool:
    """Tell whether a text can be sent and saved: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_of_the_future(letter: str) -> bool:
    # Each Python knows the emoji of its own time; the planes above the first hold little else to come.
    return "\U00010000" <= letter < "\U000e0000" and unicodedata.category(letter) == "Cn"


def shorten(text: str, limit: int) -> str:
    """Cut text to a limit, with an ellipsis if something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def as_json(value: Any, limit: int = 80) -> str | None:
    """Return a value as one short line of JSON for people, or None where it is too long for that."""
    text = json.dumps(value, ensure_ascii=False)
    return printable(text) if len(text) <= limit else None


def _translated(label: dict[Any, Any]) -> Any:
    # gr.I18n: {"__type__": "translation_metadata", "key": "greeting", "translations": {"en": {...}}}
    key = label.get("key")
    translations = label.get("translations")
    english = translations.get("en") if isinstance(translations, dict) else None
    if isinstance(english, dict):
        return english.get(key, key)
    return english if isinstance(english, str) else key


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is closest to a misspelt one, or None if none is close."""
    import difflib

    return next(iter(difflib.get_close_matches(name, [*known], n=1)), None)


def did_you_mean(name: str, known: Sequence[str], most: int = 8) -> str:
    """Say which name was probably meant, or which names exist if none is close."""
    close = closest(name, known)
    return (
        f"did you mean {close}?" if close else f"there are {some_of(known, most)}" if known else "there are none"
    )


def some_of(texts: Sequence[str], most: int, between: str = ", ") -> str:
    """Return texts as a list for people, and how many were left out: `a, b and 3 more`."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return between.join(texts[:most]) + more
