"""Rewrites the arguments of a call: named, without `api_name`, files without `handle_file`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from spacegen import ir
from spacegen.adopt.clients import IN_A_THREAD
from spacegen.adopt.constants import fold
from spacegen.adopt.edits import NAME, Edit
from spacegen.adopt.holding import as_json
from spacegen.adopt.kinds import kinds_of
from spacegen.adopt.marks import ANY, CAST, FILE_DATA
from spacegen.adopt.module import Module
from spacegen.adopt.spreads import annotate
from spacegen.adopt.uses import CallSite, find_files
from spacegen.ir.conform import conforms
from spacegen.rendering.annotations import parameter_type

_OBJECTS = (ir.ModelRef, ir.DictOf, ir.Anything)
_SHOWN = (cst.Element, cst.DictElement, cst.List, cst.Tuple, cst.Dict, cst.IfExp)


def name_arguments(module: Module, site: CallSite) -> None:
    """Plan the edits of a call's arguments.

    An argument that cannot get the right type is a reason to leave the call.
    """
    endpoint = site.bound.endpoint
    assert endpoint is not None
    alone = len(endpoint.parameters) == 1 and site.deferred is None
    _leave_dicts(module, site)
    for argument, parameter in site.bound.parameters:
        start, _ = module.span(argument)
        if argument.keyword is None and not alone:
            site.edits.append(Edit(start, start, NAME, f"{parameter.argument}="))
        elif argument.keyword is not None and argument.keyword.value != parameter.argument:
            site.edits.append(Edit(*module.span(argument.keyword), text=str(parameter.argument)))
        _value(module, site, argument, parameter)
    for spread in site.bound.spread:
        site.edits.append(annotate(module, spread))
    drop = [argument for name, argument in site.bound.controls.items() if name != "result_callbacks"]
    if site.deferred in IN_A_THREAD and site.kind == "predict":
        drop += [argument for argument in site.node.args if argument.value is site.method]
    site.edits.extend(_without(module, site, drop))


def _leave_dicts(module: Module, site: CallSite) -> None:
    """A dict that describes a file, as `handle_file` returns it, is not a file for the package."""
    for value, parameter in site.bound.values():
        files = any(isinstance(one, ir.File) for one in _options(parameter.type))
        objects = any(isinstance(one, _OBJECTS) for one in _options(parameter.type))
        if files and not objects and "dict" in (kinds_of(module, value) or ()):
            site.use.reasons.append(
                f"{parameter.name} gets a dict that describes a file; use a path or `FileData.of`"
            )


def _value(module: Module, site: CallSite, argument: cst.Arg, parameter: ir.Parameter) -> None:
    known = fold(module, argument.value)
    if known is not None and not known.unless and not _takes(parameter, known.value):
        shown = parameter_type(parameter.type)
        site.use.reasons.append(f"{parameter.name}={known.value!r} does not fit its type {shown}")
        return
    if _needs_cast(module, argument.value, parameter.type, known is not None):
        start, end = module.span(argument.value)
        start, end = module.outer_span(argument.value) if argument.value.lpar else (start, end)
        site.edits.append(Edit(start, start, 0, f"{CAST}({ANY}, "))
        site.edits.append(Edit(end, end, 0, ")"))
        shown = parameter_type(parameter.type)
        site.use.notes.append(f"a type checker cannot see that {module.code(argument.value)} is {shown}")


def _takes(parameter: ir.Parameter, value: object) -> bool:
    if isinstance(value, str) and _has(parameter.type, ir.File):
        return True
    if isinstance(value, dict) and _has(parameter.type, ir.ModelRef):
        return True
    return conforms(as_json(value), parameter.type, models_fit=True) and not (
        isinstance(value, dict) and not any(_has(parameter.type, kind) for kind in (ir.DictOf, ir.Anything))
    )


def _needs_cast(module: Module, node: cst.BaseExpression, wanted: ir.TypeNode, is_known: bool) -> bool:
    """Return whether a type checker would refuse an expression, as far as this file shows its type."""
    if isinstance(node, (cst.SimpleString, cst.Integer, cst.Float, cst.List, cst.Tuple, cst.Dict)):
        return False
    kinds = kinds_of(module, node)
    if kinds is None:
        return False
    return not all(_accepts(wanted, kind) for kind in kinds)


def _accepts(wanted: ir.TypeNode, kind: str) -> bool:
    match wanted:
        case ir.Anything():
            return True
        case ir.AnyOf(options):
            return any(_accepts(option, kind) for option in options)
        case ir.Text():
            return kind == "str"
        case ir.File():
            return kind in ("str", "Path", "bytes")
        case ir.Whole():
            return kind in ("int", "bool")
        case ir.Real():
            return kind in ("int", "float", "bool")
        case ir.Flag():
            return kind == "bool"
        case ir.Nothing():
            return kind == "None"
        case ir.ListOf(item):
            return kind == "list" and not _has(item, ir.Choice)
        case ir.TupleOf():
            return kind == "tuple"
        case ir.DictOf() | ir.ModelRef():
            return kind == "dict"
        case _:
            return False


def _has(node: ir.TypeNode, kind: type) -> bool:
    return any(isinstance(one, kind) for one in ir.walk([node]))


def _without(module: Module, site: CallSite, drop: list[cst.Arg]) -> Iterator[Edit]:
    """Yield the edits that remove arguments from a call, each with its comma, its line and its comment."""
    if not drop:
        return
    everything = list(site.node.args)
    left = [argument for argument in everything if argument not in drop]
    end = module.span(site.node)[1]
    opening = module.text.index("(", module.outer_span(site.node.func)[1]) + 1
    if not left and "#" not in module.text[opening : end - 1]:
        yield Edit(opening, end - 1)
        return
    done = opening
    for start, end in sorted(_cut(module, everything, drop, argument) for argument in drop):
        if end > done:
            yield Edit(max(start, done), end)
            done = end


def _cut(module: Module, arguments: list[cst.Arg], drop: list[cst.Arg], argument: cst.Arg) -> tuple[int, int]:
    """Return the text to remove with one argument: its whole line, or else the comma before or after it."""
    text = module.text
    start, end = module.span(argument)
    if comma := re.compile(r"[ \t]*,").match(text, end):
        end = comma.end()
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = text[end : module.line_end(end)]
    if not text[line_start:start].strip() and (not rest.strip() or rest.strip().startswith("#")):
        break_start = line_start - (2 if text[line_start - 2 : line_start] == "\r\n" else 1)
        return break_start, end + len(rest)
    number = arguments.index(argument)
    before = [one for one in arguments[:number] if one not in drop]
    behind = [one for one in arguments[number + 1 :] if one not in drop]
    if before and not behind:
        return module.span(before[-1])[1], module.span(argument)[1]
    following = arguments[number + 1 :]
    return start, module.span(following[0])[0] if following else module.span(argument)[1]


def files_in(module: Module, site: CallSite) -> list[cst.Call]:
    """Return each `handle_file(...)` that is an argument of a call, alone or in a display."""
    calls = [call for call in find_files(module) if len(call.args) == 1 and not call.args[0].star]
    return [call for call in calls if any(_is_shown(module, call, one.value) for one in site.arguments)]


def place_files(module: Module, site: CallSite) -> None:
    """Plan the edits for `handle_file` in a call's arguments."""
    for call in files_in(module, site):
        for argument, parameter in site.bound.parameters:
            if _is_shown(module, call, argument.value):
                plain = _is_file_place(module, call, argument.value, parameter.type, site)
                site.edits.extend(file_edits(module, call, plain=plain))
                site.consumed.update(module.walk(call.func))


