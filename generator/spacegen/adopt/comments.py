"""Comments at the places that a person must look at; an existing comment is not repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from spacegen.adopt.edits import Edit
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite

MARK = "# spacegen adopt:"
_OURS = re.compile(r"[ \t]*# spacegen adopt:[^\r\n]*(?:\r\n|\r|\n)")


def comment_edits(module: Module, sites: Iterable[CallSite]) -> list[Edit]:
    """Return the edits that add a comment above every call that stays, and remove outdated comments."""
    wanted: dict[int, list[str]] = {}
    indents: dict[int, str] = {}
    for site in sites:
        if site.use.unread:
            continue  # that passes, and says nothing of the code; it is told on the screen
        line = _line_of(module, site.method if site.alone else site.node)
        if line is None:
            continue
        start = module.line_start(line)
        texts = wanted.setdefault(start, [])
        indents[start] = module.indent(line)
        texts += [text for text in (*site.use.wrong, *site.use.reasons) if text not in texts]
    edits = []
    for start, texts in wanted.items():
        above = _above(module.text, start)
        said = "; ".join(" ".join(text.split()) for text in texts)
        comment = f"{indents[start]}{MARK} {said}{module.newline}" if texts else ""
        if module.text[above:start] != comment:
            edits.append(Edit(above, start, -40, comment))
    return edits


def _line_of(module: Module, node: cst.CSTNode) -> cst.CSTNode | None:
    """Return the statement that starts the line on which a call's statement starts."""
    inner = node
    for outer in module.above(node):
        if isinstance(inner, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            first = module.text[module.line_start(inner) : module.span(inner)[0]]
            if not first.strip():
                return inner
        inner = outer
    return None


def _above(text: str, start: int) -> int:
    """Return where the comments of spacegen directly above a line start."""
    while True:
        before = max(text.rfind("\n", 0, max(start - 1, 0)), text.rfind("\r", 0, max(start - 2, 0))) + 1
        if start == 0 or not _OURS.fullmatch(text[before:start]):
            return start
        start = before
