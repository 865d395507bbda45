"""Types as a closed set of nodes, never strings: so no text of a Space becomes code through a type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NewType

Identifier = NewType("Identifier", str)
ClassName = NewType("ClassName", str)
PackageName = NewType("PackageName", str)

Scalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Text:
    """Any string."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer."""


@dataclass(frozen=True, slots=True)
class Real:
    """A number."""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """JSON's null."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value: the widest type, also used for schemas that cannot be read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file: uploaded on the way in, downloadable on the way out."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A data frame of the caller; only parameters take it."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of a few values, in their own type (numbers stay numbers, and 1 is not True)."""

    values: tuple[Scalar, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self._typed() == other._typed()

    def __hash__(self) -> int:
        return hash(self._typed())

    def _typed(self) -> tuple[tuple[type, Scalar], ...]:
        return tuple((type(value), value) for value in self.values)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind of item."""

    item: TypeNode


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A list of fixed length, each position with its own type."""

    items: tuple[TypeNode, ...]


@dataclass(frozen=True, slots=True)
class DictOf:
    """An object with any keys and one kind of value."""

    value: TypeNode


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several types; at least two, all different, none of them `AnyOf` or `Anything`."""

    options: tuple[TypeNode, ...]


@dataclass(frozen=True, slots=True)
class ModelRef:
    """An object with known fields, described once in `Space.models`."""

    name: ClassName


Leaf = Text | Whole | Real | Flag | Nothing | Anything | File | Frame | Choice
TypeNode = Leaf | ListOf | TupleOf | DictOf | AnyOf | ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an object.

    Attributes:
        key: Its name on the wire.
        name: Its name in Python.
        default: A tag, an empty list or nothing.
    """

    key: str
    name: Identifier
    type: TypeNode
    required: bool
    default: Scalar | float | list[Any] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object with known fields, shared by all endpoints that take or return it."""

    name: ClassName
    fields: tuple[Field, ...]
