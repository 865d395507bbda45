"""What Python itself does with a value: its operators, built-in functions, and the methods of its containers."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import libcst as cst

Path: TypeAlias = tuple[str | None, ...]
"""The steps from an expression to the value: a key where the code says it, else None. `()` is the value itself."""

VALUE = "\0value"
"""The step to the second of a pair: the value beside a key or a number."""

COPIES = frozenset({"list", "tuple", "set", "sorted", "reversed", "iter", "dict"})
"""What makes another container of the items of one."""
_AS_IT_IS = COPIES | {"copy.copy", "copy.deepcopy"}
_NUMBERS = frozenset({"max", "min", "sum", "abs"})
_PAIRS = frozenset({"enumerate", "zip"})
_SAFE = frozenset({"len", "bool", "id", "print", "gc.collect"})
_ADD = frozenset({"append", "add", "appendleft", "put", "put_nowait", "insert"})
_ALL = frozenset({"extend", "update", "extendleft"})
_TAKE = frozenset({"pop", "popleft", "get", "get_nowait", "setdefault", "__getitem__"})
_NO_VALUE = _ADD | _ALL | {"clear", "sort", "remove", "keys", "index", "count", "reverse", "task_done", "empty"}

_MATH = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)


def constant(node: cst.CSTNode) -> str | None:
    """Return the text that an expression is, if it is one."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def in_expression(outer: cst.CSTNode | None, node: cst.CSTNode, path: Path, *, counts: bool) -> bool | None:
    """Tell whether an expression or a statement around a value has the same value at the same place.

    Args:
        outer: What the value is a part of.
        node: The expression that holds the value.
        path: Where in it the value is.
        counts: Whether what is computed from a number is followed.

    Returns:
        False where the value goes no further; None where nobody can say.
    """
    match outer:
        case cst.IfExp() if outer.test is not node:
            return True
        case cst.BooleanOperation() | cst.Await():
            return True
        case cst.BinaryOperation(operator=operator) if path and isinstance(operator, (cst.Add, cst.BitOr)):
            return True
        case cst.BinaryOperation(operator=operator) if counts and isinstance(operator, _MATH):
            return True
        case cst.UnaryOperation(operator=cst.Minus()) if counts:
            return True
        case cst.IfExp() | cst.If() | cst.While() | cst.Assert() | cst.Expr() | cst.Del():
            return False
        case cst.UnaryOperation(operator=cst.Not()):
            return False
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.Is() | cst.IsNot())]):
            return False
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()) if path:
            return False
        case _:
            return None


def in_result(name: str, argument: cst.Arg, path: Path, *, counts: bool) -> list[Path] | None:
    """Return where the result of a built-in function has the value of an argument; nowhere is an empty list.

    Args:
        name: The function.
        argument: The argument that holds the value.
        path: Where in the argument it is.
        counts: Whether what is computed from a number is followed.

    Returns:
        The ways into the result, or None where the function is not one of these.
    """
    key = argument.keyword.value if argument.keyword is not None else None
    if name in _SAFE:
        return []
    if name in _AS_IT_IS and not argument.star:
        return [(key, *path) if key is not None else path]
    if name in _PAIRS and path and path[0] is None:
        return [(None, VALUE if name == "enumerate" else None, *path[1:])]
    if (counts and name in _NUMBERS) or (name == "next" and path):
        return [path[1:]]
    return None


class Put(NamedTuple):
    """Where a value is after a container's method was called with it; None where it is not.

    Attributes:
        inside: The way into the container.
        returned: The way into what the method returns.
    """

    inside: Path | None = None
    returned: Path | None = None


def in_container(method: str, call: cst.Call, argument: cst.Arg, path: Path) -> Put | None:
    """Return what `container.append(value)` and the like do with an argument; None for other methods."""
    is_default = call.args[-1] is argument and len(call.args) == 2
    if method in _ADD:
        return Put(inside=(None, *path))
    if method in _ALL:
        return Put(inside=path if argument.keyword is None else (argument.keyword.value, *path))
    if method == "setdefault" and is_default:
        return Put(inside=(constant(call.args[0].value), *path), returned=path)
    if method == "get" and is_default:
        return Put(returned=path)
    return None


def out_of_container(method: str, call: cst.Call, path: Path) -> list[Path] | None:
    """Return where the result of a container's method has a value that lies in the container.

    Returns:
        The ways into the result, none where it is not there; or None where nobody can say.
    """
    if method in ("values", "copy", "__iter__"):
        return [(None, *path[1:]) if method == "values" else path]
    if method == "items":
        return [(None, VALUE, *path[1:])]
    if method in _TAKE:
        return out_of_item(constant(call.args[0].value) if call.args else None, path)
    return [] if method in _NO_VALUE else None


def out_of_item(key: str | None, path: Path) -> list[Path]:
    """Return where in an item of a container the value is, of the item under a key; None is any key."""
    return [path[1:]] if path[0] is None or key is None or key == path[0] else []
