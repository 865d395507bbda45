"""Calls of a Gradio app over plain HTTP, if they are easy to recognise: reported, and not rewritten."""

from __future__ import annotations

import re

import libcst as cst

from spacegen.adopt.constants import fold
from spacegen.adopt.found import Use
from spacegen.adopt.module import Module

_METHODS = frozenset({"post", "get", "request", "stream", "urlopen"})
_ROUTE = re.compile(r"/gradio_api/(?:call|run)/(?:v2/)?([\w-]+)|/(?:call|run)/([\w-]+)|/api/(predict)|/queue/join")
_BODY = re.compile(r"""['"]data['"]\s*:""")


def find_http(module: Module) -> list[Use]:
    """Return every call of a function such as `requests.post` whose address is a route of Gradio."""
    found = []
    for node in module.walk(module.tree):
        if isinstance(node, cst.Call) and _is_request(node):
            texts = [_text(module, argument.value) for argument in node.args[:2]]
            match = next((match for text in texts if (match := _ROUTE.search(text))), None)
            if match is not None and ("gradio_api" in match[0] or _BODY.search(module.code(node))):
                use = Use(line=module.line(node), kind="http", code=module.code(node).splitlines()[0][:120])
                use.endpoint = next((f"/{name}" for name in match.groups() if name), None)
                use.notes.append(
                    "a call over plain HTTP; the package's function makes this call and reads its events"
                )
                found.append(use)
    return found


def _is_request(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value in _METHODS


def _text(module: Module, node: cst.BaseExpression) -> str:
    """Return an address as far as the code contains it."""
    known = fold(module, node)
    if known is not None:
        return known.value if isinstance(known.value, str) else ""
    if isinstance(node, cst.FormattedString):
        return "".join(part.value if isinstance(part, cst.FormattedStringText) else "{}" for part in node.parts)
    if isinstance(node, cst.BinaryOperation):
        return _text(module, node.left) + _text(module, node.right)
    return ""
