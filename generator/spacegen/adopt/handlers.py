"""`except` clauses around calls, extended so that they also catch the errors that the package raises."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from spacegen.adopt.calls import called
from spacegen.adopt.edits import Edit
from spacegen.adopt.marks import of_errors
from spacegen.adopt.module import Module
from spacegen.adopt.uses import CallSite

_SAME = {
    # gradio_client's own errors of an app, of values that the app refused, and of logins are all ValueErrors.
    "ValueError": ("SpaceError",),
    "gradio_client.exceptions.AppError": ("AppError", "InputRefused"),
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
        self._tell_callers(site)
        for handler in self._around(site.node):
            for node in self._types(handler):
                name = self._name(node)
                if name.startswith("gradio_client.") and (attribute := self._reads(handler)):
                    site.use.reasons.append(
                        f"its `except` reads `{attribute}` of an error, which the package's errors do not have"
                    )

    def plan(self, sites: list[CallSite]) -> None:
        """Extend the handlers around calls that are rewritten."""
        staying = {handler for site in sites if site.stays for handler in self._around(site.node)}
        moving = {handler: None for site in sites if not site.stays for handler in self._around(site.node)}
        for handler in moving:
            self._extend(handler, keep=handler in staying)

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

    def _tell_callers(self, site: CallSite) -> None:
        """Tell of handlers around calls of the function that a call stands in: these are not extended."""
        function = self._module.function(site.node)
        for call in (called(self._module, function) or ()) if isinstance(function, cst.FunctionDef) else ():
            for handler in self._around(call):
                for node in self._types(handler):
                    if _errors(self._name(node)):
                        said, line = self._module.code(node), self._module.line(handler)
                        note = (
                            f"`except {said}` in line {line} does not catch the package's errors; add SpaceError"
                        )
                        site.use.notes += [note] if note not in site.use.notes else []

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


def _errors(name: str) -> tuple[str, ...]:
    if name.startswith(_OF_HTTP):
        return _OF_TIME if "Timeout" in name else _OF_LINK
    if name.startswith("gradio_client."):
        return _SAME.get(name, ("SpaceError",))
    return _SAME.get(name, ())
