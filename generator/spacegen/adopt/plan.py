"""One file: every use is found, compared with its Space, and rewritten or left with a reason."""

from __future__ import annotations

import shlex

import libcst as cst

from spacegen.adopt.clients import Clients, Made
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
from spacegen.adopt.jobs import leave_together
from spacegen.adopt.makers import Makers
from spacegen.adopt.mocked import mocked
from spacegen.adopt.module import Module
from spacegen.adopt.options import Options, plan_options
from spacegen.adopt.removal import remove_statements
from spacegen.adopt.rewriting import CallRewriter
from spacegen.adopt.sessions import wrap
from spacegen.adopt.shared_files import SharedFiles
from spacegen.adopt.spaces import Spaces
from spacegen.adopt.target import Target
from spacegen.adopt.types_of_names import keep_types
from spacegen.adopt.uses import CallSite, find_calls, other_uses, tell_lines

_COPY = "it calls a copy that the program makes; use `spacegen duplicate`, then `space.configure(...)`"


class FilePlan:
    """The rewriting of one text.

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
        self._module.replaced = frozenset(one.names[-1] for _, one in elsewhere.replacements())
        self._clients = Clients(self._module)
        self._targets: dict[Made, Target | None] = {}
        self._options: dict[Made, Options] = {}
        self._sites = find_calls(self._module, self._clients)
        self._consumed: set[cst.CSTNode] = set()
        self._handlers = Handlers(self._module)
        self._mocked = mocked(self._module, self._clients, self._sites, elsewhere)
        self._find_targets()
        self._plan()

    @property
    def configures(self) -> list[Target]:
        """The Spaces whose package this text configures for all code that imports it."""
        return [target for made, target in self._targets.items() if target and self._options[made].configure]

    def _find_targets(self) -> None:
        for made in self._clients.made.values():
            self._targets[made] = self._target(made)
        found = [target for target in self._targets.values() if target is not None]
        for target in found:
            target.makers[self._elsewhere.path] = sum(one.makers is target.makers for one in found)
            target.wanted.discard(self._elsewhere.path)  # an earlier plan of this text wanted it

    def _plan(self) -> None:
        for site in self._sites:
            self._hold(site)
        for made, target in self._targets.items():
            if target is not None:
                self._options[made] = plan_options(self._module, made, target)
        rewriter = CallRewriter(self._module, self._sites, self._options, self._handlers, self._elsewhere)
        for site in self._sites:
            if not site.stays and site.target is not None:
                rewriter.rewrite(site)
        files, makers, types = self._settled()
        edits = [edit for site in self._sites if not site.stays for edit in site.edits]
        edits += files.edits + makers.edits
        edits += types
        for site in self._sites:
            if site.stays:
                site.use.notes.clear()  # these notes describe what would be different
            else:
                self._consumed |= site.consumed
                assert site.target is not None
                site.target.wanted.add(self._elsewhere.path)
        self._handlers.plan(self._sites)
        edits += self._handlers.edits
        self._consumed |= files.consumed | makers.consumed | self._handlers.consumed
        self.uses = [site.use for site in self._sites] + makers.uses + find_http(self._module)
        self.uses += other_uses(self._module, self._clients)
        left = [site.method if site.alone else site.node for site in self._sites if site.stays] + makers.left
        self.uses += still_imported(self._module, self._consumed, left)
        self._write(edits, makers.removed)

    def _settled(self) -> tuple[SharedFiles, Makers, list[Edit]]:
        """Plan what several calls share (files, jobs, Clients), until no further call has to be left."""
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
        self._spaces.meet(None if known is None else str(known.value), code)
        if known is None or (known.unless and code in self._spaces.given):
            return self._spaces.by_code(code) if code is not None else None
        return self._spaces.by_name(str(known.value), code)

    def _hold(self, site: CallSite) -> None:
        use, held = site.use, site.held
        mocks = [self._mocked[made] for made in (held.made if held else ()) if made in self._mocked]
        if mocks:
            use.reasons.append(f"{mocks[0]} replaces it in a test; use `fake_space` to replace a package's Space")
            return
        if held is None or not held.made:
            said = held.unclear if held is not None else None
            use.reasons.append(said or f"it is not clear which Client {self._module.code(site.method.value)} is")
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
            # Of several Clients, the one whose Space is missing: it may be missing for a reason that passes.
            unknown = next(made for made in held.made if self._targets[made] is None)
            self._tell_unknown(use, unknown)

    def _tell_unknown(self, use: Use, made: Made) -> None:
        name = str(made.known.value) if made.known is not None else ""
        if made.duplicate:
            use.reasons.append(_COPY)
        elif name in self._spaces.unread:
            use.unread = True
            use.reasons.append(f"the Space could not be read: {self._spaces.unread[name]}")
        else:
            code = self._module.code(made.source) if made.source is not None else "it"
            again = shlex.quote(f"{code}=owner/space")
            use.reasons.append(f"the Space is known only at run time; name it with --source {again}")

    def _check_source(self, site: CallSite) -> None:
        assert site.held is not None
        for made in site.held.made:
            if made.duplicate:
                site.use.reasons.append(_COPY)
            elif made.known is not None and made.known.unless and not self._is_given(made):
                code = self._module.code(made.source) if made.source is not None else ""
                again = shlex.quote(f"{code}={made.known.value}")
                site.use.reasons.append(
                    f"the Space is {made.known.value} unless {made.known.unless}; if both have the same "
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
