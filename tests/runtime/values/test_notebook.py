"""Models show themselves as tables in a notebook, and nothing that a Space says is HTML there."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from spacegen_runtime import Model
from spacegen_runtime.values.notebook import LONGEST, MOST_COLUMNS, MOST_ROWS


class Table(Model):
    headers: list[Any]
    data: list[list[Any]]
    metadata: dict[str, Any] | None = None


class Label(Model):
    label: str | None = None
    confidence: float | None = None


class Page(HTMLParser):
    """Which tags a text has, and its cells row by row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def test_a_table_is_a_table() -> None:
    page = Page(Table(headers=["name", "n"], data=[["a", 1], ["b", None], ["only one"]])._repr_html_() or "")

    assert page.rows == [["name", "n"], ["a", "1"], ["b", ""], ["only one"]]


def test_another_model_is_a_table_of_its_fields() -> None:
    found = Label.model_validate({"label": "cat", "confidence": 0.5, "new": [1]})

    assert Page(found._repr_html_() or "").rows == [
        ["field", "value"],
        ["label", "cat"],
        ["confidence", "0.5"],
        ["new", "[1]"],
    ]


def test_what_is_large_is_cut_and_says_so() -> None:
    wide = [0] * (MOST_COLUMNS + 7)
    text = Table(headers=wide, data=[wide, ["x" * 10_000], *[[1]] * 2_000])._repr_html_() or ""
    rows = Page(text).rows

    assert "2,002 rows; the first 100 are shown" in text
    assert len(rows) == MOST_ROWS + 1
    assert rows[1][MOST_COLUMNS:] == ["\N{HORIZONTAL ELLIPSIS} 7 more"]
    assert len(rows[2][0]) == LONGEST + 1


@given(st.text(max_size=50), st.lists(st.lists(st.text(max_size=50), min_size=1), max_size=5))
def test_text_stays_text(header: str, data: list[list[str]]) -> None:
    text = (
        Table(headers=[header, "<script>alert(1)</script>"], data=data, metadata={header: 1})._repr_html_() or ""
    )
    page = Page(text.replace("\r", "\n"))

    assert page.tags <= {"table", "thead", "tbody", "tr", "td", "th"}
    assert page.rows[0] == [header.replace("\r", "\n"), "<script>alert(1)</script>"]
    assert page.rows[1:] == [[cell.replace("\r", "\n") for cell in row] for row in data]
