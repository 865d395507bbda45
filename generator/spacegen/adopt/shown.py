"""Places that turn a whole result into text: a NamedTuple prints the names of its fields, a tuple does not."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import Assignment

from spacegen.adopt.calls import passed_to
from spacegen.adopt.flows import follow
from spacegen.adopt.language import COPIES
from spacegen.adopt.module import Module, assigned_value

TABLES = frozenset({"DataFrame", "from_records", "LazyFrame", "Table"})
"""What makes columns of the names of fields."""
_TEXTS = frozenset({"print", "str", "repr", "format", "pprint.pprint", "pprint.pformat", "rich.print", "ascii"})
_LOGS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log", "write", "echo", "format"})
_NEVER = COPIES | frozenset(
    {"len", "isinstance", "enumerate", "zip", "json.dumps", "json.dump"}
    | {"append", "extend", "put", "put_nowait", "add", "index", "count", "writerow", "writerows"}
)


def shown(module: Module, node: cst.CSTNode) -> tuple[list[cst.CSTNode], list[str]]:
    """Return where a value becomes a text, and the calls that get it, alone or in a container, out of sight.

    Where it is not sure that such a place has this value and no other, the place is the value's own.
    """
    flow = follow(module, node, copies=False)
    places, lost = [], []
    for place in flow.held:
        outer = module.parent(place)
        name = passed_to(module, outer)
        if isinstance(outer, cst.FormattedStringExpression) or name in _TEXTS or _last(name) in _LOGS:
            places.append(place)
    if not all(_is_only(module, place, node) for place in places):
        return [node], []
    for place, _ in flow.ends:
        name = passed_to(module, module.parent(place))
        if name and place not in places and not {name, _last(name)} & _NEVER:
            lost.append(name.splitlines()[0][:60])
    return sorted(places, key=module.span), list(dict.fromkeys(lost))


def _is_only(module: Module, place: cst.CSTNode, origin: cst.CSTNode) -> bool:
    """Tell whether an expression is a value for sure: itself, or what gets it and nothing else."""
    given: cst.CSTNode | None = place
    if isinstance(place, cst.Call) and place is not origin:
        given = _returned(module, place.func)
    if isinstance(given, cst.Name):
        target = _meaning(module, given)
        given = assigned_value(module, target) if target is not None else None
    return given is origin or (isinstance(given, cst.NamedExpr) and given.value is origin)


def _meaning(module: Module, name: cst.CSTNode) -> cst.CSTNode | None:
    """Return what gives a name its value, if it is one thing only."""
    meanings = (
        [*module.meanings(name)] if isinstance(name, cst.Name) and name.value not in module.uncounted else []
    )
    return meanings[0].node if len(meanings) == 1 and isinstance(meanings[0], Assignment) else None


def _returned(module: Module, called: cst.CSTNode) -> cst.CSTNode | None:
    """Return what a function returns, if it has one `return` only, at its end."""
    function = _meaning(module, called)
    if not isinstance(function, cst.FunctionDef) or function.asynchronous is not None:
        return None
    last = function.body.body[-1]
    last = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    inside = [one for one in module.walk(function.body) if isinstance(one, (cst.Return, cst.Yield))]
    return last.value if isinstance(last, cst.Return) and inside == [last] else None


def _last(name: str) -> str:
    return name.rpartition(".")[2]
