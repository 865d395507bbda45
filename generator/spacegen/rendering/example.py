"""The first call of an endpoint, in two lines of Python that type-check."""

from __future__ import annotations

from typing import Any

from spacegen.ir import types
from spacegen.ir.conform import conforms
from spacegen.ir.space import Endpoint, Limits, Parameter, Space
from spacegen.quoting import literal


def first_call(space: Space) -> tuple[str, str] | None:
    """Return the import and the call that try the Space's first endpoint, or None where it has none."""
    if not space.endpoints:
        return None
    endpoint = space.endpoints[0]
    return f"from {space.package} import {endpoint.function}", call_of(endpoint)


def call_of(endpoint: Endpoint) -> str:
    """Return a call of an endpoint with an example for every parameter that needs one."""
    required = [parameter for parameter in endpoint.parameters if parameter.default is None]
    by_position = len(required) == 1 and required[0] is endpoint.parameters[0]
    arguments = [_value(p) if by_position else f"{p.argument}={_value(p)}" for p in required]
    return f"{endpoint.function}({', '.join(arguments)})"


def _value(parameter: Parameter) -> str:
    example = parameter.example
    short = example is not None and len(repr(example)) <= 60
    if short and conforms(example, parameter.type) and not isinstance(example, dict):
        return _source(example)
    return _source(_made_up(parameter.type, parameter.limits))


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
