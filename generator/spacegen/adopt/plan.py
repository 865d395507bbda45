"""One file: every use found, held against its Space, and rewritten or left with a reason."""

from __future__ import annotations

import shlex

import libcst as cst

from spacegen import ir
from spacegen.adopt.arguments import name_arguments, place_files
from spacegen.adopt.clients import IN_A_THREAD, Clients, Made
from spacegen.adopt.comments import comment_edits
from spacegen.adopt.edits import Edit, apply
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.found import Use
from spacegen.adopt.handlers import Handlers
from spacegen.adopt.holding import hold
from spacegen.adopt.http import find_http
from spacegen.adopt.imports import (
    freed_names,
    insert_new,
    new_statement,
    old_imports,
    spell,
    still_imported,
)
from spacegen.adopt.jobs import Jobs, leave_together
from spacegen.adopt.makers import Makers
from spacegen.adopt.marks import of_package
from spacegen.adopt.mocked import mocked
from spacegen.adopt.module import Module
from spacegen.adopt.options import Options, plan_options, visible
from spacegen.adopt.outcome import CannotDeliver, Outcome
from spacegen.adopt.removal import remove_statements
from spacegen.adopt.results import Converter
from spacegen.adopt.sessions import can_wrap, wrap
from spacegen.adopt.shared_files import SharedFiles
from spacegen.adopt.spaces import Spaces
from spacegen.adopt.target import Target
from spacegen.adopt.types_of_names import keep_types
from spacegen.adopt.uses import CallSite, find_calls, other_uses, tell_lines

_COPY = "it calls a copy that the program makes: `spacegen duplicate`, then `space.configure(...)`"


