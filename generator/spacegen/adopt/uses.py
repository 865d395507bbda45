"""Every place that calls a Client: directly, in a thread, or through a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import libcst as cst
from libcst.metadata import Assignment

from spacegen.adopt.clients import IN_A_THREAD, Clients, Held
from spacegen.adopt.edits import Edit, apply
from spacegen.adopt.found import Use
from spacegen.adopt.holding import Bound
from spacegen.adopt.module import Module
from spacegen.adopt.target import Target

_METHODS = ("predict", "submit")
_INSTEAD = {
    "view_api": "read the package itself, or run `spacegen info`",
    "reset_session": "calls share a session only inside `with space.session()`, and each block is a new session",
    "close": "the package closes its connections by itself",
    "config": "`spacegen.json` beside the package has what the Space says about itself",
    "endpoints": "the functions of the package take their place",
    "session_hash": "`space.session()` has its own",
    "src": "`space.url` says where calls go",
}
_NAMING = (cst.ImportAlias, cst.AsName, cst.AssignTarget, cst.Attribute)
_FILES = frozenset(
    f"{module}.{name}"
    for module in ("gradio_client", "gradio_client.utils", "gradio_client.client")
    for name in ("handle_file", "file")
)


@dataclass(slots=True, eq=False)
class CallSite:
    """One call of an endpoint.

    Attributes:
        node: The call that carries the arguments; for `asyncio.to_thread(client.predict, ...)` that one.
        method: `client.predict` or `client.submit`, as it is in the code.
        held: What is known about the client, or None if only the form of the call suggests one.
        arguments: What the endpoint gets.
        deferred: The function that `client.predict` is handed to, or None.
        target: The Space.
        bound: The call compared with the Space.
        edits: The edits that rewrite it.
        consumed: Names of gradio_client and of clients that are no longer used then.
        wraps: Whether a `with` block of its session goes around it.
        alone: Whether the method is passed on without a call that shows its arguments.
    """

    node: cst.Call
    method: cst.Attribute
    held: Held | None
    arguments: list[cst.Arg]
    use: Use
    deferred: str | None = None
    target: Target | None = None
    bound: Bound = field(default_factory=Bound)
    edits: list[Edit] = field(default_factory=list)
    consumed: set[cst.CSTNode] = field(default_factory=set)
    wraps: bool = False
    alone: bool = False

    @property
    def kind(self) -> Literal["predict", "submit"]:
        """Which of the two methods it calls."""
        return "submit" if self.method.attr.value == "submit" else "predict"

    @property
    def stays(self) -> bool:
        """Whether it stays as it is."""
        return bool(self.use.reasons or self.use.wrong)


def find_calls(module: Module, clients: Clients) -> list[CallSite]:
    """Return every call of `predict` or `submit` on what is, or looks like, a Client."""
    found = []
    for node in module.walk(module.tree):
        if isinstance(node, cst.Attribute) and node.attr.value in _METHODS:
            held = clients.of(node.value)
            site = _site(module, node, held)
            if site is not None and (held is not None or _looks_like_one(site)):
                found.append(site)
            elif site is None and held is not None:
                found.append(_alone(module, node, held))
    handed = {site.node for site in found if site.deferred}
    return [site for site in found if site.held is not None or site.deferred or site.node not in handed]


def _site(module: Module, method: cst.Attribute, held: Held | None) -> CallSite | None:
    outer = module.parent(method)
    if isinstance(outer, cst.Call) and outer.func is method:
        return CallSite(outer, method, held, list(outer.args), _use(module, outer))
    if isinstance(outer, cst.Arg) and isinstance(call := module.parent(outer), cst.Call) and not outer.keyword:
        before = call.args.index(outer)
        deferred = _deferred(module, call, before)
        if deferred is not None:
            arguments = list(call.args[before + 1 :])
            return CallSite(call, method, held, arguments, _use(module, call), deferred)
    return None


def _deferred(module: Module, call: cst.Call, before: int) -> str | None:
    """Return the function that calls `client.predict` with the arguments that follow it, or None."""
    name = module.imported(call.func)
    if before == 0 and name in IN_A_THREAD:
        return name
    if isinstance(call.func, cst.Attribute):
        if before == 0 and call.func.attr.value == "submit":
            return "executor"
        if before == 1 and call.func.attr.value == "run_in_executor":
            return "run_in_executor"
    return None


def _alone(module: Module, method: cst.Attribute, held: Held) -> CallSite:
    """`client.predict` that is stored or passed on in a way that cannot be followed."""
    use = _use(module, method)
    use.reasons.append(f"{module.code(method)} is passed on to code that is not read here")
    return CallSite(cst.Call(func=method), method, held, [], use, alone=True)


def _use(module: Module, node: cst.CSTNode) -> Use:
    code = module.code(node).splitlines()
    shown = code[0] if len(code) == 1 else f"{code[0].rstrip()} ..."
    return Use(line=module.line(node), kind="call", code=shown[:120])


def _looks_like_one(site: CallSite) -> bool:
    return any(one.keyword and one.keyword.value in ("api_name", "fn_index") for one in site.arguments)


def other_uses(module: Module, clients: Clients) -> Iterator[Use]:
    """Yield uses of a Client that are not calls of an endpoint, with what to use instead."""
    for name, instead in _INSTEAD.items():
        for node in module.attributes.get(name, ()):
            if clients.of(node.value) is not None:
                use = _use(module, node)
                use.kind = "client"
                use.reasons.append(instead)
                yield use


def tell_lines(module: Module, sites: list[CallSite], edits: list[Edit]) -> None:
    """Record for each rewritten call what its line becomes."""
    for site in sites:
        site.use.rewritten = not site.stays
        if not site.stays:
            start, end = module.outer_span(site.node)
            inside = [one for one in edits if start <= one.start and one.end <= end]
            wrapped = next((one for one in edits if one.start < start and one.end >= end), None)
            text = wrapped.text if wrapped else apply(module.text[start:end], inside, offset=start)
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            site.use.becomes = " ".join(lines)[:160]


def find_files(module: Module) -> Iterator[cst.Call]:
    """Yield every `handle_file(...)`."""
    for node in module.walk(module.tree):
        if isinstance(node, cst.Call) and module.imported(node.func) in _FILES:
            yield node


def files_by_name(module: Module) -> Iterator[cst.CSTNode]:
    """Yield every place that names `handle_file` and does not call it."""
    for node in module.walk(module.tree):
        if isinstance(node, (cst.Name, cst.Attribute)) and module.imported(node) in _FILES:
            outer = module.parent(node)
            called = isinstance(outer, cst.Call) and outer.func is node
            if not called and not isinstance(outer, _NAMING):
                yield node


def uses_of(module: Module, target: cst.CSTNode) -> list[cst.Name] | None:
    """Return every use of a name that is assigned in one place, or None if there are several."""
    if not isinstance(target, cst.Name):
        return None
    scope = module.scope(target)
    if scope is None or target.value in module.uncounted:
        return None
    meanings = [one for one in scope[target.value] if isinstance(one, Assignment)]
    if len(meanings) != 1 or len(scope[target.value]) != 1 or meanings[0].node is not target:
        return None
    return [one.node for one in meanings[0].references if isinstance(one.node, cst.Name)]
