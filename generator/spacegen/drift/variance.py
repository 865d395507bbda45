"""Whether one type may replace another, from a type checker's point of view.

Models are compared by name, as a type checker does. `compare` reports changes inside a model once.
"""

from __future__ import annotations

from collections.abc import Callable

from spacegen.ir import types

_PROMOTIONS: dict[type, tuple[type, ...]] = {types.Flag: (types.Whole, types.Real), types.Whole: (types.Real,)}
_KINDS: dict[type, types.TypeNode] = {str: types.Text(), bool: types.Flag(), int: types.Whole()}
_Rule = Callable[[types.TypeNode, types.TypeNode], bool]


def takes(new: types.TypeNode, old: types.TypeNode) -> bool:
    """Tell whether a parameter of type `new` takes every argument that one of type `old` took."""
    if new == types.Anything():
        return True
    match old, new:
        case types.ListOf(item), types.ListOf(wider):
            return takes(wider, item)
        case types.TupleOf(items), types.ListOf(wider):
            return all(takes(wider, item) for item in items)
        case types.DictOf(value), types.DictOf(wider):
            return takes(wider, value)
        case types.TupleOf(items), types.TupleOf(others) if len(items) == len(others):
            return all(map(takes, others, items))
        case _:
            return _fits(old, new, lambda one, other: takes(other, one))


def gives(new: types.TypeNode, old: types.TypeNode) -> bool:
    """Tell whether a result of type `new` may be used wherever one of type `old` was.

    `list` and `dict` are invariant: code like `x: list[float] = f()` does not accept a `list[int]`. Code that uses
    `Any` may do things with it that no other type allows.
    """
    match new, old:
        case types.TupleOf(items), types.TupleOf(others) if len(items) == len(others):
            return all(map(gives, items, others))
        case types.ListOf(item), types.ListOf(other):
            return same(item, other)
        case types.DictOf(item), types.DictOf(other):
            return same(item, other)
        case _:
            return _fits(new, old, gives)


def same(first: types.TypeNode, second: types.TypeNode) -> bool:
    """Return whether two types are the same for a type checker."""
    return gives(first, second) and gives(second, first)


def more_choices(old: types.TypeNode, new: types.TypeNode) -> list[types.Scalar]:
    """Return the choices that only the new type has; empty where that is not all that makes it wider."""
    match old, new:
        case types.Choice(before), types.Choice(after):
            known = {(type(value), value) for value in before}
            added = [value for value in after if (type(value), value) not in known]
            return added if len(after) - len(added) == len(before) else []
        case types.ListOf(item), types.ListOf(other):
            return more_choices(item, other)
        case types.AnyOf(options), types.AnyOf(others):
            pairs = [(one, two) for one, two in zip(options, others, strict=False) if not same(one, two)]
            return more_choices(*pairs[0]) if len(options) == len(others) and len(pairs) == 1 else []
        case _:
            return []


def _fits(one: types.TypeNode, other: types.TypeNode, rule: _Rule) -> bool:
    """Tell whether every value of type `one` is of type `other`; `rule` decides about parts."""
    match one, other:
        case types.AnyOf(options), _:
            return all(rule(option, other) for option in options)
        case types.Choice(values), types.AnyOf(options):
            return all(any(rule(types.Choice((value,)), option) for option in options) for value in values)
        case _, types.AnyOf(options):
            return any(rule(one, option) for option in options)
        case types.Choice(values), types.Choice(others):
            known = {(type(value), value) for value in others}
            return all((type(value), value) in known for value in values)
        case types.Choice(values), _:
            return all(rule(_KINDS[type(value)], other) for value in values if value is not None)
        case _, types.Choice():
            return False
        case _:
            return one == other or type(other) in _PROMOTIONS.get(type(one), ())
