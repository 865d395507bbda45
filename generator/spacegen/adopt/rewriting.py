"""One call of a Client, rewritten as a call of the package: which function, in which way, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from spacegen import ir
from spacegen.adopt.arguments import name_arguments, place_files
from spacegen.adopt.clients import IN_A_THREAD, Made
from spacegen.adopt.edits import Edit
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.handlers import Handlers
from spacegen.adopt.jobs import Jobs
from spacegen.adopt.marks import of_package
from spacegen.adopt.module import Module
from spacegen.adopt.options import Options, visible
from spacegen.adopt.outcome import CannotDeliver, Outcome
from spacegen.adopt.results import Converter
from spacegen.adopt.sessions import can_wrap
from spacegen.adopt.uses import CallSite


class CallRewriter:
    """Plans the edits of each call of a file.

    Args:
        module: The file.
        sites: All calls of it.
        options: What each Client was made with.
        handlers: The `except` clauses of the file.
        elsewhere: What else may need names of the file.
    """

    def __init__(
        self,
        module: Module,
        sites: list[CallSite],
        options: Mapping[Made, Options],
        handlers: Handlers,
        elsewhere: Elsewhere,
    ) -> None:
        self._module = module
        self._sites = sites
        self._options = options
        self._handlers = handlers
        self._elsewhere = elsewhere
        # A new name must not hide what the packages bring: marks get their spelling later.
        self._names = set(module.names).union(*(_imported(site) for site in sites))

    def rewrite(self, site: CallSite) -> None:
        """Plan the edits of a call, or say why it stays as it is."""
        endpoint, target, held = site.bound.endpoint, site.target, site.held
        assert endpoint is not None
        assert target is not None
        assert held is not None
        if "result_callbacks" in site.bound.controls:
            site.use.reasons.append("its callbacks get values, but `job.add_done_callback` passes the job")
            return
        options = [self._options[made] for made in held.made]
        for made, option in zip(held.made, options, strict=True):
            site.use.reasons += [option.reason] if option.reason else []
            site.use.notes += [note for note in option.notes if note not in site.use.notes]
            if option.each and not visible(self._module, option.names, made, site.node):
                site.use.reasons.append(f"{option.each} is not defined at the place of the call")
        if len({option.each for option in options}) > 1:
            site.use.reasons.append("its Client is made in several places with different options")
        if site.stays:
            return
        place_files(self._module, site)
        name_arguments(self._module, site)
        self._check_session(site)
        self._handlers.check(site)
        if site.stays:
            return
        try:
            self._deliver(site, options[0].each)
        except CannotDeliver as error:
            site.use.reasons.append(str(error))

    def _check_session(self, site: CallSite) -> None:
        assert site.bound.endpoint is not None
        assert site.held is not None
        if site.bound.endpoint.stateful and any(self._options[made].moves for made in site.held.made):
            site.use.reasons.append("it keeps state in a session, and its Space is known only at run time")
            return
        direct = isinstance(site.method.value, cst.Call) or self._in_with(site)
        if site.bound.endpoint.stateful and not direct:
            site.wraps = True
            if site.deferred or site.kind == "submit" or not can_wrap(self._module, site):
                site.use.reasons.append(
                    "it keeps state in a session, and no `with` block can be put around it here"
                )

    def _in_with(self, site: CallSite) -> bool:
        """Tell whether a call stands in the `with` that makes its Client."""
        assert site.held is not None
        items = [self._module.parent(made.node) for made in site.held.made]
        above = set(self._module.above(site.node))
        return all(isinstance(item, cst.WithItem) and self._module.parent(item) in above for item in items)

    def _deliver(self, site: CallSite, each: str) -> None:
        endpoint, target = site.bound.endpoint, site.target
        assert endpoint is not None
        assert target is not None
        headers = site.bound.controls.get("headers")
        given = [each] if each else []
        given += [f"headers={self._module.code(headers.value)}"] if headers is not None else []
        function = of_package(target.space, str(endpoint.function))
        function += f".with_options({', '.join(given)})" if given else ""
        aio = site.deferred in IN_A_THREAD
        statement = self._module.small_statement(site.node)
        line = f"{self._module.newline}{self._module.indent(statement) if statement is not None else ''}"
        if floats := [str(one.field) for one in endpoint.outputs if isinstance(one.type, ir.Real)]:
            site.use.notes.append(f"{', '.join(floats)}: 3.0 now, where gradio_client gave 3")
        outcome = Outcome(
            self._module,
            site,
            Converter(target.space, asyncio=aio, line=line),
            self._names,
            self._sites,
            self._elsewhere,
        )
        if site.deferred is not None:
            edits = self._deferred(site, function, outcome)
        elif site.kind == "submit":
            way, edits = Jobs(self._module, site, outcome, endpoint, self._elsewhere).plan()
            site.edits.append(self._function(site, f"{function}{way}"))
        else:
            site.edits.append(self._function(site, function))
            edits = outcome.deliver(site.node, endpoint)
        site.edits += edits
        site.consumed |= {one for one in self._module.walk(site.method.value) if isinstance(one, cst.Name)}
        site.consumed.add(site.method.value)

    def _function(self, site: CallSite, function: str) -> Edit:
        return Edit(*self._module.outer_span(site.method), text=function)

    def _deferred(self, site: CallSite, function: str, outcome: Outcome) -> list[Edit]:
        """`asyncio.to_thread(client.predict, ...)` needs no thread; other helpers get the function."""
        endpoint = site.bound.endpoint
        assert endpoint is not None
        outer = self._module.parent(site.node)
        if site.deferred in IN_A_THREAD and site.kind == "predict":
            site.edits.append(Edit(*self._module.outer_span(site.node.func), text=f"{function}.aio"))
            if isinstance(outer, cst.Await):
                return outcome.deliver(outer, endpoint)
        elif site.deferred != "executor":
            raise CannotDeliver(
                f"{self._module.code(site.method)} is passed on; call the function of the package there"
            )
        else:
            site.edits.append(self._function(site, function + (".submit" if site.kind == "submit" else "")))
        if not outcome.same(endpoint):
            raise CannotDeliver("its result is used elsewhere, where files came as paths and objects as dicts")
        return []


def _imported(site: CallSite) -> set[str]:
    """Return the names that a file may import for a call."""
    if site.target is None:
        return set()
    space = site.target.space
    return {"space", *(str(one.function) for one in space.endpoints), *(str(one.name) for one in space.models)}
