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
    edits = []
    ours = {site.node: site for site in sites}
    seen: set[tuple[int, str]] = set()
    for site in sites:
        target = _target(module, site.node)
        scope = module.scope(target) if target is not None else None
        if target is None or scope is None or (id(scope), target.value) in seen:
            continue
        seen.add((id(scope), target.value))
        meanings = [one for one in scope[target.value] if isinstance(one, Assignment)]
        nodes = sorted((one.node for one in meanings), key=lambda node: module.span(node))
        if len(nodes) < 2:
            continue
        kinds = {_kind(module, node, ours) for node in nodes}
        first = module.parent(nodes[0])
        if len(kinds) == 1 and None not in kinds:
            continue
        statement = module.parent(first) if isinstance(first, cst.AssignTarget) else None
        if isinstance(statement, cst.Assign) and len(statement.targets) == 1 and module.scope(nodes[0]) is scope:
            end = module.span(nodes[0])[1]
            edits.append(Edit(end, end, 0, f": {ANY}"))
    return edits


def _target(module: Module, node: cst.CSTNode) -> cst.Name | None:
    """Return the name that gets the result of a call."""
    for outer in module.above(node):
        if isinstance(outer, cst.Assign):
            target = outer.targets[0].target
            return target if len(outer.targets) == 1 and isinstance(target, cst.Name) else None
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
