"""Whether a file still says what spacegen wrote, even if git or a formatter changed its style.

A Python file is compared by its syntax tree and its comments, any other file by its text. So line endings, quotes,
the length of lines and the order of imports do not count as an edit. The tree is read from bytes, as Python reads
a module: a comment in it can name another encoding.
"""

from __future__ import annotations

import ast
import hashlib
import re
from functools import cache
from typing import Any

_STRING_OR_COMMENT = re.compile(
    rb"""(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|#([^\r\n]*)""",
    re.DOTALL,
)
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores", "type_params"})
"""Fields of a tree that say nothing in a package, or that not every version of Python has."""


def digest_of(name: str, content: bytes, tree: ast.Module | None = None) -> str:
    """Return the digest of a file for `spacegen.json`; `tree` is its syntax tree, if that is known."""
    said = _said(content, tree) if name.endswith(".py") else None
    if said is None:
        return f"sha256:{hashlib.sha256(_unix(content)).hexdigest()}"
    return f"syntax:{hashlib.sha256(chr(10).join(said).encode('utf-8', 'backslashreplace')).hexdigest()}"


def is_same(name: str, one: bytes, other: bytes, *, docstring: bool = True) -> bool:
    """Return whether two files have the same meaning; without `docstring`, the module's docstring may differ."""
    if _unix(one) == _unix(other):
        return True
    if not name.endswith(".py"):
        return False
    first, second = _said(one, docstring=docstring), _said(other, docstring=docstring)
    return first is not None and first == second


def _unix(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def _said(content: bytes, tree: ast.Module | None = None, *, docstring: bool = True) -> list[str] | None:
    """Return the contents of a module for comparison, or None if it is not valid Python."""
    try:
        body = (tree or ast.parse(content)).body
        if not docstring and ast.get_docstring(ast.Module(body, [])) is not None:
            body = body[1:]
        comments = sorted(repr(found[1].strip()) for found in _STRING_OR_COMMENT.finditer(content) if found[1])
        return [*_block(body), *comments]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _block(body: list[ast.stmt]) -> list[str]:
    """Return the contents of each statement.

    Neighbouring imports are sorted, one line for each name, because some tools write them like this.
    """
    said: list[str] = []
    imports: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            where = f"import {statement.level} {statement.module}"
            imports |= {f"{where} {alias.name} {alias.asname}" for alias in statement.names}
            continue
        said += sorted(imports)
        imports.clear()
        if isinstance(statement, ast.If):
            said += [
                f"if {_text(statement.test)}",
                *_block(statement.body),
                "else",
                *_block(statement.orelse),
                "end",
            ]
        else:
            said.append(_text(statement))
    return [*said, *sorted(imports)]


def _text(part: Any) -> str:
    """Return a part of a tree as text, the same in every version of Python."""
    if isinstance(part, list):
        return f"[{','.join(map(_text, part))}]"
    if not isinstance(part, ast.AST):
        return repr(part)
    if isinstance(part, ast.Constant):
        return repr(part.value)
    if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str):
        return repr([line.strip() for line in part.value.value.strip().splitlines()])  # a docstring
    said = ",".join([_text(getattr(part, name)) for name in _telling(part._fields)])
    return f"{type(part).__name__}({said})"


@cache
def _telling(fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in fields if name not in _SILENT)
