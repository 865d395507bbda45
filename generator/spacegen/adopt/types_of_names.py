"""Names that hold results of several calls: where their types differ, a type checker wants `Any` said."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import Assignment

from spacegen import ir
from spacegen.adopt.edits import Edit
from spacegen.adopt.marks import ANY
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite
from spacegen.rendering.annotations import result_type


def keep_types(module: Module, sites: list[CallSite]) -> list[Edit]:
    """Return annotations for names that get results of several types, each where the name gets its first value."""
    ours = {site.node: site for site in sites}
    edits: dict[cst.CSTNode, Edit] = {}
    for site in sites:
        target = _target(module, site.node)
        nodes = _places(module, target) if target is not None else []
        if target is None or len(nodes) < 2 or nodes[0] in edits:
            continue
        kinds = {_kind(module, node, ours) for node in nodes}
        if len(kinds) == 1 and None not in kinds:
            continue
        first = module.parent(nodes[0])
        statement = module.parent(first) if isinstance(first, cst.AssignTarget) else None
        same_scope = isinstance(target, cst.Attribute) or module.scope(nodes[0]) is module.scope(target)
        if isinstance(statement, cst.Assign) and len(statement.targets) == 1 and same_scope:
            end = module.span(nodes[0])[1]
            edits[nodes[0]] = Edit(end, end, 0, f": {ANY}")
    return list(edits.values())


def _places(module: Module, target: cst.Name | cst.Attribute) -> list[cst.CSTNode]:
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
            and isinstance(module.parent(one), (cst.AssignTarget, cst.AnnAssign))
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


def _target(module: Module, node: cst.CSTNode) -> cst.Name | cst.Attribute | None:
    """Return the name, or the attribute of `self`, that gets the result of a call."""
    for outer in module.above(node):
        if isinstance(outer, cst.Assign):
            target = outer.targets[0].target
            if len(outer.targets) != 1:
                return None
            if isinstance(target, cst.Attribute) and module.code(target.value) == "self":
                return target
            return target if isinstance(target, cst.Name) else None
        if isinstance(outer, cst.BaseStatement):
            return None
    return None


def _kind(module: Module, node: cst.CSTNode, ours: dict[cst.Call, CallSite]) -> str | None:
    """Return a text that is the same for results of the same type, or None where only a type checker knows."""
    assign = module.parent(module.parent(node) or node)
    if not isinstance(assign, cst.Assign):
        return None
    if isinstance(assign.value, cst.Call) and assign.value in ours:
        site = ours[assign.value]
        if site.bound.endpoint is None or site.kind == "submit":
            return None
        return _result(site.bound.endpoint)
    return None


def _result(endpoint: ir.Endpoint) -> str:
    if endpoint.result is not None:
        return str(endpoint.result)
    return str(result_type(endpoint.outputs[0].type)) if endpoint.outputs else "None"
