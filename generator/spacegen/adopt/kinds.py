"""The classes that an expression may have, as a type checker would tell them from the file alone."""

from __future__ import annotations

import re
from typing import TypeAlias

import libcst as cst
from libcst.metadata import Assignment

from spacegen.adopt.calls import definition
from spacegen.adopt.module import Module, assigned_value

Kinds: TypeAlias = frozenset[str] | None
"""Names of classes; None is `Any` or unknown."""

_CALLS = {
    **{name: frozenset({name}) for name in ("str", "int", "float", "bool", "list", "dict", "tuple")},
    "input": frozenset({"str"}),
    "len": frozenset({"int"}),
    "ord": frozenset({"int"}),
    "repr": frozenset({"str"}),
    "os.getenv": frozenset({"str", "None"}),
    "os.environ.get": frozenset({"str", "None"}),
    "os.path.join": frozenset({"str"}),
    "json.dumps": frozenset({"str"}),
    "pathlib.Path": frozenset({"Path"}),
    "random.randint": frozenset({"int"}),
    "random.randrange": frozenset({"int"}),
    "random.random": frozenset({"float"}),
    "random.uniform": frozenset({"float"}),
    "time.time": frozenset({"float"}),
}
_OF_TEXT = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "title", "format", "replace", "join", "capitalize"}
)
_WORDS = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Text": "str"}
_KNOWN = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "None", "Path", "bytes"})
_NUMBERS = frozenset({"int", "float", "bool"})
_DEEPEST = 5


def kinds_of(module: Module, node: cst.CSTNode, depth: int = _DEEPEST) -> Kinds:
    """Return the classes that an expression may have, where the file says so; None is `Any` or unknown."""
    if depth == 0:
        return None
    match node:
        case cst.SimpleString() | cst.FormattedString() | cst.ConcatenatedString():
            return frozenset({"str"})
        case cst.Integer() | cst.Float() | cst.List() | cst.Dict() | cst.Tuple():
            return frozenset({type(node).__name__.lower().replace("integer", "int")})
        case cst.ListComp():
            return frozenset({"list"})
        case cst.Comparison() | cst.UnaryOperation(operator=cst.Not()) | cst.Name(value="True" | "False"):
            return frozenset({"bool"})
        case cst.Name(value="None"):
            return frozenset({"None"})
        case cst.Name():
            return _of_name(module, node, depth)
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name)):
            return _of_field(module, module.class_of(node), name)
        case cst.Attribute(value=cst.Name() as base, attr=cst.Name(value=name)):
            return _of_field(module, _class_of(module, base), name)
        case cst.Call():
            return _of_call(module, node, depth)
        case cst.IfExp(body=body, orelse=orelse):
            return _all([kinds_of(module, one, depth - 1) for one in (body, orelse)])
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            return kinds_of(module, inner, depth - 1)
        case cst.BinaryOperation():
            return _of_sum(module, node, depth)
        case cst.Subscript(value=value) if module.imported(value) in ("os.environ", "sys.argv"):
            return frozenset({"str"})
        case _:
            return None


def _all(found: list[Kinds]) -> Kinds:
    known = [one for one in found if one is not None]
    return frozenset[str]().union(*known) if known and len(known) == len(found) else None


def _of_sum(module: Module, node: cst.BinaryOperation, depth: int) -> Kinds:
    both = _all([kinds_of(module, one, depth - 1) for one in (node.left, node.right)])
    if both is None or not both <= _NUMBERS:
        return both if both == frozenset({"str"}) and isinstance(node.operator, cst.Add) else None
    if isinstance(node.operator, cst.Divide):
        return frozenset({"float"})
    return frozenset({"float"}) if "float" in both else frozenset({"int"})


def _of_call(module: Module, node: cst.Call, depth: int) -> Kinds:
    func = node.func
    name = module.imported(func) or (func.value if isinstance(func, cst.Name) else "")
    if name == "round":
        return frozenset({"int" if len(node.args) == 1 else "float"})
    if name in ("min", "max", "abs", "sum"):
        found = _all([kinds_of(module, argument.value, depth - 1) for argument in node.args])
        return found if found is not None and found <= _NUMBERS else None
    if isinstance(func, cst.Attribute) and func.attr.value in _OF_TEXT:
        return frozenset({"str"}) if kinds_of(module, func.value, depth - 1) == frozenset({"str"}) else None
    if name in _CALLS:
        return _CALLS[name]
    made = definition(module, func)
    if len(made) == 1 and isinstance(made[0], cst.FunctionDef) and made[0].asynchronous is None:
        return annotated(module, made[0].returns)
    return None


