"""Whether one type may stand where another stood, as a type checker sees a package.

Names count, as they do for a type checker: a model is the same where its name is. What has changed inside
a model is told once, by `drift`.
"""

from __future__ import annotations

from collections.abc import Callable

from spacegen import ir

_PROMOTIONS: dict[type, tuple[type, ...]] = {ir.Flag: (ir.Whole, ir.Real), ir.Whole: (ir.Real,)}
_KINDS: dict[type, ir.TypeNode] = {str: ir.Text(), bool: ir.Flag(), int: ir.Whole()}
_Rule = Callable[[ir.TypeNode, ir.TypeNode], bool]


def takes(new: ir.TypeNode, old: ir.TypeNode) -> bool:
    """Tell whether a parameter of type `new` takes every argument that one of type `old` took."""
    if new == ir.Anything():
        return True
    match old, new:
        case ir.ListOf(item), ir.ListOf(wider):
            return takes(wider, item)
        case ir.TupleOf(items), ir.ListOf(wider):
            return all(takes(wider, item) for item in items)
        case ir.DictOf(value), ir.DictOf(wider):
            return takes(wider, value)
        case ir.TupleOf(items), ir.TupleOf(others) if len(items) == len(others):
            return all(map(takes, others, items))
        case _:
            return _fits(old, new, lambda one, other: takes(other, one))


def gives(new: ir.TypeNode, old: ir.TypeNode) -> bool:
    """Tell whether a result of type `new` may be used wherever one of type `old` was.

    `list` and `dict` are invariant: who wrote `x: list[float] = f()` cannot take a `list[int]`. Who uses
    `Any` may do with it what no other type allows.
    """
    match new, old:
        case ir.TupleOf(items), ir.TupleOf(others) if len(items) == len(others):
            return all(map(gives, items, others))
        case ir.ListOf(item), ir.ListOf(other):
            return same(item, other)
        case ir.DictOf(item), ir.DictOf(other):
            return same(item, other)
        case _:
            return _fits(new, old, gives)


def same(first: ir.TypeNode, second: ir.TypeNode) -> bool:
    """Tell whether two types mean the same to a type checker."""
    return gives(first, second) and gives(second, first)


def _fits(one: ir.TypeNode, other: ir.TypeNode, rule: _Rule) -> bool:
    """Tell whether every value of type `one` is of type `other`; `rule` decides about parts."""
    match one, other:
        case ir.AnyOf(options), _:
            return all(rule(option, other) for option in options)
        case ir.Choice(values), ir.AnyOf(options):
            return all(any(rule(ir.Choice((value,)), option) for option in options) for value in values)
        case _, ir.AnyOf(options):
            return any(rule(one, option) for option in options)
        case ir.Choice(values), ir.Choice(others):
            known = {(type(value), value) for value in others}
            return all((type(value), value) in known for value in values)
        case ir.Choice(values), _:
            return all(rule(_KINDS[type(value)], other) for value in values if value is not None)
        case _, ir.Choice():
            return False
        case _:
            return one == other or type(other) in _PROMOTIONS.get(type(one), ())
