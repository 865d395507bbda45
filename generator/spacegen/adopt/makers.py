"""The places that create Clients: removed, turned into a session or `configure`, or left."""

from __future__ import annotations

import libcst as cst

from spacegen.adopt.clients import Clients, Made
from spacegen.adopt.edits import Edit
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.found import Use
from spacegen.adopt.getters import idle_getter, idle_names
from spacegen.adopt.marks import of_package
from spacegen.adopt.module import Module
from spacegen.adopt.needs import Needs
from spacegen.adopt.options import Options
from spacegen.adopt.sessions import goes_on
from spacegen.adopt.target import Target
from spacegen.adopt.uses import CallSite

_SINCE = {"hf_token": "gradio_client 2", "space": "gradio_client 0.2", "output_dir": "gradio_client 1"}
_KEPT = "the server learns of the session's end from its `end()`, where a Client told it when it was gone"


class Makers:
    """Plans the edits of every `Client(...)`.

    Attributes:
        edits: The edits.
        removed: Statements to remove.
        consumed: Names that are no longer used then.
        uses: For the report.
        left: Those that stay as they are.
    """

    def __init__(
        self,
        module: Module,
        clients: Clients,
        sites: list[CallSite],
        targets: dict[Made, Target | None],
        options: dict[Made, Options],
        elsewhere: Elsewhere,
    ) -> None:
        self._module = module
        self._clients = clients
        self._sites = sites
        self._targets = targets
        self._options = options
        self._elsewhere = elsewhere
        self._needs = Needs(module, clients, elsewhere)
        self.edits: list[Edit] = []
        self.removed: list[cst.CSTNode] = []
        self.consumed: set[cst.CSTNode] = set()
        self.uses: list[Use] = []
        self.left: list[cst.CSTNode] = []

    def plan(self) -> None:
        """Plan all of them."""
        gone = {one for site in self._sites if not site.stays for one in site.consumed}
        gone |= self._remove_names(gone)
        for made in self._clients.made.values():
            use = self._use(made)
            self.uses.append(use)
            self._one(made, use, gone)
            for name in made.renamed:
                told = f"Client no longer takes {name}=; it has been a TypeError since {_SINCE[name]}"
                (use.notes if use.rewritten else use.wrong).append(told)
            self.left += [] if use.rewritten else [made.node]
        self._leave_calls_without_session()

    def _remove_names(self, gone: set[cst.CSTNode]) -> set[cst.CSTNode]:
        """Remove names that only hold the result of a function; return the removed places."""
        needed = {made for site in self._sites if site.wraps and site.held is not None for made in site.held.made}
        names = idle_names(self._module, self._clients, self._elsewhere, gone, needed)
        self.removed += names
        places = {one for name in names for one in self._names(name.value)}
        self.consumed |= places
        return places

    def _use(self, made: Made) -> Use:
        space = str(made.known.value) if made.known is not None else None
        code = self._module.code(made.node).splitlines()[0][:120]
        return Use(line=self._module.line(made.node), kind="client", code=code, space=space)

    def _one(self, made: Made, use: Use, gone: set[cst.CSTNode]) -> None:
        mine = [site for site in self._sites if site.held is not None and made in site.held.made]
        if made.node in gone:  # `Client(...).predict(...)`
            use.rewritten = True
            self.consumed |= self._names(made.node.func)
            return
        target = self._targets[made]
        if target is None:
            use.reasons.append(
                next((site.use.reasons[0] for site in mine if site.use.reasons), "no call was found")
            )
            return
        getter = idle_getter(self._module, made, self._elsewhere, gone)
        if getter is not None and not any(site.stays or site.wraps for site in mine):
            use.rewritten = True
            self.edits.append(getter[1])
            self.consumed |= self._names(getter[0])
            return
        statement, holder = self._holder(made)
        needed = self._needs.of(statement, holder, gone)
        wraps = [site for site in mine if site.wraps and not site.stays]
        if any(site.stays for site in mine):
            use.reasons.append("one of its calls stays as it is")
        elif needed is not None:
            use.reasons.append(needed)
        if use.reasons:
            self._configure_too(made, target, statement, mine)
            # Its calls cannot share a session of the package, because the Client stays; their reason says so.
            for site in wraps:
                site.use.reasons.append("its Client stays, and with it the session that its calls share")
            return
        use.rewritten = True
        self.consumed |= self._names(made.node.func)
        if isinstance(statement, cst.AnnAssign):
            self.consumed |= self._names(statement.annotation)
        self._replace(made, target, statement, wraps=wraps, use=use)

    def _configure_too(
        self, made: Made, target: Target, statement: cst.CSTNode | None, mine: list[CallSite]
    ) -> None:
        """If a Client stays, give its options to the package as well, for the calls that are rewritten."""
        options = self._options[made].configure
        if options and statement is not None and any(not site.stays for site in mine):
            self._before(statement, f"{of_package(target.space, 'space')}.configure({options})")

    def _before(self, statement: cst.CSTNode, code: str) -> None:
        start = self._module.span(statement)[0]
        shared = self._module.same_line_as_block(statement)
        between = "; " if shared else f"{self._module.newline}{self._module.indent(statement)}"
        self.edits.append(Edit(start, start, -25, f"{code}{between}"))

    def _replace(
        self, made: Made, target: Target, statement: cst.CSTNode | None, *, wraps: list[CallSite], use: Use
    ) -> None:
        space = of_package(target.space, "space")
        options = self._options[made].configure
        configure = f"{space}.configure({options})" if options else ""
        if isinstance(statement, cst.WithItem):
            self.edits.append(Edit(*self._module.span(statement), text=f"{space}.session()"))
            use.becomes = "with space.session()"
        elif wraps:
            assert statement is not None
            if configure:
                self._before(statement, configure)
            keep = "keep=True" if self._goes_on(statement, wraps) else ""
            self.edits.append(Edit(*self._module.outer_span(made.node), text=f"{space}.session({keep})"))
            use.becomes = f"space.session({keep})"
            use.notes += [_KEPT] if keep else []
        elif configure and statement is not None:
            self.edits.append(Edit(*self._module.span(statement), text=configure))
            use.becomes = f"space.configure({options})"
        elif statement is not None:
            self.removed.append(statement)
        if wraps or configure or isinstance(statement, cst.WithItem):
            target.wanted.add(self._elsewhere.path)

    def _goes_on(self, statement: cst.CSTNode, wraps: list[CallSite]) -> bool:
        path = self._elsewhere.path
        if path is not None and path.suffix == ".ipynb":
            return True  # people run a cell again
        return goes_on(self._module, statement, wraps)

    def _holder(self, made: Made) -> tuple[cst.CSTNode | None, cst.BaseExpression | None]:
        """Return the statement that only creates a Client, and the name that holds it."""
        outer = self._module.parent(made.node)
        if isinstance(outer, cst.Assign) and len(outer.targets) == 1:
            return outer, outer.targets[0].target
        if isinstance(outer, cst.AnnAssign):
            return outer, outer.target
        if isinstance(outer, cst.Expr):
            return outer, None
        if isinstance(outer, cst.WithItem) and outer.asname is not None:
            name = outer.asname.name
            return outer, name if isinstance(name, cst.Name) else None
        return None, None

    def _leave_calls_without_session(self) -> None:
        """A call that needs a session needs each of its Clients to become one."""
        made = {use.line for use in self.uses if not use.rewritten}
        for site in self._sites:
            held = site.held.made if site.wraps and not site.stays and site.held is not None else ()
            if any(self._module.line(one.node) in made for one in held):
                site.use.reasons.append("its Client stays, and with it the session that its calls share")

    def _names(self, node: cst.CSTNode) -> set[cst.CSTNode]:
        return {one for one in self._module.walk(node) if isinstance(one, (cst.Name, cst.Attribute))}
