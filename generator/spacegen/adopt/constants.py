"""The value of an expression, if this file determines it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst.metadata import Assignment, GlobalScope

from spacegen.adopt.module import Module, assigned_value
from spacegen.adopt.writes import is_read, is_target, sets_any

_DEEPEST = 8
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault"})


@dataclass(frozen=True, slots=True)
class Known:
    """A value that was found.

    Attributes:
        value: The value.
        unless: What can change the value, in a few words, or None.
    """

    value: Any
    unless: str | None = None


def fold(module: Module, node: cst.CSTNode, depth: int = _DEEPEST) -> Known | None:
    """Return an expression's value, or None if it is known only at run time."""
    if depth == 0:
        return None
    match node:
        case cst.FormattedString(parts=parts):
            return _joined([_part(module, part, depth) for part in parts])
        case cst.ConcatenatedString(left=left, right=right):
            return _joined([fold(module, left, depth - 1), fold(module, right, depth - 1)])
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return _joined([fold(module, left, depth - 1), fold(module, right, depth - 1)])
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
            return _first_true(fold(module, left, depth - 1), fold(module, right, depth - 1), module, left)
        case cst.Name():
            return _literal(module, node) or _name(module, node, depth)
        case cst.Attribute():
            return _attribute(module, node, depth)
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            return _item(fold(module, value, depth - 1), fold(module, key, depth - 1))
        case cst.Call():
            return _call(module, node, depth)
        case cst.Dict() | cst.List() | cst.Tuple():
            return _literal(module, node) or _display(module, node, depth)
        case _:
            return _literal(module, node)