def _class_of(module: Module, node: cst.Name) -> cst.ClassDef | None:
    """Return the class of this file that a name is declared as, or made by."""
    meanings = module.meanings(node)
    meaning = meanings.pop() if len(meanings) == 1 else None
    if not isinstance(meaning, Assignment):
        return None
    said = _annotation(module, meaning.node)
    value = assigned_value(module, meaning.node)
    named = said.annotation if said is not None else value.func if isinstance(value, cst.Call) else None
    made = definition(module, named) if isinstance(named, cst.Name) else []
    return made[0] if len(made) == 1 and isinstance(made[0], cst.ClassDef) else None


def _of_field(module: Module, owner: cst.ClassDef | None, name: str) -> Kinds:
    if owner is None:
        return None
    said = [one for one in module.fields if module.class_of(one) is owner and module.code(one.target) == name]
    return annotated(module, said[0].annotation) if len(said) == 1 else None


def _of_name(module: Module, node: cst.Name, depth: int) -> Kinds:
    meanings = module.meanings(node)
    if not all(isinstance(one, Assignment) for one in meanings):
        return None
    nodes = sorted((one.node for one in meanings if isinstance(one, Assignment)), key=module.span)
    declared = [said for one in nodes if (said := _annotation(module, one)) is not None]
    if declared:
        return annotated(module, declared[0])
    return _all([kinds_of_target(module, one, depth) for one in nodes])


def _annotation(module: Module, target: cst.CSTNode) -> cst.Annotation | None:
    outer = module.parent(target)
    if isinstance(target, cst.Param):
        return target.annotation
    return outer.annotation if isinstance(outer, cst.AnnAssign) else None


def kinds_of_target(module: Module, target: cst.CSTNode, depth: int = _DEEPEST) -> Kinds:
    """Return the classes of what one place gives to a name."""
    value = assigned_value(module, target)
    if value is not None:
        return kinds_of(module, value, depth - 1)
    outer, place = module.parent(target), 0
    if isinstance(element := outer, cst.Element) and isinstance(whole := module.parent(element), cst.Tuple):
        outer, place = module.parent(whole), list(whole.elements).index(element) + 1
    if isinstance(outer, (cst.For, cst.CompFor)):
        return _of_item(module, outer.iter, place, depth)
    return None


def _of_item(module: Module, node: cst.BaseExpression, place: int, depth: int) -> Kinds:
    """Return the classes of the items of a loop; if `place` is not 0, of part number `place`, counted from 1."""
    match node:
        case cst.Call(func=cst.Name(value="range")) if not place:
            return frozenset({"int"})
        case cst.Call(func=cst.Name(value="enumerate"), args=[inner, *_]) if place:
            return frozenset({"int"}) if place == 1 else _of_item(module, inner.value, 0, depth - 1)
        case cst.List() | cst.Tuple() | cst.Set() if not place:
            return _all([kinds_of(module, one.value, depth - 1) for one in node.elements])
        case cst.Name() if len(meanings := module.meanings(node)) == 1:
            meaning = meanings.pop()
            value = assigned_value(module, meaning.node) if isinstance(meaning, Assignment) else None
            shown = isinstance(value, (cst.List, cst.Tuple, cst.Set))
            return _of_item(module, value, place, depth - 1) if shown and value is not None and depth else None
        case _:
            return None


def annotated(module: Module, annotation: cst.Annotation | None) -> Kinds:
    """Return the classes that an annotation names."""
    if annotation is None:
        return None
    text = re.sub(r"^(typing\.)?Optional\[(.*)\]$", r"\2 | None", module.code(annotation.annotation).strip("'\""))
    kinds = [part.strip().partition("[")[0] for part in text.split("|")]
    kinds = [_WORDS.get(kind, kind) for kind in kinds]
    return frozenset(kinds) if set(kinds) <= _KNOWN else None