def _is_shown(module: Module, call: cst.Call, top: cst.CSTNode) -> bool:
    """Tell whether an expression stands in another with nothing but displays and choices between them."""
    inner: cst.CSTNode = call
    while inner is not top:
        outer = module.parent(inner)
        if not isinstance(outer, _SHOWN) or (isinstance(outer, cst.IfExp) and outer.test is inner):
            return False
        inner = outer
    return True


def file_edits(module: Module, call: cst.Call, *, plain: bool) -> list[Edit]:
    """Return the edits that turn `handle_file(x)` into `x`, or into `FileData.of(x)` if needed."""
    if not plain:
        return [Edit(*module.outer_span(call.func), text=f"{FILE_DATA}.of")]
    start, end = module.outer_span(call)
    inner_start, inner_end = module.span(call.args[0])
    if call.args[0].keyword is not None:
        inner_start = module.outer_span(call.args[0].value)[0]
    return [Edit(start, inner_start), Edit(inner_end, end)]


def _is_file_place(module: Module, call: cst.Call, top: cst.CSTNode, wanted: ir.TypeNode, site: CallSite) -> bool:
    """Tell whether a plain text is taken for a file where `call` stands inside an argument."""
    steps: list[cst.CSTNode] = [call]
    for outer in module.above(call):
        if steps[-1] is top:
            break
        steps.append(outer)
    assert site.target is not None
    models = {str(model.name): model for model in site.target.space.models}
    nodes: list[ir.TypeNode] = [wanted]
    for outer, inner in zip(reversed(steps[1:]), reversed(steps[:-1]), strict=True):
        nodes = [one for node in nodes for one in _inside(node, outer, inner, models)]
    return any(isinstance(one, ir.File) for node in nodes for one in _options(node))


def _inside(
    node: ir.TypeNode, outer: cst.CSTNode, inner: cst.CSTNode, models: dict[str, ir.Model]
) -> list[ir.TypeNode]:
    """Return the types that a part of a display may have."""
    if isinstance(outer, (cst.Element, cst.DictElement)) or (
        isinstance(outer, cst.IfExp) and inner is not outer.test
    ):
        return [node]
    found: list[ir.TypeNode] = []
    for option in _options(node):
        match option, outer:
            case ir.ListOf(item), cst.List() | cst.Tuple():
                found.append(item)
            case ir.TupleOf(items), cst.List() | cst.Tuple():
                found.extend(items)
            case ir.DictOf(item), cst.Dict():
                found.append(item)
            case ir.ModelRef(name), cst.Dict():
                key = inner.key if isinstance(inner, cst.DictElement) else None
                text = key.evaluated_value if isinstance(key, cst.SimpleString) else None
                found.extend(one.type for one in models[str(name)].fields if one.key == text)
    return found


def _options(node: ir.TypeNode) -> tuple[ir.TypeNode, ...]:
    return node.options if isinstance(node, ir.AnyOf) else (node,)