def _literal(module: Module, node: cst.CSTNode) -> Known | None:
    if not isinstance(node, cst.BaseExpression):
        return None
    try:
        # The expression's code alone: inside parentheses it may span several lines.
        return Known(ast.literal_eval(module.tree.code_for_node(node).strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _display(module: Module, node: cst.Dict | cst.List | cst.Tuple, depth: int) -> Known | None:
    """Return a display with its known parts; unknown parts of a dict are left out."""
    pairs: dict[Any, Any] = {}
    values: list[Any] = []
    for element in node.elements:
        known = fold(module, element.value, depth - 1)
        if isinstance(element, cst.DictElement):
            key = fold(module, element.key, depth - 1)
            if key is not None and isinstance(key.value, str) and known is not None and not known.unless:
                pairs[key.value] = known.value
        elif isinstance(element, cst.Element) and known is not None and not known.unless:
            values.append(known.value)
        else:
            return None
    return Known(pairs if isinstance(node, cst.Dict) else values)


def _part(module: Module, part: cst.CSTNode, depth: int) -> Known | None:
    if isinstance(part, cst.FormattedStringText):
        return Known(part.value.replace("{{", "{").replace("}}", "}")) if "\\" not in part.value else None
    if isinstance(part, cst.FormattedStringExpression) and not part.conversion and not part.format_spec:
        known = fold(module, part.expression, depth - 1)
        return None if known is None else Known(str(known.value), known.unless)
    return None


def _joined(parts: list[Known | None]) -> Known | None:
    text, unless = "", None
    for part in parts:
        if part is None or not isinstance(part.value, str):
            return None
        text, unless = text + part.value, unless or part.unless
    return Known(text, unless)


def _first_true(left: Known | None, right: Known | None, module: Module, said: cst.CSTNode) -> Known | None:
    if left is not None and left.value:
        return left
    if right is None:
        return None
    doubt = left.unless if left is not None else f"{module.code(said)} says something else"
    return Known(right.value, doubt or right.unless)


def _name(module: Module, node: cst.Name, depth: int) -> Known | None:
    meanings = module.meanings(node)
    if len(meanings) != 1:
        return None
    meaning = meanings.pop()
    if not isinstance(meaning, Assignment):
        return None
    if isinstance(meaning.node, cst.Param):
        return _default(module, meaning.node, depth)
    if node.value in module.replaced and isinstance(meaning.scope, GlobalScope):
        return None
    value = assigned_value(module, meaning.node)
    known = None if value is None else fold(module, value, depth - 1)
    if known is not None and isinstance(known.value, (list, dict, set)):
        # What changes a list or a dict need not assign to its name.
        return known if all(is_read(module, one.node) for one in meaning.references) else None
    return known


def _default(module: Module, parameter: cst.Param, depth: int) -> Known | None:
    if parameter.default is None:
        return None
    known = fold(module, parameter.default, depth - 1)
    return None if known is None else Known(known.value, f"a caller passes another {parameter.name.value}")


def _attribute(module: Module, node: cst.Attribute, depth: int) -> Known | None:
    if not isinstance(node.value, cst.Name):
        return None
    values = attribute_values(module, node)
    name = node.attr.value
    if values is None or len(values) != 1 or name in module.replaced or sets_any(module, name):
        return None
    if values_from_outside(module, node):
        return None
    known = fold(module, values[0], depth - 1)
    if known is not None and isinstance(known.value, (list, dict, set)) and not _is_only_read(module, name):
        return None
    return known


def _is_only_read(module: Module, name: str) -> bool:
    """Tell whether nothing can change a list or dict that is an attribute, or a name in a class."""
    names = [one for one in module.walk(module.tree) if isinstance(one, cst.Name) and one.value == name]
    uses = [outer if isinstance(outer := module.parent(one), cst.Attribute) else one for one in names]
    return all(is_read(module, one) or is_target(module, one) for one in uses)


def attribute_values(module: Module, node: cst.Attribute) -> list[cst.BaseExpression] | None:
    """Return every value that this file assigns to an attribute of a class; None for a class of another file."""
    owner = _owner(module, node)
    if owner is None:
        return None
    values: list[cst.BaseExpression] = []
    for each in [owner, *bases_of(module, owner)]:
        for one in module.walk(each):
            if isinstance(one, (cst.Assign, cst.AnnAssign)) and one.value is not None:
                targets = (
                    [target.target for target in one.targets] if isinstance(one, cst.Assign) else [one.target]
                )
                values += [one.value for target in targets if _is_attribute(module, target, each, node.attr.value)]
    return values


def values_from_outside(module: Module, node: cst.Attribute) -> list[cst.CSTNode]:
    """Return what an attribute of a class may be besides `attribute_values`: given in a subclass, or to an object.

    A place that assigns no single value, as `x.n += 1` does, stands for itself.
    """
    owner, name = _owner(module, node), node.attr.value
    if owner is None:
        return []
    family = [owner, *bases_of(module, owner)]
    below = [one for one in module.classes if one not in family and owner in bases_of(module, one)]
    found: list[cst.CSTNode] = [
        target
        for each in below
        for target in module.walk(each)
        if isinstance(target, cst.Name) and is_target(module, target) and _is_attribute(module, target, each, name)
    ]
    for one in module.attributes.get(name, ()):
        mine = isinstance(one.value, cst.Name) and one.value.value in ("self", "cls")
        if not is_target(module, one) or (mine and module.class_of(one) not in (*family, *below)):
            continue
        if not (mine and module.class_of(one) in family and assigned_value(module, one) is not None):
            found.append(one)
    return [assigned_value(module, one) or one for one in found]


def bases_of(module: Module, owner: cst.ClassDef, depth: int = _DEEPEST) -> list[cst.ClassDef]:
    """Return the classes of this file that a class inherits from, the nearest first."""
    found: list[cst.ClassDef] = []
    for base in owner.bases if depth else ():
        meanings = module.meanings(base.value) if isinstance(base.value, cst.Name) else set()
        for one in meanings:
            if isinstance(one, Assignment) and isinstance(one.node, cst.ClassDef):
                found += [one.node, *bases_of(module, one.node, depth - 1)]
    return list(dict.fromkeys(found))


def _owner(module: Module, node: cst.Attribute) -> cst.ClassDef | None:
    name = node.value
    if not isinstance(name, cst.Name):
        return None
    if name.value in ("self", "cls"):
        return module.class_of(node)
    classes = [one.node for one in module.meanings(name) if isinstance(one, Assignment)]
    return classes[0] if len(classes) == 1 and isinstance(classes[0], cst.ClassDef) else None


def _is_attribute(module: Module, target: cst.BaseExpression, owner: cst.ClassDef, name: str) -> bool:
    match target:
        case cst.Name(value=value):
            return value == name and module.function(target) is None and module.class_of(target) is owner
        case cst.Attribute(value=cst.Name(value="self" | "cls"), attr=cst.Name(value=value)):
            return value == name and module.class_of(target) is owner
        case _:
            return False


def _item(whole: Known | None, key: Known | None) -> Known | None:
    if whole is None or key is None:
        return None
    try:
        return Known(whole.value[key.value], whole.unless or key.unless)
    except (LookupError, TypeError):
        return None


def _call(module: Module, node: cst.Call, depth: int) -> Known | None:
    """Calls that read the environment with a default, and a few methods of str."""
    values = [argument.value for argument in node.args if not argument.star]
    if module.imported(node.func) in _ENVIRONMENT and len(values) == 2:
        known = fold(module, values[1], depth - 1)
        said = fold(module, values[0], depth - 1)
        name = said.value if said else module.code(values[0])
        return None if known is None else Known(known.value, f"the environment sets {name}")
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("strip", "rstrip", "lstrip"):
        known = fold(module, node.func.value, depth - 1)
        said = fold(module, values[0], depth - 1) if values else Known(None)
        if known is None or said is None or not isinstance(known.value, str):
            return None
        return Known(getattr(known.value, node.func.attr.value)(said.value), known.unless)
    return None
