"""Makes one type out of several: unions, and other accepted values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spacegen.ir import types

_MOST_OPTIONS = 64
"""The largest number of options of a union. Python nests each inside the next, and its depth is limited."""


def widened(node: types.TypeNode) -> types.TypeNode:
    """Return a type that takes other values than the choices: of the same kind, and text, as people type it."""
    match node:
        case types.Choice(values):
            return union((*(kind_of(value) for value in values), types.Text()))
        case types.Whole() | types.Real() | types.Flag():  # choices that are too many, or that no Literal can hold
            return union((node, types.Text()))
        case types.ListOf(item):
            return types.ListOf(widened(item))
        case types.AnyOf(options):
            return union(tuple(widened(option) for option in options))
        case _:
            return node


def union(options: Iterator[types.TypeNode] | tuple[types.TypeNode, ...]) -> types.TypeNode:
    """Return one type for several: flat, without repetition, null last.

    `Anything` replaces the rest, and so do too many options.
    """
    flat: list[types.TypeNode] = []
    for option in options:
        for one in option.options if isinstance(option, types.AnyOf) else (option,):
            if one not in flat:
                flat.append(one)
            if len(flat) > _MOST_OPTIONS:
                return types.Anything()
    if not flat or types.Anything() in flat:
        return types.Anything()
    if types.Real() in flat and types.Whole() in flat:
        flat.remove(types.Whole())  # a type checker takes an int for a float
    flat.sort(key=lambda node: node == types.Nothing())
    return flat[0] if len(flat) == 1 else types.AnyOf(tuple(flat))


def options_of(node: types.TypeNode) -> tuple[types.TypeNode, ...]:
    """Return the options of a union, or the one type that it is."""
    return node.options if isinstance(node, types.AnyOf) else (node,)


def may_be_text(node: types.TypeNode) -> bool:
    """Return whether a plain string is of this type; a file does not count, although a string can name it."""
    for option in options_of(node):
        words = option.values if isinstance(option, types.Choice) else ()
        if option == types.Text() or any(isinstance(word, str) for word in words):
            return True
    return False


def accepted_type(node: types.TypeNode, *, custom: bool, null: bool, component: str = "") -> types.TypeNode:
    """Return what callers may pass: also other values than the `custom` choices, and None if that is the default.

    For a table, a data frame is accepted as well.
    """
    node = widened(node) if custom else node
    node = union((node, types.Frame())) if component.lower() == "dataframe" else node
    return union((node, types.Nothing())) if null or _may_stay_empty(node) else node


def _may_stay_empty(node: types.TypeNode) -> bool:
    # Gradio never publishes whether null is allowed. The server takes null everywhere, but people leave only files
    # empty on purpose.
    return node in (types.File(), types.ListOf(types.File()))


def kind_of(value: Any) -> types.TypeNode:
    """Return the type of a plain value; null if it is not a text, number or flag."""
    kinds: dict[type, types.TypeNode] = {
        str: types.Text(),
        bool: types.Flag(),
        int: types.Whole(),
        float: types.Real(),
    }
    return kinds.get(type(value), types.Nothing())
