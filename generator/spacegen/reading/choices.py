"""The type of a component's choices."""

from __future__ import annotations

from typing import Any

from spacegen.ir import types
from spacegen.ir.forms import is_scalar
from spacegen.ir.unions import kind_of, union
from spacegen.text import is_encodable

_MOST_CHOICES = 64
_LONGEST_CHOICE = 200


def choice(values: list[Any], base: types.TypeNode | None = None) -> types.TypeNode:
    """Return the type of one of `values`; long lists, floats and broken text, which no Literal can hold, widen.

    Raises:
        TypeError: A value is a list or an object; only in a manifest that somebody has changed.
    """
    if not all(map(is_scalar, values)):
        raise TypeError("a choice is no text, number or flag")
    kinds = union(tuple(kind_of(value) for value in values))
    if not values:
        # The app fills in these choices later; nothing is known about them except that they are text or numbers.
        return union((types.Text(), types.Real())) if base is None or base == types.Text() else base
    floats = any(isinstance(value, float) for value in values)
    broken = not all(is_encodable(value) for value in values if isinstance(value, str))
    long = len(values) > _MOST_CHOICES or any(isinstance(v, str) and len(v) > _LONGEST_CHOICE for v in values)
    if floats or long or broken:
        return kinds
    literals = types.Choice(tuple(v for v in values if v is not None))
    if not literals.values:
        return types.Nothing()
    return union((literals, types.Nothing())) if None in values else literals
