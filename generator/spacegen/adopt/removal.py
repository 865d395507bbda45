"""Removes statements from a text, with their whole lines if nothing else is on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import libcst as cst

from spacegen.adopt.edits import Edit
from spacegen.adopt.module import Module


def remove_statements(module: Module, statements: Iterable[cst.CSTNode]) -> list[Edit]:
    """Return the edits that remove simple statements; a block that would be empty gets a `pass`."""
    gone = list(dict.fromkeys(statements))
    lines = {module.parent(one) for one in gone if not module.same_line_as_block(one)}
    return [edit for one in gone for edit in _remove(module, one, lines)]


def _remove(module: Module, statement: cst.CSTNode, lines: set[cst.CSTNode | None]) -> Iterator[Edit]:
    line = module.parent(statement)
    if module.same_line_as_block(statement) or line is None:
        yield _from_line(module, statement)
        return
    block = module.block(line)
    becomes_empty = isinstance(module.parent(line), cst.IndentedBlock) and all(one in lines for one in block)
    if becomes_empty and block[0] is line:
        yield Edit(*module.span(statement), text="pass")
        return
    end = _next_line(module.text, module.line_end(module.span(statement)[1]))
    yield Edit(_without_blank_lines(module.text, module.line_start(statement), end), end)


def remove_lines(module: Module, first: cst.CSTNode, last: cst.CSTNode) -> Edit:
    """Return the edits that remove whole lines, with the blank lines before them."""
    end = _next_line(module.text, module.line_end(module.span(last)[1]))
    return Edit(_without_blank_lines(module.text, module.line_start(first), end), end)


def _from_line(module: Module, statement: cst.CSTNode) -> Edit:
    """Take one of several statements out of a line; one that is alone behind a colon becomes `pass`."""
    line = module.parent(statement)
    body: list[cst.CSTNode] = (
        list(line.body) if isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite)) else []
    )
    number = body.index(statement)
    if number + 1 < len(body):
        return Edit(module.span(statement)[0], module.span(body[number + 1])[0])
    return Edit(*module.span(statement), text="pass")


def _next_line(text: str, end: int) -> int:
    match = re.compile(r"\r\n|\n|\r").match(text, end)
    return match.end() if match else end


def _without_blank_lines(text: str, start: int, end: int) -> int:
    """Where blank lines stand on both sides, take those before as well."""
    if not re.compile(r"[ \t]*(?:\r\n|\n|\r)").match(text, end):
        return start
    before = re.search(r"(?:(?:\r\n|\n|\r)[ \t]*)+\Z", text[:start])
    if before is None:
        return start
    return _next_line(text, before.start())
