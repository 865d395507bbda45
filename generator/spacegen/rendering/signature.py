"""The rules of a signature: rendering follows them, and verification checks them."""

from __future__ import annotations

from spacegen.ir.space import Inlined, Parameter, Published
from spacegen.quoting import literal


def positional(parameters: tuple[Parameter, ...]) -> int:
    """Return how many parameters may be passed by position.

    These are the required ones up to the first default, or the first parameter if none is required; the rest are
    keyword-only, so that a Space may add one without moving another.
    """
    leading = next((i for i, p in enumerate(parameters) if p.default is not None), len(parameters))
    if leading == 0 and parameters and all(p.default is not None for p in parameters):
        return 1
    return leading


def default_source(parameter: Parameter) -> str | None:
    """Return the source of a parameter's default, or None where it has none."""
    match parameter.default:
        case Inlined(value):
            return literal(value)
        case Published():
            return "PUBLISHED"
        case _:
            return None
