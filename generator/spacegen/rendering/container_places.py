"""Where in a call's data a list must stand, and where an object must."""

from __future__ import annotations

from collections.abc import Iterable

from spacegen.ir import types
from spacegen.ir.space import Parameter
from spacegen.ir.unions import options_of

_LISTS = (types.ListOf, types.TupleOf)
_OBJECTS = (types.ModelRef, types.DictOf, types.Frame)


def container_places(parameters: Iterable[Parameter]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return where a text or a number is no value, for a list is wanted, and where a list is none either.

    To Python a text is a sequence of texts, so that `words("abc")` type-checks where `words(["abc"])` was meant.
    Objects inside objects are left to their models.
    """
    lists: list[str] = []
    objects: list[str] = []
    left = [(parameter.type, parameter.name) for parameter in parameters if not parameter.of_event]
    while left:
        node, here = left.pop(0)
        options = [option for option in options_of(node) if option != types.Nothing()]
        if not options or not all(isinstance(option, (*_LISTS, *_OBJECTS)) for option in options):
            continue
        several = [option for option in options if isinstance(option, _LISTS)]
        if not several:
            objects.append(here)
        else:
            lists.append(here)
        if len(several) == 1:
            left += _items(several[0], here)
    return tuple(lists), tuple(objects)


def _items(node: types.TypeNode, here: str) -> list[tuple[types.TypeNode, str]]:
    if isinstance(node, types.ListOf):
        return [(node.item, f"{here}[]")]
    items = node.items if isinstance(node, types.TupleOf) else ()
    return [(item, f"{here}[{at}]") for at, item in enumerate(items)]
