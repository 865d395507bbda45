"""`except` clauses around calls, extended so that they also catch the errors that the package raises."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from spacegen.adopt.calls import direct_calls
from spacegen.adopt.edits import Edit
from spacegen.adopt.flows import follow
from spacegen.adopt.marks import of_errors
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite

_OF_APP = ("AppError", "InputRefused", "QuotaExceeded")
_SAME = {
    # gradio_client's own errors of an app, of values that the app refused, of logins and of endpoints that it does
    # not have are all ValueErrors. Those of a connection are not: a later handler may be there for them, or none.
    "ValueError": (*_OF_APP, "AuthError", "EndpointChanged"),
    "gradio_client.exceptions.AppError": _OF_APP,
    "gradio_client.exceptions.ValidationError": ("InputRefused",),
    "gradio_client.exceptions.AuthenticationError": ("AuthError",),
    "gradio_client.utils.QueueError": ("QueueFull",),
    "gradio_client.utils.TooManyRequestsError": ("RateLimited",),
    "concurrent.futures.TimeoutError": ("CallTimeout",),
    "concurrent.futures.CancelledError": ("CallCancelled",),
    "ConnectionError": ("CannotConnect", "ConnectionLost"),
    "OSError": ("CannotConnect", "ConnectionLost"),
}
_OF_HTTP = ("httpx.", "requests.", "urllib3.", "aiohttp.")
_OF_LINK = ("CannotConnect", "ConnectionLost", "BadStatus")
_OF_TIME = ("CallTimeout",)
_WAITING = frozenset({"result", "outputs"})
_ATTRIBUTES = frozenset({"args", "with_traceback", "add_note", "__class__", "__cause__", "__context__"})


class Handlers:
    """Plans the edits of the handlers around rewritten calls.

    Attributes:
        edits: The edits.
        consumed: Names of gradio_client that are no longer used then.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self.edits: list[Edit] = []
        self.consumed: set[cst.CSTNode] = set()

    def check(self, site: CallSite) -> None:
        """Leave a call whose handler uses attributes that the package's errors do not have."""
        for handler in self._reached(site):
            for node in self._types(handler):
                name = self._name(node)
                if name.startswith("gradio_client.") and (attribute := self._reads(handler)):
                    site.use.reasons.append(
                        f"its `except` reads `{attribute}` of an error, which the package's errors do not have"
                    )

    def plan(self, sites: list[CallSite]) -> None:
        """Extend the handlers around calls that are rewritten."""
        left = [site for site in sites if site.stays]
        staying = {one for site in left for one in (*self._reached(site), *self._out_of_sight(site))}
        moving = {handler: None for site in sites if not site.stays for handler in self._reached(site)}
        for handler in moving:
            self._extend(handler, keep=handler in staying)
        for site in sites:
            if not site.stays:
                told = [handler for handler in self._out_of_sight(site) if handler not in moving]
                site.use.notes += dict.fromkeys(note for handler in told for note in self._notes(handler))

    def _extend(self, handler: cst.ExceptHandler, *, keep: bool) -> None:
        nodes = self._types(handler)
        parts, changed = [], False
        for node in nodes:
            name = self._name(node)
            errors = _errors(name)
            if name.startswith("gradio_client.") and errors and not keep:
                self.consumed |= set(self._module.walk(node))
                changed = True
            else:
                parts.append(self._module.code(node))
            parts += [of_errors(error) for error in errors]
            changed |= bool(errors)
        if changed and handler.type is not None:
            parts = list(dict.fromkeys(parts))
            text = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
            self.edits.append(Edit(*self._module.outer_span(handler.type), text=text))

    def _out_of_sight(self, site: CallSite) -> Iterator[cst.ExceptHandler]:
        """Yield handlers that an error of a call may reach by another way: these are not extended."""
        functions = dict.fromkeys(self._module.function(place) for place in self._places(site))
        for function in functions:
            for call in direct_calls(self._module, function) if isinstance(function, cst.FunctionDef) else ():
                yield from self._around(call)
        for node in self._module.attributes.get("result", ()) if site.alone or _is_later(site) else ():
            outer = self._module.parent(node)
            if isinstance(outer, cst.Call) and outer.func is node:
                yield from self._around(outer)  # its job may have been kept where nobody follows it

    def _notes(self, handler: cst.ExceptHandler) -> Iterator[str]:
        for node in self._types(handler):
            if errors := _errors(self._name(node)):
                said, line, more = self._module.code(node), self._module.line(handler), ", ".join(errors)
                yield f"`except {said}` in line {line} does not catch the package's errors; add {more}"

    def _reached(self, site: CallSite) -> Iterator[cst.ExceptHandler]:
        """Yield the handlers that an error of a call reaches."""
        for place in self._places(site):
            yield from self._around(place)

    def _places(self, site: CallSite) -> list[cst.CSTNode]:
        """Return where the errors of a call are raised: of a job, also where its result or its steps are taken."""
        if not _is_later(site):
            return [site.node]
        ends = [node for node, _ in follow(self._module, site.node, copies=False).ends]
        return [site.node, *(node for node in ends if self._waits(node))]

    def _waits(self, node: cst.CSTNode) -> bool:
        outer = self._module.parent(node)
        return not isinstance(outer, cst.Attribute) or outer.attr.value in _WAITING

    def _around(self, node: cst.CSTNode) -> Iterator[cst.ExceptHandler]:
        """Yield the handlers that an error of a call reaches, up to the first one that catches everything."""
        inner: cst.CSTNode = node
        for outer in self._module.above(node):
            if isinstance(outer, (cst.FunctionDef, cst.Lambda)):
                return
            if isinstance(outer, cst.Try) and outer.body is inner:
                for handler in outer.handlers:
                    yield handler
                    names = {self._name(node) for node in self._types(handler)}
                    if not names or names & {"Exception", "BaseException"}:
                        return
            inner = outer

    def _types(self, handler: cst.ExceptHandler) -> list[cst.BaseExpression]:
        if handler.type is None:
            return []
        if isinstance(handler.type, cst.Tuple):
            return [element.value for element in handler.type.elements]
        return [handler.type]

    def _name(self, node: cst.BaseExpression) -> str:
        return self._module.imported(node) or self._module.code(node)

    def _reads(self, handler: cst.ExceptHandler) -> str | None:
        name = handler.name.name if handler.name is not None else None
        if not isinstance(name, cst.Name):
            return None
        for node in self._module.walk(handler.body):
            match node:
                case cst.Attribute(value=cst.Name(value=name.value), attr=cst.Name(value=read)):
                    if read not in _ATTRIBUTES:
                        return read
        return None


def _is_later(site: CallSite) -> bool:
    """Whether a call gives something that is waited for, a job or a future."""
    return not site.alone and (site.kind == "submit" or site.deferred == "executor")


def _errors(name: str) -> tuple[str, ...]:
    if name.startswith(_OF_HTTP):
        return _OF_TIME if "Timeout" in name else _OF_LINK
    if name.startswith("gradio_client."):
        return _SAME.get(name, ("SpaceError",))
    return _SAME.get(name, ())
