"""Where in a call's data a plain string means a file."""

from __future__ import annotations

from collections.abc import Iterable

from spacegen.ir import types
from spacegen.ir.space import Parameter


def file_places(parameters: Iterable[Parameter], models: dict[str, types.Model]) -> tuple[str, ...]:
    """Return where in a call's data a plain string means a file: `image`, `gallery[].image`, `sent.files[]`."""
    places: list[str] = []
    for parameter in parameters:
        _places(parameter.type, parameter.name, models, (), places)
    return tuple(dict.fromkeys(places))


def _places(
    node: types.TypeNode, here: str, models: dict[str, types.Model], above: tuple[str, ...], found: list[str]
) -> None:
    match node:
        case types.File():
            found.append(here)
        case types.ListOf(item):
            _places(item, f"{here}[]", models, above, found)
        case types.DictOf(value):
            _places(value, f"{here}{{}}", models, above, found)
        case types.TupleOf(items) | types.AnyOf(items):
            step = here if isinstance(node, types.AnyOf) else f"{here}[]"
            for item in items:
                _places(item, step, models, above, found)
        case types.ModelRef(name) if name not in above:
            plain = [field for field in models[name].fields if field.key.isidentifier()]
            for field in plain:
                _places(field.type, f"{here}.{field.key}", models, (*above, name), found)
        case _:
            pass
