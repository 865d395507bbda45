"""Type nodes -> the text of annotations, and the names such text needs imported.

A parameter is as wide as the server accepts (a path where a file goes, a mapping where a model goes), a
result as narrow as the server promises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spacegen import ir
from spacegen.quoting import literal

_PLAIN: dict[type, str] = {
    ir.Text: "str",
    ir.Whole: "int",
    ir.Real: "float",
    ir.Flag: "bool",
    ir.Nothing: "None",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """Source text of a type, and the names in it that are not builtins."""

    text: str
    names: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.text


def parameter_type(node: ir.TypeNode) -> Annotation:
    """Return the annotation of a parameter."""
    match node:
        case ir.File():
            return _named("FileInput")
        case ir.ModelRef():
            return _join(_alternatives(node))
        case ir.ListOf(item):
            return _generic("Sequence", [parameter_type(item)])
        case ir.DictOf(value):
            return _generic("Mapping", [Annotation("str"), parameter_type(value)])
        case ir.TupleOf(items):
            return _generic("tuple", [parameter_type(item) for item in items])
        case ir.AnyOf(options):
            # Every model may be a mapping, too, which is said once: after the last of them.
            alternatives = [one for option in reversed(options) for one in reversed(_alternatives(option))]
            return _join(list(dict.fromkeys(alternatives))[::-1])
        case _:
            return _scalar(node)


def _alternatives(node: ir.TypeNode) -> list[Annotation]:
    if isinstance(node, ir.ModelRef):
        return [_named(node.name), _generic("Mapping", [Annotation("str"), _named("Any")])]
    return [parameter_type(node)]


def result_type(node: ir.TypeNode) -> Annotation:
    """Return the annotation of a result, which is also the type that the runtime reads it as."""
    match node:
        case ir.File():
            return _named("FileData")
        case ir.ModelRef(name):
            return _named(name)
        case ir.ListOf(item):
            return _generic("list", [result_type(item)])
        case ir.DictOf(value):
            return _generic("dict", [Annotation("str"), result_type(value)])
        case ir.TupleOf(items):
            return _generic("tuple", [result_type(item) for item in items])
        case ir.AnyOf(options):
            return _join([result_type(option) for option in options])
        case _:
            return _scalar(node)


def file_places(parameters: Iterable[ir.Parameter], models: dict[str, ir.Model]) -> tuple[str, ...]:
    """Return where in a call's data a plain string means a file: `image`, `gallery[].image`, `sent.files[]`."""
    places: list[str] = []
    for parameter in parameters:
        _places(parameter.type, parameter.name, models, (), places)
    return tuple(dict.fromkeys(places))


def _places(
    node: ir.TypeNode, here: str, models: dict[str, ir.Model], above: tuple[str, ...], found: list[str]
) -> None:
    match node:
        case ir.File():
            found.append(here)
        case ir.ListOf(item):
            _places(item, f"{here}[]", models, above, found)
        case ir.DictOf(value):
            _places(value, f"{here}{{}}", models, above, found)
        case ir.TupleOf(items) | ir.AnyOf(items):
            step = here if isinstance(node, ir.AnyOf) else f"{here}[]"
            for item in items:
                _places(item, step, models, above, found)
        case ir.ModelRef(name) if name not in above:
            plain = [field for field in models[name].fields if field.key.isidentifier()]
            for field in plain:
                _places(field.type, f"{here}.{field.key}", models, (*above, name), found)
        case _:
            pass


def _scalar(node: ir.TypeNode) -> Annotation:
    if isinstance(node, ir.Choice):
        values = ", ".join(literal(value) for value in node.values)
        return Annotation(f"Literal[{values}]", frozenset({"Literal"}))
    return _named("Any") if isinstance(node, ir.Anything) else Annotation(_PLAIN[type(node)])


def _named(name: str) -> Annotation:
    return Annotation(str(name), frozenset({str(name)}))


def _generic(name: str, arguments: list[Annotation]) -> Annotation:
    imported = frozenset[str]() if name.islower() else frozenset({name})
    inner = ", ".join(argument.text for argument in arguments)
    return Annotation(f"{name}[{inner}]", imported.union(*(argument.names for argument in arguments)))


def _join(options: list[Annotation]) -> Annotation:
    texts = dict.fromkeys(option.text for option in options)
    return Annotation(" | ".join(texts), frozenset().union(*(option.names for option in options)))
