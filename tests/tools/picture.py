"""Draws `docs/editor.svg`: what an editor shows of an example package, as pyright's language server tells it.

    python tests/tools/picture.py

Every word in a box is the server's own. A test draws the picture again and compares.
"""

from __future__ import annotations

import html
import re
import tempfile
import textwrap
from pathlib import Path

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String
from support.language_server import LanguageServer

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "editor.svg"
IMPORT = "from text_app import greet, order"
HOVERED = 'order("large", extras=["milk"])'
CHOOSING, READING, WRONG = 'order("', 'greet("Ada").', 'order("huge")'

_WIDTH, _ROW, _LETTER = 880, 22, 8.4  # pixels
_LEFT, _TOP = 64, 66  # where the code begins
_WIDEST = 88  # letters in a box
_STYLE = """\
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
text { fill: #1f2328 } .page { fill: #fff; stroke: #d1d9e0 }
.bar { fill: #f6f8fa } .box { fill: #f6f8fa; stroke: #c5ced7 }
.dim { fill: #6e7781 } .chosen { fill: #ddf4ff } .rule { stroke: #d1d9e0 } .cursor { fill: #0969da }
.wrong { fill: none; stroke: #cf222e; stroke-width: 1.3 } .error { fill: #cf222e }
.keyword { fill: #cf222e } .string { fill: #0a3069 } .number { fill: #0550ae }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .page { fill: #0d1117; stroke: #3d444d }
  .bar { fill: #151b23 } .box { fill: #1c232d; stroke: #4a5361 }
  .dim { fill: #8b949e } .chosen { fill: #1f3a5f } .rule { stroke: #3d444d } .cursor { fill: #58a6ff }
  .wrong { stroke: #ff7b72 } .error { fill: #ff7b72 }
  .keyword { fill: #ff7b72 } .string { fill: #a5d6ff } .number { fill: #79c0ff }
}
"""
_KINDS = {
    Keyword: "keyword",
    Operator.Word: "keyword",
    String: "string",
    Number: "number",
    Name.Builtin: "number",
    Comment: "dim",
    Punctuation: "",
}


