"""`handle_file` outside of calls: it becomes `FileData.of`, unless a call that is left needs it as it is."""

from __future__ import annotations

import libcst as cst

from spacegen.adopt.arguments import file_edits
from spacegen.adopt.edits import Edit
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite, find_files, uses_of


class SharedFiles:
    """Plans the files that have a name of their own, and leaves the calls that cannot go without one that stays.

    Attributes:
        edits: The edits.
        consumed: Names of gradio_client that are gone then.
    """

    def __init__(self, module: Module, sites: list[CallSite]) -> None:
        self._module = module
        self._sites = sites
        self.edits: list[Edit] = []
        self.consumed: set[cst.CSTNode] = set()

    def plan(self) -> None:
        """Plan all of them; a call that is left now may leave others."""
        inside = {
            one for site in self._sites for argument in site.arguments for one in self._module.walk(argument)
        }
        loose = [call for call in find_files(self._module) if call not in inside]
        while True:
            moving = self._moving()
            done = {call for call in loose if (users := self._users(call)) is not None and users <= moving}
            for site in self._sites:
                mine = set(self._module.walk(site.node))
                stuck = [call for call in loose if call not in done and (self._users(call) or set()) & mine]
                if stuck and not site.stays:
                    site.use.reasons.append("a file of it also goes to a place that is left")
            if moving == self._moving():
                break
        for call in done:
            self.edits += file_edits(self._module, call, plain=False)
            self.consumed |= set(self._module.walk(call.func))

    def _moving(self) -> set[cst.CSTNode]:
        return {one for site in self._sites if not site.stays for one in self._module.walk(site.node)}

    def _users(self, call: cst.Call) -> set[cst.CSTNode] | None:
        """Return every use of the name that holds a file, or None where it goes elsewhere."""
        outer = self._module.parent(call)
        if not isinstance(outer, cst.Assign) or len(outer.targets) != 1:
            return None
        uses = uses_of(self._module, outer.targets[0].target)
        return None if uses is None else set(uses)
