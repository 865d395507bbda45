"""Names that hold results and other values: if their types differ, a type checker needs `Any` as annotation."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import Assignment

from spacegen import ir
from spacegen.adopt.edits import Edit
from spacegen.adopt.flows import follow
from spacegen.adopt.kinds import kinds_of, kinds_of_target
from spacegen.adopt.marks import ANY
from spacegen.adopt.module import Module, assigned_value
from spacegen.adopt.uses import CallSite
from spacegen.rendering.annotations import result_type

_Target = cst.Name | cst.Attribute
_WORDS = {word: frozenset({word}) for word in ("str", "int", "float", "bool")} | {"FileData": frozenset({"str"})}
_STATEMENTS = (cst.Assign, cst.AugAssign)


def keep_types(module: Module, sites: list[CallSite]) -> list[Edit]:
    """Return annotations for names that get values of several types, each where the name gets its first value.

    A call whose name cannot be annotated like this is left.
    """
    ours = {site.node: site for site in sites if not site.stays}
    staying = {site.node for site in sites if site.stays}
    edits: dict[cst.CSTNode, Edit] = {}
    for site in ours.values():
        for target, direct in _targets(module, site.node):
            nodes = _places(module, target)
            if len(nodes) < 2 or nodes[0] in edits:
                continue
            kinds = {_kind(module, node, ours) for node in nodes}
            if len(kinds) == 1 and None not in kinds:
                continue
            if not direct and not ("int" in kinds and _is_number(site)):
                continue
            first = _first(module, nodes[0], target)
            if first is not None and not any(one in staying for one in module.walk(first)):
                end = module.span(nodes[0])[1]
                edits[nodes[0]] = Edit(end, end, 0, f": {ANY}")
            elif first is None and None not in kinds and not isinstance(module.parent(nodes[0]), cst.AnnAssign):
                code = module.code(target)
                site.use.reasons.append(f"{code} gets values of other types too, which cannot be declared there")
        for name, kind in _displays(module, site):
            end = module.span(name)[1]
            edits.setdefault(name, Edit(end, end, 0, f": {kind}"))
    return list(edits.values())


def _displays(module: Module, site: CallSite) -> Iterator[tuple[cst.Name, str]]:
    """Yield names of lists and dicts that hold other values when a result is put into them, and their types."""
    endpoint = site.bound.endpoint
    same = _WORDS.get(_result(endpoint)) if endpoint is not None and site.kind == "predict" else None
    for target, given, path in follow(module, _whole(module, site.node), counts=True).stored:
        places = _places(module, target) if isinstance(target, cst.Name) and len(path) == 1 else []
        value = assigned_value(module, places[0]) if places else None
        if not isinstance(places[0] if places else None, cst.Name) or not isinstance(value, (cst.List, cst.Dict)):
            continue
        inner = [kinds_of(module, element.value) for element in value.elements]
        first = _first(module, places[0], target) if isinstance(target, cst.Name) else None
        if first is None or not inner or module.scope(places[0]) is not module.scope(target):
            continue
        if given is value:
            continue  # a type checker sees the result among the others
        if any(one is None or one != same for one in inner):
            said = [one.key for one in value.elements if isinstance(one, cst.DictElement)]
            keys = "str" if all(isinstance(one, cst.SimpleString) for one in said) else ANY
            name = cst.ensure_type(places[0], cst.Name)
            yield name, f"dict[{keys}, {ANY}]" if isinstance(value, cst.Dict) else f"list[{ANY}]"


def _whole(module: Module, node: cst.CSTNode) -> cst.CSTNode:
    """Return the expression that takes a part of a result: `client.submit(...).result()[0]`."""
    for outer in module.above(node):
        part = isinstance(outer, (cst.Subscript, cst.Attribute)) and outer.value is node
        called = isinstance(outer, cst.Call) and outer.func is node
        if not part and not called and not isinstance(outer, cst.Await):
            break
        node = outer
    return node


def _is_number(site: CallSite) -> bool:
    endpoint = site.bound.endpoint
    return endpoint is not None and any(isinstance(one.type, ir.Real) for one in endpoint.outputs)


def _first(module: Module, node: cst.CSTNode, target: _Target) -> cst.Assign | None:
    """Return the statement that gives a name its first value, where an annotation can stand in it."""
    outer = module.parent(node)
    statement = module.parent(outer) if isinstance(outer, cst.AssignTarget) else None
    same_scope = isinstance(target, cst.Attribute) or module.scope(node) is module.scope(target)
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1 and same_scope:
        return None if _is_of_outside(module, node) else statement
    return None


def _is_of_outside(module: Module, node: cst.CSTNode) -> bool:
    """Tell whether a function says `global` or `nonlocal` of a name: Python takes no annotation there."""
    function = module.function(node)
    names = [
        item.name.value
        for one in (module.walk(function) if function is not None else ())
        if isinstance(one, (cst.Global, cst.Nonlocal)) and module.function(one) is function
        for item in one.names
    ]
    return isinstance(node, cst.Name) and node.value in names


def _targets(module: Module, node: cst.CSTNode) -> list[tuple[_Target, bool]]:
    """Return the names and attributes of `self` that get the result of a call, or what is computed from it."""
    around = (one for one in module.above(node) if isinstance(one, (*_STATEMENTS, cst.BaseStatement)))
    statement = next(around, None)
    if not isinstance(statement, _STATEMENTS):
        return []
    targets: list[cst.CSTNode] = [statement.target] if isinstance(statement, cst.AugAssign) else []
    targets += [one.target for one in statement.targets] if isinstance(statement, cst.Assign) else []
    direct = targets if len(targets) == 1 else []
    stored = [one for one, _, path in follow(module, statement.value, counts=True).stored if not path]
    found = [*direct, *(one for one in stored if one not in targets)]
    return [(one, one in direct) for one in found if isinstance(one, _Target) and _is_followed(module, one)]


def _is_followed(module: Module, target: _Target) -> bool:
    return isinstance(target, cst.Name) or module.code(target.value) == "self"


def _places(module: Module, target: _Target) -> list[cst.CSTNode]:
    """Return every place that gives a name or an attribute of `self` its value, in the order of the text."""
    if isinstance(target, cst.Name):
        scope = module.scope(target)
        meanings = scope[target.value] if scope is not None else ()
        nodes = [one.node for one in meanings if isinstance(one, Assignment)]
    else:
        owner = module.class_of(target)
        nodes = [
            one
            for one in module.walk(owner or module.tree)
            if isinstance(one, cst.Attribute)
            and isinstance(module.parent(one), (cst.AssignTarget, cst.AnnAssign, cst.AugAssign))
            and module.code(one) == module.code(target)
        ]
        if owner is not None and any(_declares(module, one, target) for one in owner.body.body):
            return []
    return sorted(nodes, key=module.span)


def _declares(module: Module, statement: cst.CSTNode, target: cst.Attribute) -> bool:
    """Tell whether the body of a class gives the attribute its type."""
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    return isinstance(small, (cst.Assign, cst.AnnAssign)) and any(
        isinstance(one, cst.Name) and one.value == target.attr.value for one in module.walk(small)
    )


def _kind(module: Module, node: cst.CSTNode, ours: dict[cst.Call, CallSite]) -> str | None:
    """Return a text that is the same for values of the same type, or None where only a type checker knows."""
    outer = module.parent(node)
    statement = module.parent(outer) if isinstance(outer, cst.AssignTarget) else outer
    value = statement.value if isinstance(statement, _STATEMENTS) else None
    if isinstance(value, cst.Call) and value in ours:
        site = ours[value]
        if site.bound.endpoint is None or site.kind == "submit":
            return None
        return _result(site.bound.endpoint)
    kinds = kinds_of(module, value) if value is not None else kinds_of_target(module, node)
    return next(iter(kinds)) if kinds is not None and len(kinds) == 1 else None


def _result(endpoint: ir.Endpoint) -> str:
    if endpoint.result is not None:
        return str(endpoint.result)
    return str(result_type(endpoint.outputs[0].type)) if endpoint.outputs else "None"
