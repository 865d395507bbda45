"""Whether a JSON value is of a type."""

from __future__ import annotations

from typing import Any

from spacegen.ir import types
from spacegen.ir.forms import is_number


def conforms(value: Any, node: types.TypeNode, *, models_fit: bool = False) -> bool:
    """Tell whether a JSON value is of a type; objects and files count only where `models_fit`."""
    match node:
        case types.Anything():
            return True
        case types.Text():
            return isinstance(value, str)
        case types.Flag():
            return isinstance(value, bool)
        case types.Whole():
            return isinstance(value, int) and not isinstance(value, bool)
        case types.Real():
            return is_number(value)
        case types.Nothing():
            return value is None
        case types.Choice(values):
            return any(value == one and type(value) is type(one) for one in values)
        case types.AnyOf(options):
            return any(conforms(value, option, models_fit=models_fit) for option in options)
        case types.ListOf(item):
            return isinstance(value, list) and all(conforms(one, item, models_fit=models_fit) for one in value)
        case types.TupleOf(items):
            return (
                isinstance(value, list)
                and len(value) == len(items)
                and all(map(lambda one, item: conforms(one, item, models_fit=models_fit), value, items))
            )
        case types.DictOf(item):
            return isinstance(value, dict) and all(
                conforms(one, item, models_fit=models_fit) for one in value.values()
            )
        case _:
            return models_fit and isinstance(value, dict)
