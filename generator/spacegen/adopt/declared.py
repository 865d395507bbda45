"""The type that code declares for a result, and whether the Space promises the same."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import Assignment

from spacegen import ir
from spacegen.adopt.flows import Flow
from spacegen.adopt.language import Path
from spacegen.adopt.module import Module

_WORDS: dict[type, frozenset[str]] = {
    ir.Text: frozenset({"str"}),
    ir.File: frozenset({"str"}),
    ir.Whole: frozenset({"int", "float"}),
    ir.Real: frozenset({"float"}),
    ir.Flag: frozenset({"bool", "int", "float"}),
    ir.Nothing: frozenset({"None"}),
    ir.ListOf: frozenset({"list", "List", "Sequence", "Iterable", "Collection"}),
    ir.DictOf: frozenset({"dict", "Dict", "Mapping"}),
    ir.ModelRef: frozenset({"dict", "Dict", "Mapping"}),
    ir.TupleOf: frozenset({"tuple", "Tuple", "Sequence", "Iterable", "Collection"}),
}
"""The names under which values of each type may be declared, after conversion to what gradio_client returned."""
_KIND_OF_VALUE: dict[type, type] = {
    str: ir.Text,
    bool: ir.Flag,
    int: ir.Whole,
    float: ir.Real,
    type(None): ir.Nothing,
}
_KNOWN = frozenset().union(*_WORDS.values()) | {"set", "bytes", "Path"}


def declared(module: Module, flow: Flow) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression]]:
    """Yield the declared types of a value, wherever it goes: the expression there, and the annotation."""
    for target, value, path in flow.stored:
        for annotation in annotations_of(module, target):
            if (inner := _down(annotation, path)) is not None:
                yield value, inner
    for name, value, path in flow.given:
        for one in fields_named(module, name):
            if (inner := _down(one.annotation.annotation, path)) is not None:
                yield value, inner
    for function, value, path in flow.returned:
        if function.returns is not None and (inner := _down(function.returns.annotation, path)) is not None:
            yield value, inner


def annotations_of(module: Module, target: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return every annotation of a name, a parameter or an attribute."""
    if isinstance(target, cst.Param):
        nodes: list[cst.CSTNode] = [target]
    elif isinstance(target, cst.Name):
        scope = module.scope(target)
        nodes = [one.node for one in (scope[target.value] if scope else ()) if isinstance(one, Assignment)]
        nodes = [one if isinstance(one, cst.Param) else module.parent(one) or one for one in nodes]
    elif isinstance(target, cst.Attribute):
        name = target.attr.value
        nodes = [module.parent(one) or one for one in module.attributes.get(name, ())]
        nodes += fields_named(module, name)
    else:
        return []
    said = [one.annotation for one in nodes if isinstance(one, (cst.Param, cst.AnnAssign))]
    return [one.annotation for one in said if one is not None]


def fields_named(module: Module, name: str) -> list[cst.AnnAssign]:
    """Return every `name: T` in the body of a class."""
    return [one for one in module.fields if isinstance(one.target, cst.Name) and one.target.value == name]


def _down(annotation: cst.BaseExpression, path: Path) -> cst.BaseExpression | None:
    """Return the annotation of a part of a value, or None if the annotation does not cover it."""
    for _ in path:
        inner = [parts for one in _alternatives(annotation) if (parts := _parts(one))]
        if len(inner) != 1:
            return None
        first = len(inner[0]) != 2 or isinstance(inner[0][-1], cst.Ellipsis)  # a dict has keys and values
        annotation = inner[0][0 if first else 1]
    return annotation


def takes_a_class(annotation: cst.BaseExpression) -> bool:
    """Tell whether an object of a class that the code does not name yet may be declared so."""
    return any(_name(one) not in _KNOWN for one in _alternatives(annotation))


def fits(annotation: cst.BaseExpression, kind: ir.TypeNode | ir.Endpoint) -> bool:
    """Return whether a type checker accepts a value of `kind` for an annotation.

    Unknown classes are assumed to fit.
    """
    if isinstance(kind, ir.AnyOf):
        return all(fits(annotation, option) for option in kind.options)
    return any(_fits_one(one, kind) for one in _alternatives(annotation))


def is_int(annotation: cst.BaseExpression, kind: ir.TypeNode | ir.Endpoint) -> bool:
    """Tell whether an annotation wants a whole number where the Space promises a number."""
    names = {_name(one) for one in _alternatives(annotation)}
    return isinstance(kind, ir.Real) and "int" in names and names <= {"int", "None"}


def _fits_one(annotation: cst.BaseExpression, kind: ir.TypeNode | ir.Endpoint) -> bool:
    name = _name(annotation)
    if name not in _KNOWN or isinstance(kind, ir.Anything):
        return True
    if isinstance(kind, ir.Choice):
        return all(name in _WORDS[_KIND_OF_VALUE[type(value)]] for value in kind.values)
    if name not in _WORDS[ir.TupleOf if isinstance(kind, ir.Endpoint) else type(kind)]:
        return False
    return _parts_fit(annotation, kind)


def _parts_fit(annotation: cst.BaseExpression, kind: ir.TypeNode | ir.Endpoint) -> bool:
    parts = _parts(annotation)
    match kind:
        case ir.ListOf(item) if len(parts) == 1:
            return fits(parts[0], item)
        case ir.TupleOf(items) if parts:
            return _each_fits(parts, items)
        case ir.Endpoint(outputs=outputs) if parts:
            return _each_fits(parts, tuple(output.type for output in outputs))
        case _:
            return True


def _each_fits(parts: list[cst.BaseExpression], kinds: tuple[ir.TypeNode, ...]) -> bool:
    if len(parts) == 2 and isinstance(parts[1], cst.Ellipsis):
        return all(fits(parts[0], kind) for kind in kinds)
    if len(parts) == 1:  # a Sequence
        return all(fits(parts[0], kind) for kind in kinds)
    return len(parts) == len(kinds) and all(map(fits, parts, kinds))


def _alternatives(annotation: cst.BaseExpression) -> list[cst.BaseExpression]:
    match annotation:
        case cst.SimpleString():
            return _alternatives(cst.parse_expression(str(annotation.evaluated_value)))
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return [*_alternatives(left), *_alternatives(right)]
        case cst.Subscript() if _name(annotation) in ("Optional", "Union", "Final"):
            inner = [one for part in _parts(annotation) for one in _alternatives(part)]
            return [*inner, cst.Name("None")] if _name(annotation) == "Optional" else inner
        case _:
            return [annotation]


def _name(annotation: cst.BaseExpression) -> str:
    match annotation:
        case cst.Name(value=value) | cst.Attribute(attr=cst.Name(value=value)):
            return value
        case cst.Subscript(value=value):
            return _name(value)
        case _:
            return ""


def _parts(annotation: cst.BaseExpression) -> list[cst.BaseExpression]:
    if not isinstance(annotation, cst.Subscript):
        return []
    return [one.slice.value for one in annotation.slice if isinstance(one.slice, cst.Index)]
