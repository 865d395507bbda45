"""Where in a call's data a plain string means a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, zip_longest

from spacegen.ir import types
from spacegen.ir.space import Parameter
from spacegen.ir.unions import may_be_text, options_of

_MOST_STEPS = 20_000
"""For one parameter; a type has at most 4,000 nodes, and only unusual unions are visited again."""
_ITEM = re.compile(r"\[\d*\]\??")


def file_places(parameters: Iterable[Parameter], models: dict[str, types.Model]) -> tuple[str, ...]:
    """Return where in a call's data a plain string means a file: `image`, `sent.files[]`, `gallery[][0]`.

    If another option of a union is a text, a plain string is that text. If something else is possible, such as a
    list of texts, the place ends in `?`.
    """
    found: list[str] = []
    for parameter in parameters:
        walk = _Walk(models, found)
        walk.place((parameter.type,), parameter.name, frozenset(), text=False)
    return tuple(dict.fromkeys(found))


def is_item(place: str, here: str) -> bool:
    """Return whether a place is that of the items of the list that stands `here`."""
    return place.startswith(here) and _ITEM.fullmatch(place, len(here)) is not None


class _Walk:
    """Goes through all types that one place may have, and records where a string can only be a file."""

    def __init__(self, models: dict[str, types.Model], found: list[str]) -> None:
        self.models = models
        self.found = found
        self.left = _MOST_STEPS

    def place(
        self, alternatives: Iterable[types.TypeNode], here: str, above: frozenset[str], *, text: bool
    ) -> None:
        """Note the files of a place; `text` says that it is part of what may be a text instead."""
        self.left -= 1
        if self.left < 0:
            return
        options = [option for one in alternatives for option in options_of(one)]
        text = text or any(map(may_be_text, options))
        items = [option.item for option in options if isinstance(option, types.ListOf)]
        tuples = [option.items for option in options if isinstance(option, types.TupleOf)]
        before = len(self.found)
        if items:
            self.place([*items, *chain(*tuples)], f"{here}[]", above, text=text)
        else:
            for at, kinds in enumerate(zip_longest(*tuples)):
                self.place(filter(None, kinds), f"{here}[{at}]", above, text=text)
        if types.File() in options and not text:
            # A list is known by the files in it; anything else beside a file must be allowed for.
            known: tuple[type, ...] = (types.File, types.Nothing)
            if any(is_item(one, here) for one in self.found[before:]):
                known = (*known, types.ListOf, types.TupleOf)
            others = not all(isinstance(option, known) for option in options)
            self.found.insert(before, f"{here}?" if others else here)
        self._objects(options, here, above, text=text)

    def _objects(self, options: list[types.TypeNode], here: str, above: frozenset[str], *, text: bool) -> None:
        values = [option.value for option in options if isinstance(option, types.DictOf)]
        names = [option.name for option in options if isinstance(option, types.ModelRef)]
        fields: dict[str, list[types.TypeNode]] = {}
        for field in chain.from_iterable(self.models[name].fields for name in names if name not in above):
            if field.key.isidentifier():
                fields.setdefault(field.key, [*values]).append(field.type)
        for key, kinds in fields.items():
            self.place(kinds, f"{here}.{key}", above.union(names), text=False)
        if values and not names:
            self.place(values, f"{here}{{}}", above, text=text)
