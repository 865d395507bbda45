"""`handle_file` outside calls: it becomes `FileData.of` if the file only reaches calls that are rewritten."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from spacegen import ir
from spacegen.adopt.arguments import file_edits, files_in
from spacegen.adopt.declared import declared, takes_a_class
from spacegen.adopt.edits import Edit
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.flows import follow
from spacegen.adopt.kinds import kinds_of
from spacegen.adopt.language import Path
from spacegen.adopt.marks import FILE_DATA
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite, files_by_name, find_files

_TEXTS = frozenset({"str", "Path", "bytes", "None"})


@dataclass(slots=True, eq=False)
class _File:
    """One file of gradio_client, or several that one expression makes.

    Attributes:
        node: `handle_file(x)` or `map(handle_file, xs)`.
        edits: What makes files of spacegen of it.
        consumed: Its names of gradio_client.
        users: The calls that get it.
        lost: Why it is unclear where it goes, or None.
    """

    node: cst.CSTNode
    edits: list[Edit] = field(default_factory=list)
    consumed: set[cst.CSTNode] = field(default_factory=set)
    users: list[CallSite] = field(default_factory=list)
    lost: str | None = None


class SharedFiles:
    """Plans the files that are not made inside of a call, and leaves the calls that may get one that stays.

    Attributes:
        edits: The edits.
        consumed: Names of gradio_client that are no longer used then.
    """

    def __init__(self, module: Module, sites: list[CallSite], elsewhere: Elsewhere) -> None:
        self._module = module
        self._sites = sites
        self._elsewhere = elsewhere
        self._placed = {one for site in sites for one in files_in(module, site)}
        self._calls = {site.node for site in sites}
        self.edits: list[Edit] = []
        self.consumed: set[cst.CSTNode] = set()

    def plan(self) -> None:
        """Plan all of them; a call that is left now may leave others."""
        files = [_File(call) for call in find_files(self._module) if call not in self._placed]
        for file in files:
            self._follow_call(file)
        files += self._by_name()
        self._leave_unknown([file.lost for file in files if file.lost])
        changed = True
        while changed:
            changed = False
            for file in files:
                if file.lost is None and not any(site.stays for site in file.users):
                    continue
                for site in file.users:
                    if not site.stays:
                        why = file.lost or "another call that gets it stays as it is"
                        site.use.reasons.append(f"{self._shown(file.node)} stays as it is: {why}")
                        changed = True
        for file in files:
            if file.lost is None and file.users and not any(site.stays for site in file.users):
                self.edits += file.edits
                self.consumed |= file.consumed

    def _follow_call(self, file: _File) -> None:
        call = file.node
        assert isinstance(call, cst.Call)
        if len(call.args) != 1 or call.args[0].star:
            file.lost = "its arguments cannot be read"
        file.edits = file_edits(self._module, call, plain=False)
        file.consumed = set(self._module.walk(call.func))
        self._follow(file, ())

    def _by_name(self) -> list[_File]:
        """`map(handle_file, paths)`, and the function handed to others."""
        found = []
        for node in files_by_name(self._module):
            outer = self._module.parent(node)
            call = self._module.parent(outer) if isinstance(outer, cst.Arg) else None
            plain = isinstance(call, cst.Call) and call.args[0].value is node and len(call.args) == 2
            if isinstance(call, cst.Call) and plain and self._module.code(call.func) == "map":
                file = _File(call, [Edit(*self._module.outer_span(node), text=f"{FILE_DATA}.of")])
                file.consumed = set(self._module.walk(node))
                self._follow(file, (None,))
            else:
                file = _File(node, lost="the function itself is passed on")
            found.append(file)
        return found

    def _follow(self, file: _File, path: Path) -> None:
        flow = follow(self._module, file.node, path, stops=self._calls)
        for node, steps in flow.ends:
            site = self._user(node, steps)
            if site is None:
                code = self._shown(self._module.small_statement(node) or node)
                file.lost = file.lost or f"it is passed to code that is not read here: {code}"
            elif site not in file.users:
                file.users.append(site)
        for _, annotation in declared(self._module, flow):
            if not takes_a_class(annotation):
                file.lost = file.lost or f"the code declares it as {self._module.code(annotation)}"
        for name, is_attribute in sorted(flow.shared):
            other = self._elsewhere.reads(name) if is_attribute else self._elsewhere.takes(name)
            if other is not None:
                file.lost = file.lost or f"{other} uses {name} too"

    def _user(self, node: cst.CSTNode, path: Path) -> CallSite | None:
        """Return the call that a file is an argument of, at a place that takes files."""
        for site in self._sites:
            if site.stays and any(argument.value is node for argument in site.arguments):
                return site
            for argument, parameter in site.bound.parameters:
                if argument.value is node:
                    return site if _takes_files(parameter.type) else None
            for spread in site.bound.spread:
                if spread.argument.value is node and path and path[0] in spread.values:
                    return site
        return None

    def _leave_unknown(self, lost: list[str]) -> None:
        """If a file reaches code that is not read here, any call that takes a file may get it."""
        other = self._elsewhere.makes_files()
        why = lost[0] if lost else f"{other} makes files with gradio_client" if other else None
        if why is None:
            return
        for site in self._sites:
            for value, parameter in site.bound.values():
                if not site.stays and self._may_be_one(value, parameter.type):
                    site.use.reasons.append(f"{self._shown(value)} may be a file made by gradio_client: {why}")

    def _shown(self, node: cst.CSTNode) -> str:
        return self._module.code(node).splitlines()[0][:60]

    def _may_be_one(self, node: cst.BaseExpression, wanted: ir.TypeNode) -> bool:
        if not any(isinstance(one, ir.File) for one in ir.walk([wanted])):
            return False
        unknown = [one for one in _leaves(node) if one not in self._placed]
        return any(not (kinds_of(self._module, one) or {"?"}) <= _TEXTS for one in unknown)


def _takes_files(wanted: ir.TypeNode) -> bool:
    """Tell whether a file may be given somewhere in a value of a type."""
    return any(isinstance(one, (ir.File, ir.Anything, ir.ModelRef)) for one in ir.walk([wanted]))


def _leaves(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """Return the parts of a display that are none themselves."""
    match node:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
            return [leaf for element in node.elements for leaf in _leaves(element.value)]
        case cst.IfExp():
            return [*_leaves(node.body), *_leaves(node.orelse)]
        case _:
            return [node]
