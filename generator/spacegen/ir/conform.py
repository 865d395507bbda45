"""Whether a JSON value is of a type."""

from __future__ import annotations

import sys
from typing import Any

from spacegen import ir


def fits(value: Any, node: ir.TypeNode, *, models_fit: bool = False) -> bool:
    """Tell whether a JSON value is of a type; objects and files count only where `models_fit`."""
    match node:
        case ir.Anything():
            return True
        case ir.Text():
            return isinstance(value, str)
        case ir.Flag():
            return isinstance(value, bool)
        case ir.Whole():
            return isinstance(value, int) and not isinstance(value, bool)
        case ir.Real():
            return is_number(value)
        case ir.Nothing():
            return value is None
        case ir.Choice(values):
            return any(value == one and type(value) is type(one) for one in values)
        case ir.AnyOf(options):
            return any(fits(value, option, models_fit=models_fit) for option in options)
        case ir.ListOf(item):
            return isinstance(value, list) and all(fits(one, item, models_fit=models_fit) for one in value)
        case ir.TupleOf(items):
            return (
                isinstance(value, list)
                and len(value) == len(items)
                and all(map(lambda one, item: fits(one, item, models_fit=models_fit), value, items))
            )
        case ir.DictOf(item):
            return isinstance(value, dict) and all(
                fits(one, item, models_fit=models_fit) for one in value.values()
            )
        case _:
            return models_fit and isinstance(value, dict)


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number: not a boolean, and finite."""
    # Not math.isfinite, which raises for integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
