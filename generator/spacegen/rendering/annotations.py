"""Type nodes -> the text of annotations, and the names such text needs imported.

A parameter is as wide as the server accepts (a path where a file goes, a mapping where a model goes), a
result as narrow as the server promises.
"""

from __future__ import annotations

from dataclasses import dataclass

from spacegen.ir import types
from spacegen.ir.space import Endpoint
from spacegen.ir.unions import may_be_text
from spacegen.quoting import literal

_PLAIN: dict[type, str] = {
    types.Text: "str",
    types.Whole: "int",
    types.Real: "float",
    types.Flag: "bool",
    types.Nothing: "None",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """Source text of a type, and the names in it that are not builtins."""

    text: str
    names: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.text


def parameter_type(node: types.TypeNode, file: str = "FileInput") -> Annotation:
    """Return the annotation of a parameter, in which a file is written as `file`."""
    match node:
        case types.File():
            return _named(file)
        case types.Frame():
            return _named("FrameInput")
        case types.ModelRef():
            return _join(_alternatives(node, file))
        case types.ListOf(item):
            return _generic("Sequence", [parameter_type(item, file)])
        case types.DictOf(value):
            return _generic("Mapping", [Annotation("str"), parameter_type(value, file)])
        case types.TupleOf(items):
            return _generic("tuple", [parameter_type(item, file) for item in items])
        case types.AnyOf(options):
            file = "FileData" if may_be_text(node) else file  # a plain string is that text, and names no file
            # Every model may be a mapping, too, which is said once: after the last of them.
            alternatives = [one for option in reversed(options) for one in reversed(_alternatives(option, file))]
            return _join(list(dict.fromkeys(alternatives))[::-1])
        case _:
            return _scalar(node)


def _alternatives(node: types.TypeNode, file: str) -> list[Annotation]:
    if isinstance(node, types.ModelRef):
        return [_named(node.name), _generic("Mapping", [Annotation("str"), _named("Any")])]
    return [parameter_type(node, file)]


def result_type(node: types.TypeNode) -> Annotation:
    """Return the annotation of a result, which is also the type that the runtime reads it as."""
    match node:
        case types.File():
            return _named("FileData")
        case types.ModelRef(name):
            return _named(name)
        case types.ListOf(item):
            return _generic("list", [result_type(item)])
        case types.DictOf(value):
            return _generic("dict", [Annotation("str"), result_type(value)])
        case types.TupleOf(items):
            return _generic("tuple", [result_type(item) for item in items])
        case types.AnyOf(options):
            return _join([result_type(option) for option in options])
        case _:
            return _scalar(node)


def _scalar(node: types.TypeNode) -> Annotation:
    if isinstance(node, types.Choice):
        values = ", ".join(literal(value) for value in node.values)
        return Annotation(f"Literal[{values}]", frozenset({"Literal"}))
    return _named("Any") if isinstance(node, types.Anything) else Annotation(_PLAIN[type(node)])


def _named(name: str) -> Annotation:
    return Annotation(str(name), frozenset({str(name)}))


def _generic(name: str, arguments: list[Annotation]) -> Annotation:
    imported = frozenset[str]() if name.islower() else frozenset({name})
    inner = ", ".join(argument.text for argument in arguments)
    return Annotation(f"{name}[{inner}]", imported.union(*(argument.names for argument in arguments)))


def _join(options: list[Annotation]) -> Annotation:
    texts = dict.fromkeys(option.text for option in options)
    return Annotation(" | ".join(texts), frozenset().union(*(option.names for option in options)))


def returned_type(endpoint: Endpoint) -> Annotation:
    """Return the annotation of what a call of the endpoint gives."""
    if endpoint.result is not None:
        return Annotation(endpoint.result)
    if not endpoint.outputs:
        return Annotation("None")
    # `Call[None]` says that there is no output. One that is said to be always null may be something after all.
    only = endpoint.outputs[0].type
    return result_type(types.Anything() if only == types.Nothing() else only)
