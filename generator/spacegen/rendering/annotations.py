"""Type nodes -> the text of annotations, and the names such text needs imported.

A parameter's type is as wide as the server accepts (a path for a file, a mapping for a model), a result's type as
narrow as the server promises.
"""

from __future__ import annotations

from dataclasses import dataclass

from spacegen.ir import types
from spacegen.ir.space import Endpoint
from spacegen.ir.types import ClassName
from spacegen.ir.unions import may_be_text
from spacegen.quoting import literal

MODELS = "models"
"""The module of a package that has its models."""
_PLAIN: dict[type, str] = {
    types.Text: "str",
    types.Whole: "int",
    types.Real: "float",
    types.Flag: "bool",
    types.Nothing: "None",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A type as people read it, the names in it that are not builtins, and the type as `endpoints.py` writes it.

    There, classes of `models.py` are written as `models.Message`, so that only their use loads them.
    """

    text: str
    source: str
    names: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.text


def parameter_type(node: types.TypeNode, file: str = "FileInput") -> Annotation:
    """Return the annotation of a parameter; `file` is the text for a file."""
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
            return _generic("Mapping", [_builtin("str"), parameter_type(value, file)])
        case types.TupleOf(items):
            return _generic("tuple", [parameter_type(item, file) for item in items])
        case types.AnyOf(options):
            file = "FileData" if may_be_text(node) else file  # a plain string is text, and does not name a file
            # A mapping is accepted for every model; this is written once, after the last of them.
            alternatives = [one for option in reversed(options) for one in reversed(_alternatives(option, file))]
            return _join(list(dict.fromkeys(alternatives))[::-1])
        case _:
            return _scalar(node)


def _alternatives(node: types.TypeNode, file: str) -> list[Annotation]:
    if isinstance(node, types.ModelRef):
        return [_model(node.name), _generic("Mapping", [_builtin("str"), _named("Any")])]
    return [parameter_type(node, file)]


def result_type(node: types.TypeNode) -> Annotation:
    """Return the annotation of a result, which is also the type that the runtime reads it as."""
    match node:
        case types.File():
            return _named("FileData")
        case types.ModelRef(name):
            return _model(name)
        case types.ListOf(item):
            return _generic("list", [result_type(item)])
        case types.DictOf(value):
            return _generic("dict", [_builtin("str"), result_type(value)])
        case types.TupleOf(items):
            return _generic("tuple", [result_type(item) for item in items])
        case types.AnyOf(options):
            return _join([result_type(option) for option in options])
        case _:
            return _scalar(node)


def _scalar(node: types.TypeNode) -> Annotation:
    if isinstance(node, types.Choice):
        values = ", ".join(literal(value) for value in node.values)
        return Annotation(f"Literal[{values}]", f"Literal[{values}]", frozenset({"Literal"}))
    return _named("Any") if isinstance(node, types.Anything) else _builtin(_PLAIN[type(node)])


def _builtin(name: str) -> Annotation:
    return Annotation(name, name)


def _named(name: str) -> Annotation:
    return Annotation(name, name, frozenset({name}))


def _model(name: ClassName) -> Annotation:
    return Annotation(str(name), f"{MODELS}.{name}", frozenset({MODELS}))


def _generic(name: str, arguments: list[Annotation]) -> Annotation:
    imported = frozenset[str]() if name.islower() else frozenset({name})
    text, source = (", ".join(texts) for texts in zip(*((one.text, one.source) for one in arguments), strict=True))
    names = imported.union(*(one.names for one in arguments))
    return Annotation(f"{name}[{text}]", f"{name}[{source}]", names)


def _join(options: list[Annotation]) -> Annotation:
    different = list({option.source: option for option in options}.values())
    text, source = " | ".join(one.text for one in different), " | ".join(one.source for one in different)
    return Annotation(text, source, frozenset().union(*(one.names for one in different)))


def returned_type(endpoint: Endpoint) -> Annotation:
    """Return the annotation of what a call of the endpoint gives."""
    if endpoint.result is not None:
        return _builtin(endpoint.result)
    if not endpoint.outputs:
        return _builtin("None")
    # `Call[None]` says that there is no output. An output that is declared as always null may have a value after
    # all.
    only = endpoint.outputs[0].type
    return result_type(types.Anything() if only == types.Nothing() else only)
