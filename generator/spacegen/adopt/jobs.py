"""A job of `submit`: how a program uses it, and whether the package's job works the same."""

from __future__ import annotations

import libcst as cst

from spacegen import ir
from spacegen.adopt.edits import Edit
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.flows import Flow, follow
from spacegen.adopt.imports import uses_of_gradio
from spacegen.adopt.language import Path
from spacegen.adopt.module import Module
from spacegen.adopt.outcome import CannotDeliver, Outcome
from spacegen.adopt.uses import CallSite, uses_of

_SAME = frozenset({"cancel", "done", "exception", "add_done_callback"})
_STATUS_SAME = frozenset({"eta", "queue_size"})
_CLASSES = frozenset({"Job", "Status", "StatusUpdate"})
_ITERATE = frozenset({"list", "tuple", "enumerate", "iter", "next", "sorted", "set"})
_FUTURES = frozenset(
    {"asyncio.wrap_future", "concurrent.futures.wait", "concurrent.futures.as_completed", "asyncio.wait"}
)
_ON = (
    "`result`, `done`, `cancel`, `outputs` and loops work the same for the job that is passed on; "
    "`status()` does not"
)


class Jobs:
    """Plans the edits for the uses of one job."""

    def __init__(
        self, module: Module, site: CallSite, outcome: Outcome, endpoint: ir.Endpoint, elsewhere: Elsewhere
    ) -> None:
        self._module = module
        self._elsewhere = elsewhere
        self._site = site
        self._outcome = outcome
        self._endpoint = endpoint

    def plan(self) -> tuple[str, list[Edit]]:
        """Return how the endpoint is called (`.submit`, `.stream` or nothing), and the edits of all uses.

        Raises:
            CannotDeliver: The program uses the job in a way that would work differently.
        """
        node = self._site.node
        outer = self._module.parent(node)
        if isinstance(outer, cst.Attribute) and outer.attr.value == "result":
            call = self._module.parent(outer)
            if isinstance(call, cst.Call) and call.func is outer:
                return self._at_once(call)
        if self._loops(node):
            self._must_be_same("goes through its steps")
            return ".stream", []
        flow = follow(self._module, node)
        self._check_shared(flow)
        alone = uses_of(self._module, outer.targets[0].target) if isinstance(outer, cst.Assign) else None
        edits = [
            edit for place, path in flow.ends for edit in self._use(place, path, alone=place in (alone or ()))
        ]
        return ".submit", edits

    def _check_shared(self, flow: Flow) -> None:
        """Leave a job that other code may use as a job of gradio_client."""
        for name, is_attribute in sorted(flow.shared):
            other = self._elsewhere.reads(name) if is_attribute else self._elsewhere.takes(name)
            if other is not None:
                raise CannotDeliver(f"its job is in {name}, which {other} uses too")
        for node in uses_of_gradio(self._module, _CLASSES):
            code = self._module.code(node)
            raise CannotDeliver(
                f"the code names the type {code} of gradio_client, and its job would have another type"
            )

    def _at_once(self, call: cst.Call) -> tuple[str, list[Edit]]:
        """`client.submit(...).result()` is a plain call, unless it has a timeout."""
        if call.args:
            return ".submit", self._outcome.deliver(call, self._endpoint)
        node = self._site.node
        self._site.edits.append(Edit(self._module.outer_span(node)[1], self._module.span(call)[1]))
        return "", self._outcome.deliver(call, self._endpoint)

    def _use(self, node: cst.CSTNode, path: Path, *, alone: bool) -> list[Edit]:
        """One place that has the job; with `alone`, it cannot be another job."""
        outer = self._module.parent(node)
        if path:
            return self._handed_on(node)
        if isinstance(outer, cst.Attribute) and outer.value is node:
            return self._attribute(outer, alone=alone)
        if self._loops(node):
            self._must_be_same("goes through its steps")
            return []
        return self._handed_on(node)

    def _attribute(self, attribute: cst.Attribute, *, alone: bool) -> list[Edit]:
        name = attribute.attr.value
        call = self._module.parent(attribute)
        called = isinstance(call, cst.Call) and call.func is attribute
        if name in _SAME and called:
            return []
        if name == "outputs" and called:
            self._must_be_same("takes its steps")
            return []
        if name == "result" and isinstance(call, cst.Call) and called:
            if alone:
                return self._outcome.deliver(call, self._endpoint)
            self._must_be_same("is handed on")
            return []
        if name == "status" and isinstance(call, cst.Call) and called:
            return [edit for place, path in follow(self._module, call).ends for edit in self._status(place, path)]
        raise CannotDeliver(f"the package's jobs have no `{name}`")

    def _status(self, node: cst.CSTNode, path: Path) -> list[Edit]:
        outer = self._module.parent(node)
        if not path and isinstance(outer, cst.Attribute) and outer.value is node:
            if outer.attr.value in _STATUS_SAME:
                return []
            if outer.attr.value == "rank":
                return [Edit(*self._module.span(outer.attr), text="position")]
            raise CannotDeliver(f"a status has no `{outer.attr.value}`; it has `stage`, `position` and `progress`")
        raise CannotDeliver("a status has other fields: `stage`, `position`, `queue_size`, `eta` and `progress`")

    def _handed_on(self, node: cst.CSTNode) -> list[Edit]:
        self._must_be_same("is handed on")
        called = {
            self._module.imported(one.func)
            for one in self._module.walk(self._module.tree)
            if isinstance(one, cst.Call)
        }
        if called & _FUTURES:
            raise CannotDeliver("its job would not be a Future, and this file waits for Futures")
        if statuses := [
            one for one in self._module.attributes.get("status", ()) if self._module.imported(one) is None
        ]:
            line = self._module.line(statuses[0])
            raise CannotDeliver(
                f"its job is passed to code that is not read here, and line {line} may read its status"
            )
        if _ON not in self._site.use.notes:
            self._site.use.notes.append(_ON)
        return []

    def _loops(self, node: cst.CSTNode) -> bool:
        outer = self._module.parent(node)
        if isinstance(outer, (cst.For, cst.CompFor)):
            if outer.iter is node and outer.asynchronous is not None:
                raise CannotDeliver("`async for` over a job gives its messages; use `astream` for its steps")
            return outer.iter is node
        call = self._module.parent(outer) if isinstance(outer, cst.Arg) else None
        return isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in _ITERATE

    def _must_be_same(self, what: str) -> None:
        if not self._outcome.same(self._endpoint):
            raise CannotDeliver(f"its job {what}, where files came as paths and objects as dicts")


def leave_together(module: Module, sites: list[CallSite]) -> None:
    """Leave a job at a place that may also get a job which stays: code there cannot handle both kinds."""
    submits = [site for site in sites if site.kind == "submit" and not site.alone]
    places = {site: {node for node, _ in follow(module, site.node).ends} for site in submits}
    left = [site for site in submits if site.stays]
    while left:
        one = left.pop()
        for site in submits:
            if not site.stays and places[site] & places[one]:
                site.use.reasons.append(
                    f"its job is used in the same place as that of {one.use.code[:60]} , which stays as it is"
                )
                left.append(site)
