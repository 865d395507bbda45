"""Places that turn a whole result into text: a NamedTuple prints the names of its fields, a tuple does not."""

from __future__ import annotations

import libcst as cst

from spacegen.adopt.calls import passed_to
from spacegen.adopt.flows import follow
from spacegen.adopt.module import Module

TABLES = frozenset({"DataFrame", "from_records", "LazyFrame", "Table"})
"""What makes columns of the names of fields."""
_TEXTS = frozenset({"print", "str", "repr", "format", "pprint.pprint", "pprint.pformat", "rich.print", "ascii"})
_LOGS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log", "write", "echo", "format"})
_NEVER = frozenset(
    {"len", "list", "tuple", "isinstance", "iter", "enumerate", "zip", "set", "sorted", "json.dumps", "json.dump"}
    | {"append", "extend", "put", "put_nowait", "add", "index", "count", "writerow", "writerows"}
)


def shown(module: Module, node: cst.CSTNode) -> tuple[list[cst.CSTNode], list[str]]:
    """Return where a value becomes a text, and the calls that get it, alone or in a container, out of sight."""
    flow = follow(module, node)
    places, lost = [], []
    for place in flow.held:
        outer = module.parent(place)
        name = passed_to(module, outer)
        if isinstance(outer, cst.FormattedStringExpression) or name in _TEXTS or _last(name) in _LOGS:
            places.append(place)
    for place, _ in flow.ends:
        name = passed_to(module, module.parent(place))
        if name and place not in places and not {name, _last(name)} & _NEVER:
            lost.append(name.splitlines()[0][:60])
    return sorted(places, key=module.span), list(dict.fromkeys(lost))


def _last(name: str) -> str:
    return name.rpartition(".")[2]
