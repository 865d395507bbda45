"""One Client was one session; if its Space keeps state, its calls share a session again."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

import libcst as cst

from spacegen.adopt.edits import Edit, apply
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line as Python counts them: a form feed ends none."""
_AGAIN = (cst.For, cst.While, cst.FunctionDef)
_MAYBE = (*_AGAIN, cst.If, cst.ExceptHandler, cst.MatchCase)


def can_wrap(module: Module, site: CallSite) -> bool:
    """Tell whether `with client:` can go around the statement of a call."""
    statement = module.small_statement(site.node)
    if statement is None or module.same_line_as_block(statement):
        return False
    if any(isinstance(one, cst.Yield) for one in module.walk(statement)):
        return False  # the session would stay open in the code that takes the value
    return not any(isinstance(one, (cst.Lambda, cst.GeneratorExp)) for one in _up_to(module, site.node, statement))


def goes_on(module: Module, maker: cst.CSTNode, sites: Iterable[CallSite]) -> bool:
    """Tell whether the session of a Client is entered by several blocks, or by one that may run again for it.

    The server would take the end of the first block for the end of the session.
    """
    blocks = _blocks(module, sites)
    again = _nearest(module, blocks[0][0], _AGAIN)
    return len(blocks) > 1 or (again is not None and _nearest(module, maker, _MAYBE) is not again)


def wrap(module: Module, sites: Iterable[CallSite], edits: list[Edit]) -> list[Edit]:
    """Put the statements of calls that need their session into `with` blocks; neighbours share one."""
    for block in _blocks(module, sites):
        first, last, session = block
        start = module.line_start(first)
        end = module.line_end(module.span(last)[1])
        inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
        edits = [edit for edit in edits if edit not in inside]
        indent = module.indent(first)
        text = apply(module.text[start:end], inside, offset=start)
        deeper = _indented(text, indent, module.tree.default_indent)
        edits.append(Edit(start, end, text=f"{indent}with {session}:{module.newline}{deeper}"))
    return edits


def _nearest(module: Module, node: cst.CSTNode, kinds: tuple[type[cst.CSTNode], ...]) -> cst.CSTNode | None:
    return next((one for one in module.above(node) if isinstance(one, kinds)), None)


def _blocks(module: Module, sites: Iterable[CallSite]) -> list[tuple[cst.CSTNode, cst.CSTNode, str]]:
    blocks: list[tuple[cst.CSTNode, cst.CSTNode, str]] = []
    for site in sorted(sites, key=lambda one: module.span(one.node)):
        small = module.small_statement(site.node)
        line = module.parent(small) if small is not None else None
        if line is None:
            continue
        session = module.code(site.method.value)
        if blocks:
            first, last, before = blocks[-1]
            if last is line:
                continue
            neighbours = module.block(last)
            follows = last in neighbours and neighbours.index(last) + 1 < len(neighbours)
            if session == before and follows and neighbours[neighbours.index(last) + 1] is line:
                blocks[-1] = (first, line, session)
                continue
        blocks.append((line, line, session))
    return blocks


def _indented(text: str, indent: str, step: str) -> str:
    """Indent lines by one step, but not those inside of a text that goes over several."""
    fixed: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(_dedented(text)).readline):
            if token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
                fixed.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        fixed.update(range(2, text.count("\n") + 2))
    lines = _LINE.findall(text)
    return "".join(
        line if number in fixed or not line.strip() else _deeper(line, indent, step)
        for number, line in enumerate(lines, 1)
    )


def _deeper(line: str, indent: str, step: str) -> str:
    return f"{indent}{step}{line.removeprefix(indent)}" if line.startswith(indent) else f"{step}{line}"


def _dedented(text: str) -> str:
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    return "".join(line.removeprefix(indent) for line in _LINE.findall(text))


def _up_to(module: Module, node: cst.CSTNode, statement: cst.CSTNode) -> list[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    for one in module.above(node):
        if one is statement:
            break
        found.append(one)
    return found
