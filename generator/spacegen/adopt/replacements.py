"""Places that replace the value of a name, as tests do with mocks: `patch("app.Client")` and the like."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_BY_NAME = frozenset({"patch", "setattr", "delattr"})
_BY_METHOD = frozenset({"object", "multiple", "setitem", "dict"}) | _BY_NAME
_MODULES = "sys.modules"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One such place.

    Attributes:
        code: Its first line.
        names: The parts of what is replaced, from the outside: `app`, `Client`, `predict`.
    """

    code: str
    names: tuple[str, ...]


def find_replacements(text: str) -> list[Replacement]:
    """Return every place of a text that replaces something by name; none if the text is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    lines = re.split(r"\r\n?|\n", text)  # as Python counts them
    found = []
    for node in ast.walk(tree):
        for names in _replaced(node):
            line: int = getattr(node, "lineno", 1)
            found.append(Replacement(lines[line - 1].strip()[:80], names))
    return found


def _replaced(node: ast.AST) -> Iterator[tuple[str, ...]]:
    match node:
        case ast.Assign(targets=targets, value=value) if not _is_first_value(value):
            for target in targets:
                yield from _assigned(target)
        case ast.Call(func=ast.Name() | ast.Attribute() as func, args=args, keywords=keywords):
            if _last(func) not in (_BY_NAME if isinstance(func, ast.Name) else _BY_METHOD):
                return
            parts = [part for one in args[:2] for part in _parts(one)]
            given = {one.arg for one in keywords if one.arg}
            if _last(func) == "patch" and args:
                parts = _parts(args[0])
            if _last(func) in ("multiple", "dict") and args:
                for name in [*given, *(key for one in args[1:] for key in _keys(one))]:
                    yield (*_parts(args[0]), name)
            elif parts:
                yield tuple(parts)


def _is_first_value(value: ast.expr) -> bool:
    """Tell whether a value is none at all, or a Client itself."""
    client = isinstance(value, ast.Call) and _last(value.func) == "Client"
    return client or (isinstance(value, ast.Constant) and value.value is None)


def _assigned(target: ast.expr) -> Iterator[tuple[str, ...]]:
    """`app.client = ...`, and `sys.modules["gradio_client"] = ...`; not what an object gives to itself."""
    match target:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return
        case ast.Attribute(attr="return_value" | "side_effect"):
            return
        case ast.Attribute():
            yield tuple(_parts(target))
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name))) if ast.unparse(value) == _MODULES:
            yield (name,)


def _parts(node: ast.expr) -> list[str]:
    """Return the names in a dotted name, or in a text that is one."""
    match node:
        case ast.Constant(value=str(text)):
            return text.split(".")
        case ast.Name(id=name):
            return [name]
        case ast.Attribute(value=value, attr=name):
            return [*_parts(value), name]
        case ast.Call(func=func):
            return _parts(func)
        case _:
            return []


def _keys(node: ast.expr) -> list[str]:
    keys = node.keys if isinstance(node, ast.Dict) else []
    return [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
