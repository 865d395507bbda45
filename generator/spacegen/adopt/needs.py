"""What needs a Client besides the rewritten calls: a name or an attribute that is read elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import Assignment, GlobalScope

from spacegen.adopt.clients import Clients
from spacegen.adopt.constants import bases_of
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.module import Module

_OUT_OF_SIGHT = "other code may import it from here"


class Needs:
    """Finds what still needs the name or attribute that holds a Client, in this file and in others."""

    def __init__(self, module: Module, clients: Clients, elsewhere: Elsewhere) -> None:
        self._module = module
        self._clients = clients
        self._elsewhere = elsewhere

    def of(
        self, statement: cst.CSTNode | None, holder: cst.BaseExpression | None, gone: set[cst.CSTNode]
    ) -> str | None:
        """Return what needs the Client that a statement creates, or None.

        Args:
            statement: What makes it.
            holder: The name or attribute that holds it then.
            gone: Places that no longer speak of it.
        """
        if isinstance(holder, cst.Name):
            if holder.value in self._elsewhere.mentioned:
                return f"{holder.value} is used in a line that only a notebook can run"
            if isinstance(statement, cst.AnnAssign):
                gone = gone | set(self._module.walk(statement.annotation))
            left, outside = self._of_name(holder), self._outside(holder)
        elif isinstance(holder, cst.Attribute):
            left, outside = self._of_attribute(holder), self._elsewhere.reads(holder.attr.value)
        else:
            return _OUT_OF_SIGHT
        lines = sorted(self._module.line(one) for one in left if one not in gone)
        if lines:
            return f"{self._module.code(holder)} is used in line {lines[0]} too"
        return f"{outside} uses {self._module.code(holder).removeprefix('self.')} too" if outside else None

    def _of_name(self, holder: cst.Name) -> Iterator[cst.CSTNode]:
        scope = self._module.scope(holder)
        for one in scope[holder.value] if scope else ():
            if isinstance(one, Assignment):
                if one.node is not holder and not self._makes(one.node):
                    yield one.node
                yield from (access.node for access in one.references)

    def _outside(self, holder: cst.Name) -> str | None:
        scope = self._module.scope(holder)
        if isinstance(scope, GlobalScope):
            return self._elsewhere.takes(holder.value)
        owner = self._module.class_of(holder) if self._module.function(holder) is None else None
        return self._elsewhere.reads(holder.value) if owner is not None else None

    def _of_attribute(self, holder: cst.Attribute) -> Iterator[cst.CSTNode]:
        owner = self._module.class_of(holder)
        for one in self._module.walk(self._module.tree):
            if not isinstance(one, cst.Attribute) or one.attr.value != holder.attr.value:
                continue
            if self._module.code(one) == self._module.code(holder) and self._module.class_of(one) is owner:
                target = isinstance(self._module.parent(one), (cst.AssignTarget, cst.AnnAssign))
                if one is not holder and not (target and self._makes(one)):
                    yield one
            elif self._may_be_ours(one, owner):
                yield one

    def _may_be_ours(self, node: cst.Attribute, owner: cst.ClassDef | None) -> bool:
        """Tell whether an attribute of the same name may be of the same object."""
        if self._module.imported(node.value) is not None:
            return False
        if not isinstance(node.value, cst.Name) or node.value.value not in ("self", "cls"):
            return True
        other = self._module.class_of(node)
        return other is not None and owner is not None and owner in bases_of(self._module, other)

    def _makes(self, target: cst.CSTNode) -> bool:
        outer = self._module.parent(target)
        outer = self._module.parent(outer) if isinstance(outer, cst.AssignTarget) and outer is not None else outer
        return isinstance(outer, (cst.Assign, cst.AnnAssign)) and outer.value in self._clients.made
