"""The first call of an endpoint, in two lines of Python that type-check."""

from __future__ import annotations

import re
from math import inf
from typing import Any

from spacegen.ir import types
from spacegen.ir.conform import conforms
from spacegen.ir.forms import is_number
from spacegen.ir.space import Endpoint, Limits, Parameter, Space
from spacegen.quoting import literal

_ASIDE = re.compile(
    r"(?:lambda|clear|reset|toggle|update|load|change|select|on|refresh|hide|show|set|cancel|stop)(?:_|\d|$)"
)
"""Beginnings of the names of events that only manage the page."""
_GRADIOS_OWN = re.compile(r"https://(?:raw\.githubusercontent|github)\.com/gradio-app/gradio/[\w./-]{1,120}")
"""Gradio's own files, which it publishes as examples of a component."""


def first_call(space: Space) -> tuple[str, str] | None:
    """Return the import and the call that try a Space, or None where it has no endpoint.

    It is the endpoint that a visitor would try first: one that takes and returns something, and whose arguments
    are known to work.
    """
    if not space.endpoints:
        return None
    endpoint = max(space.endpoints, key=_is_worth_a_try)  # of several, the first
    return f"from {space.package} import {endpoint.function}", call_of(endpoint)


def call_of(endpoint: Endpoint) -> str:
    """Return a call of an endpoint with an example for every parameter that needs one."""
    required = _required(endpoint)
    by_position = len(required) == 1 and required[0] is endpoint.parameters[0]
    arguments = [_value(p) if by_position else f"{p.argument}={_value(p)}" for p in required]
    return f"{endpoint.function}({', '.join(arguments)})"


def _required(endpoint: Endpoint) -> list[Parameter]:
    return [parameter for parameter in endpoint.parameters if parameter.default is None]


def _is_worth_a_try(endpoint: Endpoint) -> tuple[bool, ...]:
    return (
        bool(endpoint.outputs) and not endpoint.oauth,
        bool(endpoint.parameters),
        all(_has_argument(parameter) for parameter in _required(endpoint)),
        not _ASIDE.match(endpoint.function),
    )


def _has_argument(parameter: Parameter) -> bool:
    """Return whether an argument is known that works or is likely to work."""
    return _example(parameter) is not None or isinstance(
        _first(parameter.type), types.Text | types.Flag | types.Whole | types.Real | types.Choice
    )


def _first(node: types.TypeNode) -> types.TypeNode:
    return _first(node.options[0]) if isinstance(node, types.AnyOf) else node


def _value(parameter: Parameter) -> str:
    example = _example(parameter)
    return _source(_made_up(parameter.type, parameter.limits) if example is None else example)


def _example(parameter: Parameter) -> Any:
    """Return the Space's own example if it is short and of the right type; for a file, its address."""
    example, limits = parameter.example, parameter.limits
    if isinstance(_first(parameter.type), types.File) and isinstance(example, dict):
        path = example.get("path")
        return path if isinstance(path, str) and _GRADIOS_OWN.fullmatch(path) else None
    if isinstance(example, dict) or not conforms(example, parameter.type) or len(repr(example)) > 60:
        return None
    if is_number(example) and not (_or(limits.minimum, -inf) <= example <= _or(limits.maximum, inf)):
        return None
    return example


def _or(number: float | None, otherwise: float) -> float:
    return otherwise if number is None else number


def _source(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_source, value))}]"
    return literal(value) if isinstance(value, str) else repr(value)


def _made_up(node: types.TypeNode, limits: Limits) -> Any:
    match node:
        case types.Choice(values):
            return values[0]
        case types.File():
            return "path/to/file"
        case types.Text():
            return "Hello"
        case types.Flag():
            return True
        case types.Whole() | types.Real():
            return limits.minimum if limits.minimum is not None else 1
        case types.ListOf(item):
            return [_made_up(item, limits)]
        case types.TupleOf(items):
            return tuple(_made_up(item, limits) for item in items)
        case types.AnyOf(options):
            return _made_up(options[0], limits)
        case types.ModelRef() | types.DictOf():
            return {}
        case _:
            return None
