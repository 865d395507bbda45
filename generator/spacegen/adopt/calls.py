"""Functions and classes of one file, and the calls of them: which parameter gets an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import Assignment

from spacegen.adopt.module import Module

_PLAIN_DECORATORS = frozenset(
    {
        "staticmethod",
        "classmethod",
        "property",
        "cached_property",
        "cache",
        "lru_cache",
        "abstractmethod",
        "override",
    }
)
_PROPERTIES = frozenset({"property", "cached_property"})
_HAND_ON = frozenset({"submit", "to_thread", "run_sync", "run_in_executor", "partial", "call_soon"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What an argument of a call becomes.

    Attributes:
        parameters: The parameters that may get it.
        fields: Attributes that get it: those of a dataclass.
        each: Whether each of its items is passed alone, as `pool.map` does.
    """

    parameters: tuple[cst.Param, ...] = ()
    fields: tuple[str, ...] = ()
    each: bool = False


def methods_named(module: Module, name: str) -> list[cst.FunctionDef]:
    """Return the methods of that name, of all classes of the file."""
    return [one for one in module.functions.get(name, ()) if module.class_of(one) is not None]


def definition(module: Module, node: cst.CSTNode) -> list[cst.FunctionDef | cst.ClassDef]:
    """Return the functions or classes of this file that an expression may name."""
    if isinstance(node, cst.Name):
        found = [one.node for one in module.meanings(node) if isinstance(one, Assignment)]
        made = [one for one in found if isinstance(one, (cst.FunctionDef, cst.ClassDef))]
        return made if len(made) == len(found) else []
    if isinstance(node, cst.Attribute) and module.imported(node) is None:
        return [*methods_named(module, node.attr.value)]
    return []


def arguments_of(module: Module, call: cst.Call, argument: cst.Arg) -> Taken | None:
    """Return the parameters that get an argument of a call, or None if that is not visible in this file."""
    if argument.star:
        return None
    made = definition(module, call.func)
    number = list(call.args).index(argument)
    if made:
        return _taken(module, made, argument, number)
    return _handed_on(module, call, argument, number)


def _handed_on(module: Module, call: cst.Call, argument: cst.Arg, number: int) -> Taken | None:
    """`pool.submit(function, value)`, `asyncio.to_thread(function, value)`, `pool.map(function, values)`."""
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else module.code(call.func)
    place = 1 if name == "run_in_executor" else 0
    if name not in _HAND_ON | {"map"} or number <= place:
        return None
    made = definition(module, call.args[place].value)
    taken = _taken(module, made, argument, number - place - 1) if made else None
    if taken is None or name != "map":
        return taken
    return Taken(taken.parameters, taken.fields, each=True)


def _taken(
    module: Module, made: list[cst.FunctionDef | cst.ClassDef], argument: cst.Arg, number: int
) -> Taken | None:
    parameters: list[cst.Param] = []
    fields: list[str] = []
    for one in made:
        if isinstance(one, cst.ClassDef) and (start := _initializer(module, one)) is None:
            name = _field(one, argument, number)
            if name is None:
                return None
            fields.append(name)
            continue
        function = start if isinstance(one, cst.ClassDef) else one
        parameter = _parameter(module, function, argument, number) if function is not None else None
        if parameter is None:
            return None
        parameters.append(parameter)
    return Taken(tuple(parameters), tuple(fields))


def _parameter(module: Module, function: cst.FunctionDef, argument: cst.Arg, number: int) -> cst.Param | None:
    """Return the parameter of a function that an argument fills, or None for `*args` and `**kwargs`."""
    if not _is_plain(module, function):
        return None
    positional = [*function.params.posonly_params, *function.params.params]
    if argument.keyword is not None:
        named = [*positional, *function.params.kwonly_params]
        return next((one for one in named if one.name.value == argument.keyword.value), None)
    own = module.class_of(function) is not None and module.function(function) is None
    skip = 1 if own and "staticmethod" not in _decorators(module, function) else 0
    return positional[number + skip] if number + skip < len(positional) else None


def _initializer(module: Module, owner: cst.ClassDef) -> cst.FunctionDef | None:
    return next((one for one in methods_named(module, "__init__") if module.class_of(one) is owner), None)


def _field(owner: cst.ClassDef, argument: cst.Arg, number: int) -> str | None:
    """Return the field of a dataclass or NamedTuple that an argument fills."""
    names = [name for statement in owner.body.body for name in _declared(statement)]
    if argument.keyword is not None:
        return argument.keyword.value if argument.keyword.value in names else None
    return names[number] if number < len(names) else None


def _declared(statement: cst.CSTNode) -> Iterator[str]:
    for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
        if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
            yield small.target.value


def passed_to(module: Module, argument: cst.CSTNode | None) -> str:
    """Return the name of the function that gets an argument, the full name if it is imported; "" if unknown."""
    call = module.parent(argument) if isinstance(argument, cst.Arg) and not argument.star else None
    return module.imported(call.func) or module.code(call.func) if isinstance(call, cst.Call) else ""


def called(module: Module, function: cst.FunctionDef) -> list[cst.CSTNode] | None:
    """Return every place that gets the result of a function of this file; None if some may be in other files."""
    if not _is_plain(module, function):
        return None
    is_property = bool(_PROPERTIES & set(_decorators(module, function)))
    found: list[cst.CSTNode] = []
    for node in _named(module, function):
        outer = module.parent(node)
        if is_property:
            found.append(node)
        elif isinstance(outer, cst.Call) and outer.func is node:
            found.append(outer)
        else:
            return None
    return found


def direct_calls(module: Module, function: cst.FunctionDef) -> list[cst.CSTNode]:
    """Return the calls of a function that this file shows, whoever else calls it."""
    nodes = _named(module, function)
    if _PROPERTIES & set(_decorators(module, function)):
        return nodes
    outer = [(module.parent(node), node) for node in nodes]
    return [call for call, node in outer if isinstance(call, cst.Call) and call.func is node]


def _named(module: Module, function: cst.FunctionDef) -> list[cst.CSTNode]:
    """Return every place of this file that names a function, or may name a method."""
    name = function.name.value
    if module.class_of(function) is not None and module.function(function) is None:
        return [*module.attributes.get(name, ())]
    scope = module.scope(function)
    meanings = scope[name] if scope is not None else ()
    accesses = [one for meaning in meanings if isinstance(meaning, Assignment) for one in meaning.references]
    return [one.node for one in accesses]


def _decorators(module: Module, function: cst.FunctionDef) -> list[str]:
    said = [one.decorator for one in function.decorators]
    names = [module.code(one.func if isinstance(one, cst.Call) else one) for one in said]
    return [name.rpartition(".")[2] for name in names]


def _is_plain(module: Module, function: cst.FunctionDef) -> bool:
    return set(_decorators(module, function)) <= _PLAIN_DECORATORS