class FilePlan:
    """What becomes of one text.

    Args:
        text: The source.
        spaces: Where Spaces come from.
        elsewhere: What else may need names of this text.

    Attributes:
        uses: Every use, in order.
        text: The new text.
    """

    def __init__(self, text: str, spaces: Spaces, elsewhere: Elsewhere) -> None:
        self.uses: list[Use] = []
        self.text = text
        self._spaces = spaces
        self._elsewhere = elsewhere
        self._module = Module(text)
        self._names = set(self._module.names)
        self._clients = Clients(self._module)
        self._targets: dict[Made, Target | None] = {}
        self._options: dict[Made, Options] = {}
        self._sites = find_calls(self._module, self._clients)
        self._consumed: set[cst.CSTNode] = set()
        self._handlers = Handlers(self._module)
        self._mocked = mocked(self._module, self._clients, self._sites, elsewhere)
        for made in self._clients.made.values():
            self._targets[made] = self._target(made)
        self._plan()

    def _plan(self) -> None:
        for site in self._sites:
            self._hold(site)
        for made, target in self._targets.items():
            if target is not None:
                same = [one for one, other in self._targets.items() if other is target]
                self._options[made] = plan_options(self._module, made, target, alone=len(same) == 1)
        for site in self._sites:
            if not site.stays and site.target is not None:
                self._rewrite(site)
        files, makers, types = self._settled()
        edits = [edit for site in self._sites if not site.stays for edit in site.edits]
        edits += files.edits + makers.edits
        edits += types
        for site in self._sites:
            if site.stays:
                site.use.notes.clear()  # they speak of what would be different
            else:
                self._consumed |= site.consumed
                assert site.target is not None
                site.target.wanted = True
        self._handlers.plan(self._sites)
        edits += self._handlers.edits
        self._consumed |= files.consumed | makers.consumed | self._handlers.consumed
        self.uses = [site.use for site in self._sites] + makers.uses + find_http(self._module)
        self.uses += other_uses(self._module, self._clients)
        left = [site.method if site.alone else site.node for site in self._sites if site.stays] + makers.left
        self.uses += still_imported(self._module, self._consumed, left)
        self._write(edits, makers.removed)

    def _settled(self) -> tuple[SharedFiles, Makers, list[Edit]]:
        """Plan what hangs together until no further call is left: files and jobs of several calls, and Clients."""
        while True:
            staying = [site for site in self._sites if site.stays]
            files = SharedFiles(self._module, self._sites, self._elsewhere)
            files.plan()
            leave_together(self._module, self._sites)
            types = keep_types(self._module, self._sites)
            makers = Makers(
                self._module, self._clients, self._sites, self._targets, self._options, self._elsewhere
            )
            makers.plan()
            if staying == [site for site in self._sites if site.stays]:
                return files, makers, types

    def _write(self, edits: list[Edit], removed: list[cst.CSTNode]) -> None:
        olds = [old for old in old_imports(self._module, self._consumed) if old.dropped]
        gone = freed_names(self._module, removed, olds, self._consumed)
        targets = {
            (target.space.package or target.space.id): target
            for target in self._targets.values()
            if target is not None
        }
        spelling = spell(self._module, edits, targets, gone)
        edits = [spelling.spelled(edit) for edit in edits]
        lines = list(spelling.lines)
        for old in olds:
            statement = self._module.parent(old.node)
            kept = [new_statement(old, self._module)] if old.kept else []
            at_top = self._module.parent(statement or old.node) is self._module.tree
            if at_top and lines:
                kept, lines = [*kept, *lines], []
            if kept:
                between = "; " if self._module.same_line_as_block(old.node) else self._module.newline
                edits.append(Edit(*self._module.span(old.node), text=between.join(kept)))
            else:
                removed.append(old.node)
        edits += insert_new(self._module, lines)
        edits += remove_statements(self._module, removed)
        edits = wrap(self._module, [site for site in self._sites if site.wraps and not site.stays], edits)
        edits += comment_edits(self._module, self._sites)
        tell_lines(self._module, self._sites, edits)
        self.text = apply(self._module.text, edits)

    def _target(self, made: Made) -> Target | None:
        code = self._module.code(made.source) if made.source is not None else None
        known = made.known if made.known is not None and isinstance(made.known.value, str) else None
        if known is None or (known.unless and code in self._spaces.given):
            return self._spaces.by_code(code) if code is not None else None
        return self._spaces.by_name(str(known.value), code)

    def _hold(self, site: CallSite) -> None:
        use, held = site.use, site.held
        mocks = [self._mocked[made] for made in (held.made if held else ()) if made in self._mocked]
        if mocks:
            use.reasons.append(f"{mocks[0]} replaces it; `fake_space` does so for a package")
            return
        if held is None or not held.made:
            said = held.unclear if held is not None else None
            use.reasons.append(said or f"nothing here says which Client {self._module.code(site.method.value)} is")
            return
        if held.unclear:
            use.reasons.append(held.unclear)
        named = [made.known.value for made in held.made if made.known is not None]
        targets = list({id(one): one for made in held.made if (one := self._targets[made]) is not None}.values())
        use.space = str(named[0]) if named else None
        if len(targets) == 1 and all(self._targets[made] is not None for made in held.made):
            site.target = targets[0]
            use.space = use.space or site.target.name
            self._bind(site, site.target)
            self._check_source(site)
        elif len(targets) > 1:
            use.reasons.append("it may be a Client of several Spaces")
        else:
            use.reasons.append(self._unknown_space(held.made[0]))

    def _unknown_space(self, made: Made) -> str:
        if made.duplicate:
            return _COPY
        if made.known is not None and str(made.known.value) in self._spaces.unread:
            return f"the Space could not be read: {self._spaces.unread[str(made.known.value)]}"
        code = self._module.code(made.source) if made.source is not None else "it"
        return (
            f"only the running program knows the Space; say it with --source {shlex.quote(f'{code}=owner/space')}"
        )

    def _check_source(self, site: CallSite) -> None:
        assert site.held is not None
        for made in site.held.made:
            if made.duplicate:
                site.use.reasons.append(_COPY)
            elif made.known is not None and made.known.unless and not self._is_given(made):
                code = self._module.code(made.source) if made.source is not None else ""
                again = shlex.quote(f"{code}={made.known.value}")
                site.use.reasons.append(
                    f"the Space is {made.known.value} unless {made.known.unless}; where each has the same "
                    f"endpoints, run this again with --source {again}"
                )

    def _is_given(self, made: Made) -> bool:
        return made.source is not None and self._module.code(made.source) in self._spaces.given

    def _bind(self, site: CallSite, target: Target) -> None:
        if site.alone:
            return
        site.bound = hold(self._module, site.arguments, target.space)
        site.use.wrong += site.bound.wrong
        site.use.reasons += site.bound.unclear
        if site.bound.endpoint is not None:
            site.use.endpoint = site.bound.endpoint.key

    def _rewrite(self, site: CallSite) -> None:
        endpoint, target, held = site.bound.endpoint, site.target, site.held
        assert endpoint is not None
        assert target is not None
        assert held is not None
        if "result_callbacks" in site.bound.controls:
            site.use.reasons.append("its callbacks get values; `job.add_done_callback` hands over the job")
            return
        options = [self._options[made] for made in held.made]
        for made, option in zip(held.made, options, strict=True):
            site.use.reasons += [option.reason] if option.reason else []
            site.use.notes += [note for note in option.notes if note not in site.use.notes]
            if option.each and not visible(self._module, option.names, made, site.node):
                site.use.reasons.append(f"{option.each} is not known where the call stands")
        if len({option.each for option in options}) > 1:
            site.use.reasons.append("its Client is made with other options each time")
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
            site.use.reasons.append("it keeps state in a session, and only the running program knows its Space")
            return
        direct = isinstance(site.method.value, cst.Call) or self._in_with(site)
        if site.bound.endpoint.stateful and not direct:
            site.wraps = True
            if site.deferred or site.kind == "submit" or not can_wrap(self._module, site):
                site.use.reasons.append("it keeps state in a session, and stands where no `with` can go around it")

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
            self._module, site, Converter(target.space, asyncio=aio, line=line), self._names, self._sites
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
        """`asyncio.to_thread(client.predict, ...)` needs no thread; other helpers are handed the function."""
        endpoint = site.bound.endpoint
        assert endpoint is not None
        outer = self._module.parent(site.node)
        if site.deferred in IN_A_THREAD and site.kind == "predict":
            site.edits.append(Edit(*self._module.outer_span(site.node.func), text=f"{function}.aio"))
            if isinstance(outer, cst.Await):
                return outcome.deliver(outer, endpoint)
        elif site.deferred != "executor":
            raise CannotDeliver(
                f"{self._module.code(site.method)} is handed on; call the function of the package there"
            )
        else:
            site.edits.append(self._function(site, function + (".submit" if site.kind == "submit" else "")))
        if not outcome.same(endpoint):
            raise CannotDeliver(
                "its result comes in another place, where files came as paths and objects as dicts"
            )
        return []
