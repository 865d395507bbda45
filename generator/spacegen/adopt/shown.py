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
    """Tell whether an expression is a value for sure: itself, or a name that gets it and nothing else."""
    given: cst.CSTNode | None = place
    if isinstance(place, cst.Name):
        meanings = [*module.meanings(place)]
        target = meanings[0] if len(meanings) == 1 and place.value not in module.matched else None
        given = assigned_value(module, target.node) if isinstance(target, Assignment) else None
    return given is origin or (isinstance(given, cst.NamedExpr) and given.value is origin)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
