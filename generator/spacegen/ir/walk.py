"""Every type that a type is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from spacegen.ir.types import AnyOf, DictOf, ListOf, Model, ModelRef, TupleOf, TypeNode


def children(node: TypeNode) -> tuple[TypeNode, ...]:
    """Return the types that a type is made of directly."""
    match node:
        case ListOf(item) | DictOf(item):
            return (item,)
        case TupleOf(items) | AnyOf(items):
            return items
        case _:
            return ()


def walk(nodes: Iterable[TypeNode], models: Mapping[str, Model] | None = None) -> Iterator[TypeNode]:
    """Yield types with all that they are made of, and with the fields of the `models` that they name."""
    waiting, seen = list(nodes), set[str]()
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)
        if isinstance(node, ModelRef) and node.name not in seen and models and node.name in models:
            seen.add(node.name)
            waiting += [field.type for field in models[node.name].fields]
