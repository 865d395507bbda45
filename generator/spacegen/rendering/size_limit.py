"""How much there is to write: each document is bounded, but what all its endpoints together ask for is not."""

from __future__ import annotations

from spacegen import ir
from spacegen.errors import DocumentError

_HEAVIEST = 100_000
"""Forty times the largest app seen, and half a minute of work."""
_MODEL, _FIELD = 20, 5  # as much work as so many parameters: they go through another generator first


def check_weight(space: ir.Space) -> None:
    """Refuse a Space that would take minutes to write, and a type checker longer.

    Raises:
        DocumentError: It has too many parameters, choices and fields.
    """
    weight = sum(_endpoint(endpoint) for endpoint in space.endpoints) + sum(_model(one) for one in space.models)
    if weight > _HEAVIEST:
        raise DocumentError(
            f"{space.id} has too many parameters, choices and fields to be written as one package.",
            "--include names the endpoints that are wanted.",
        )


def _endpoint(endpoint: ir.Endpoint) -> int:
    if endpoint.twin_of is not None:
        return 1
    types = [*(one.type for one in endpoint.parameters), *(one.type for one in endpoint.outputs)]
    return 1 + sum(1 + _node(node) for node in types)


def _model(model: ir.Model) -> int:
    return _MODEL + sum(_FIELD + _node(field.type) for field in model.fields)


def _node(node: ir.TypeNode) -> int:
    match node:
        case ir.Choice(values):
            return len(values)
        case ir.ListOf(inner) | ir.DictOf(inner):
            return 1 + _node(inner)
        case ir.TupleOf(items) | ir.AnyOf(items):
            return 1 + sum(map(_node, items))
        case _:
            return 1
