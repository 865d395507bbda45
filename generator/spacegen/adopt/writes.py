"""Places that give a name, an attribute or an item another value, or change the value itself."""

from __future__ import annotations

import libcst as cst

from spacegen.adopt.module import Module

_CHANGES = frozenset({"append", "extend", "insert", "remove", "pop", "popitem", "clear", "reverse", "sort"})
_CHANGES |= {"update", "setdefault", "add", "discard", "__setitem__"}


def is_target(module: Module, node: cst.CSTNode) -> bool:
    """Tell whether an expression is assigned to or deleted, alone or among others: `a.b, c = ...`, `a.b += 1`."""
    inner = node
    outer = module.parent(node)
    while isinstance(outer, (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
        inner, outer = outer, module.parent(outer)
    match outer:
        case cst.AssignTarget() | cst.Del() | cst.AsName():
            return True
        case cst.AugAssign(target=target) | cst.AnnAssign(target=target):
            return target is inner
        case cst.For(target=target) | cst.CompFor(target=target):
            return target is inner
        case _:
            return False


def is_read(module: Module, node: cst.CSTNode) -> bool:
    """Tell whether a use of a list's or dict's name only reads: `**name`, `name["key"]` and `print(name)`."""
    outer = module.parent(node)
    if isinstance(outer, cst.Arg):
        call = module.parent(outer)
        return outer.star == "**" or (isinstance(call, cst.Call) and module.code(call.func) in ("print", "len"))
    if not isinstance(outer, cst.Subscript) or outer.value is not node:
        return False
    item: cst.CSTNode = outer
    while isinstance(above := module.parent(item), cst.Subscript) and above.value is item:
        item = above
    changed = isinstance(above, cst.Attribute) and above.attr.value in _CHANGES
    return not changed and not is_target(module, item)


def sets_any(module: Module, name: str) -> bool:
    """Tell whether a `setattr` or `delattr` of the file may set an attribute."""
    for one in module.walk(module.tree):
        if isinstance(one, cst.Call) and module.code(one.func) in ("setattr", "delattr", "object.__setattr__"):
            said = one.args[1].value if len(one.args) > 1 else None
            if not isinstance(said, cst.SimpleString) or said.evaluated_value == name:
                return True
    return False
