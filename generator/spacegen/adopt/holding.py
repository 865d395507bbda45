"""Compares a call with its Space: which endpoint, which parameter gets which value, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from spacegen import ir
from spacegen.adopt.constants import Known, fold
from spacegen.adopt.module import Module
from spacegen.adopt.spreads import Spread, read_spread
from spacegen.ir.conform import conforms
from spacegen.text import closest, did_you_mean

_CONTROLS = frozenset({"api_name", "fn_index", "headers", "result_callbacks"})
_MOST_CHOICES = 8


@dataclass(slots=True)
class Bound:
    """A call as the Space sees it.

    Attributes:
        endpoint: What it calls, or None.
        parameters: For each argument of the call, the parameter that gets it.
        spread: Dicts of arguments whose contents the file shows completely: `predict(**payload)`.
        controls: `api_name`, `fn_index`, `headers`, `result_callbacks` as they are in the call.
        wrong: What is wrong with it already.
        unclear: What is not known from this file.
    """

    endpoint: ir.Endpoint | None = None
    parameters: list[tuple[cst.Arg, ir.Parameter]] = field(default_factory=list)
    spread: list[Spread] = field(default_factory=list)
    controls: dict[str, cst.Arg] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def values(self) -> list[tuple[cst.BaseExpression, ir.Parameter]]:
        """Return each value with the parameter that gets it, those of dicts as well."""
        found = [(argument.value, parameter) for argument, parameter in self.parameters]
        named = {one.name: one for one in self.endpoint.parameters} if self.endpoint is not None else {}
        spread = [pair for one in self.spread for pair in one.values.items()]
        return found + [(value, named[name]) for name, value in spread if name in named]


def hold(module: Module, arguments: list[cst.Arg], space: ir.Space) -> Bound:
    """Compare the arguments of `predict` or `submit` with a Space."""
    bound = Bound()
    values: list[cst.Arg] = []
    for argument in arguments:
        spread = read_spread(module, argument) if argument.star else None
        if spread is not None and not spread.values.keys() & _CONTROLS:
            bound.spread.append(spread)
        elif argument.star:
            bound.unclear.append(f"{module.code(argument)} is known only at run time")
        elif argument.keyword is not None and argument.keyword.value in _CONTROLS:
            bound.controls[argument.keyword.value] = argument
        else:
            values.append(argument)
    bound.endpoint = _endpoint(module, bound, space)
    if bound.endpoint is not None and not bound.unclear:
        _bind(module, bound, values, bound.endpoint)
    return bound


def _endpoint(module: Module, bound: Bound, space: ir.Space) -> ir.Endpoint | None:
    if "api_name" in bound.controls:
        said = bound.controls["api_name"].value
        if not (isinstance(said, cst.Name) and said.value == "None"):
            return _by_name(module, bound, said, space)
    if "fn_index" in bound.controls:
        return _by_number(module, bound, bound.controls["fn_index"].value, space)
    named = [endpoint for endpoint in space.endpoints if isinstance(endpoint.key, str)]
    if len(named) == 1:
        return named[0]
    if bound.unclear:
        return None
    listed = ", ".join(str(endpoint.key) for endpoint in space.endpoints[:_MOST_CHOICES])
    bound.wrong.append(f"it names no endpoint, and the Space has {len(named)} ({listed})")
    return None


def _by_name(module: Module, bound: Bound, said: cst.BaseExpression, space: ir.Space) -> ir.Endpoint | None:
    known = fold(module, said)
    if known is None or known.unless:
        bound.unclear.append(f"the endpoint is known only at run time: {module.code(said)}")
        return None
    for endpoint in space.endpoints:
        if endpoint.key == known.value:
            return endpoint
    names = [str(endpoint.key) for endpoint in space.endpoints]
    hint = did_you_mean(str(known.value), names, _MOST_CHOICES)
    slash = " (a name starts with a slash)" if f"/{known.value}" in names else ""
    bound.wrong.append(f"the Space has no endpoint {known.value!r}{slash}; {hint}")
    return None


def _by_number(module: Module, bound: Bound, said: cst.BaseExpression, space: ir.Space) -> ir.Endpoint | None:
    known = fold(module, said)
    if known is None or known.unless or not isinstance(known.value, int):
        bound.unclear.append(f"the endpoint is known only at run time: {module.code(said)}")
        return None
    for endpoint in space.endpoints:
        if endpoint.fn_index == known.value:
            return endpoint
    bound.wrong.append(
        f"the Space has no function with the number {known.value} today; these numbers change when the app "
        "gets new events"
    )
    return None


def _bind(module: Module, bound: Bound, values: list[cst.Arg], endpoint: ir.Endpoint) -> None:
    """Fill parameters as gradio_client does: by position first, then by name."""
    parameters = [parameter for parameter in endpoint.parameters if not parameter.of_event]  # it cannot pass these
    named = {parameter.name: parameter for parameter in parameters}
    filled: set[str] = set()
    positions = iter(parameters)
    for argument in values:
        if argument.keyword is None:
            parameter = next(positions, None)
            if parameter is None:
                bound.wrong.append(f"{endpoint.key} takes {len(parameters)} values, and the call has more")
                return
        elif argument.keyword.value not in named:
            bound.wrong.append(_misnamed(argument.keyword.value, endpoint))
            continue
        else:
            parameter = named[argument.keyword.value]
        if parameter.name in filled:
            bound.wrong.append(f"{parameter.name} is given twice")
        filled.add(parameter.name)
        bound.parameters.append((argument, parameter))
    given = [(argument.value, parameter) for argument, parameter in bound.parameters]
    for spread in bound.spread:
        for name, value in spread.values.items():
            if name not in named:
                bound.wrong.append(_misnamed(name, endpoint))
                continue
            if name in filled:
                bound.wrong.append(f"{name} is given twice")
            if named[name].argument != name:
                bound.unclear.append(f"{name} is called {named[name].argument} in the package")
            filled.add(name)
            given.append((value, named[name]))
    missing = [p.name for p in endpoint.parameters if p.default is None and p.name not in filled]
    if missing:
        bound.wrong.append(f"{endpoint.key} needs {', '.join(missing)}")
    for value, parameter in given:
        bound.wrong.extend(_refused(fold(module, value), parameter))


def _misnamed(name: str, endpoint: ir.Endpoint) -> str:
    names = [parameter.name for parameter in endpoint.parameters]
    close = closest(name, names)
    hint = f"did you mean {close}?" if close else f"it takes {', '.join(names) or 'nothing'}"
    return f"{endpoint.key} has no parameter {name}; {hint}"


def _refused(known: Known | None, parameter: ir.Parameter) -> list[str]:
    """Say why the server would refuse a value in the code."""
    if known is None or known.unless:
        return []
    value, limits = as_json(known.value), parameter.limits
    choices = limits.choices or ()
    closed = bool(choices) and not limits.custom and _is_scalar(value)
    if closed and value not in choices and not conforms(value, parameter.type, models_fit=True):
        shown = ", ".join(repr(choice) for choice in choices[:_MOST_CHOICES])
        more = ", ..." if len(choices) > _MOST_CHOICES else ""
        return [f"{parameter.name}={value!r} is not one of the choices {shown}{more}"]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if limits.minimum is not None and value < limits.minimum:
            return [f"{parameter.name}={value!r} is less than the smallest allowed value {limits.minimum:g}"]
        if limits.maximum is not None and value > limits.maximum:
            return [f"{parameter.name}={value!r} is more than the largest allowed value {limits.maximum:g}"]
    return []


def as_json(value: Any) -> Any:
    """Return what a value is on the wire: tuples are lists."""
    if isinstance(value, (list, tuple)):
        return [as_json(one) for one in value]
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    return value


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))
