"""A dict of arguments, `client.predict(**payload)`, if the file shows its keys and nothing changes them."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst
from libcst.metadata import Assignment

from spacegen.adopt.edits import Edit
from spacegen.adopt.marks import ANY
from spacegen.adopt.module import Module, assigned_value
from spacegen.adopt.writes import is_read


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """One such dict.

    Attributes:
        argument: `**name`.
        target: The name that holds it, where that gets its value.
        values: The expression of each key.
    """

    argument: cst.Arg
    target: cst.Name
    values: dict[str, cst.BaseExpression]


def read_spread(module: Module, argument: cst.Arg) -> Spread | None:
    """Return what `**name` passes, or None if it is known only at run time."""
    if argument.star != "**" or not isinstance(argument.value, cst.Name):
        return None
    meanings = module.meanings(argument.value)
    if len(meanings) != 1 or not isinstance(meaning := meanings.pop(), Assignment):
        return None
    target = meaning.node
    if not isinstance(target, cst.Name) or not all(is_read(module, one.node) for one in meaning.references):
        return None
    if not isinstance(module.parent(target), cst.AssignTarget):
        return None  # an annotation of its own may be of values that the package does not take
    value = assigned_value(module, target)
    values = _values(value) if value is not None else None
    return None if values is None else Spread(argument, target, values)


def annotate(module: Module, spread: Spread) -> Edit:
    """Return what says to a type checker that the values have several types."""
    end = module.span(spread.target)[1]
    return Edit(end, end, 0, f": dict[str, {ANY}]")


def _values(node: cst.BaseExpression) -> dict[str, cst.BaseExpression] | None:
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "dict":
        if all(one.keyword is not None for one in node.args):
            return {one.keyword.value: one.value for one in node.args if one.keyword is not None}
    elif isinstance(node, cst.Dict):
        values = {}
        for element in node.elements:
            if not isinstance(element, cst.DictElement) or not isinstance(element.key, cst.SimpleString):
                return None
            values[str(element.key.evaluated_value)] = element.value
        return values
    return None