def draw() -> str:
    """Ask the language server, and return the picture as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [ROOT / "generated_examples", ROOT / "runtime"]
        with LanguageServer(Path(folder).resolve(), paths) as server:
            return _Picture(server).svg()


class _Picture:
    """Goes down the page, row by row."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._row = 0.0
        self._number = 0
        self._parts: list[str] = []

    def svg(self) -> str:
        self._code(IMPORT)
        self._blank()
        self._hover()
        self._suggest(CHOOSING, width=26)
        self._suggest(READING, width=26)
        self._complain()
        height = _TOP + self._row * _ROW
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img">\n'
            "<title>An editor with a generated package: signature, choices, results and an error</title>\n"
            f"<style>\n{_STYLE}</style>\n"
            f'<rect class="page" x=".5" y=".5" width="{_WIDTH - 1}" height="{height - 1:g}" rx="10"/>\n'
            f'<path class="bar" d="M1 38V10a9 9 0 0 1 9-9h{_WIDTH - 20}a9 9 0 0 1 9 9v28z"/>\n'
            f'<path class="rule" d="M1 38.5h{_WIDTH - 2}"/>\n'
        )
        dots = "".join(f'<circle class="rule dim" cx="{x}" cy="20" r="5" opacity=".5"/>' for x in (22, 40, 58))
        return f"{head}{dots}\n{_text(84, 25, 'cafe.py')}\n" + "\n".join(self._parts) + "\n</svg>\n"

    def _open(self, line: str) -> str:
        return self._server.open(f"cafe_{self._number}.py", f"{IMPORT}\n{line}")

    def _hover(self) -> None:
        shown = self._server.hover(self._open(HOVERED), 1, 1)
        signature, _, words = shown.removeprefix("```python\n").partition("\n```\n---\n")
        self._chosen(_LEFT, _TOP + self._row * _ROW - 16, HOVERED.index("(") * _LETTER)
        self._code(HOVERED)
        first = _wrapped(signature)
        told = [line.rstrip() for line in html.unescape(words).replace("\N{NO-BREAK SPACE}", " ").split("\n")]
        top = self._box(0, len(first) + len(told) + 0.5, _WIDEST + 2)
        for line in first:
            self._line(1, line)
        rule = f"M{_LEFT} {top + len(first) * _ROW + 5:g}h{(_WIDEST + 2) * _LETTER:g}"
        self._parts.append(f'<path class="rule" d="{rule}"/>')
        self._row += 0.5
        for line in told:
            self._line(1, line, plain=True)
        self._blank()

    def _suggest(self, code: str, width: int) -> None:
        items = self._server.completions(self._open(code), 1, len(code))
        start = len(code) - (1 if code.endswith('"') else 0)
        # An editor ranks what the place itself calls for before what every tuple and every module has.
        best = [item["label"] for item in items if item["sortText"][:2] == items[0]["sortText"][:2]]
        self._code(code, cursor=True)
        top = self._box(start, len(best), width)
        self._chosen(_LEFT + start * _LETTER + 3, top + 2, width * _LETTER - 6)
        for label in best:
            self._line(start + 1, label)
        self._blank()

    def _complain(self) -> None:
        told = self._server.diagnostics(self._open(WRONG))
        [found] = [one for one in told if one["range"]["start"]["line"] == 1]
        start, end = (found["range"][edge]["character"] for edge in ("start", "end"))
        y = _TOP + self._row * _ROW + 4
        wave = "".join("q2 -3 4 0q2 3 4 0" for _ in range(round((end - start) * _LETTER / 8)))
        self._code(WRONG)
        self._parts.append(f'<path class="wrong" d="M{_LEFT + start * _LETTER:g} {y:g}{wave}"/>')
        message = textwrap.wrap(found["message"].split("\n")[0], _WIDEST)
        self._box(start, len(message) + 1, _WIDEST + 2)
        for line in message:
            self._line(start + 1, line, kind="error")
        self._line(start + 1, f"{found['source']} ({found['code']})", kind="dim")
        self._blank()

    def _code(self, code: str, *, cursor: bool = False) -> None:
        self._number += 1
        y = _TOP + self._row * _ROW
        self._parts.append(_text(_LEFT - 40, y, f"{self._number:>2}", "dim"))
        self._parts += _coloured(_LEFT, y, code)
        if cursor:
            x = _LEFT + len(code) * _LETTER
            self._parts.append(f'<rect class="cursor" x="{x:g}" y="{y - 14:g}" width="2" height="19"/>')
        self._row += 1

    def _line(self, column: int, line: str, *, kind: str = "", plain: bool = False) -> None:
        x, y = _LEFT + column * _LETTER, _TOP + self._row * _ROW
        self._parts += [_text(x, y, line, kind)] if kind or plain else _coloured(x, y, line)
        self._row += 1

    def _blank(self) -> None:
        self._row += 1

    def _chosen(self, x: float, y: float, width: float) -> None:
        self._parts.append(
            f'<rect class="chosen" x="{x:g}" y="{y:g}" width="{width:g}" height="{_ROW - 2}" rx="4"/>'
        )

    def _box(self, column: int, rows: float, width: int) -> float:
        top = _TOP + self._row * _ROW - 15
        x = _LEFT + column * _LETTER
        size = f'width="{width * _LETTER:g}" height="{rows * _ROW + 1:g}"'
        self._parts.append(f'<rect class="box" x="{x:g}" y="{top:g}" {size} rx="6"/>')
        return top


def _wrapped(signature: str) -> list[str]:
    """Break a signature where a parameter begins."""
    whole = re.sub(r" (?!\*|\w+: )", "\N{NO-BREAK SPACE}", signature)
    lines = textwrap.wrap(whole, _WIDEST, subsequent_indent="    ", break_long_words=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _coloured(x: float, y: float, code: str) -> list[str]:
    """Return source as pieces of text, each at its own place, so that any monospace font keeps the columns."""
    parts, column = [], 0
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        css = next((css for group, css in _KINDS.items() if kind in group), "")
        if text.strip():
            parts.append(_text(x + column * _LETTER, y, text, css))
        column += len(text)
    return parts


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    if not text.strip():
        return ""
    indent = len(text) - len(text.lstrip())
    place = f'x="{x + indent * _LETTER:g}" y="{y:g}" textLength="{len(text.strip()) * _LETTER:g}"'
    style = f' class="{kind}"' if kind else ""
    return f"<text {place}{style}>{html.escape(text.strip(), quote=False)}</text>"


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
