"""Where a value goes inside one file: to names, attributes and containers, through functions of the file.

Order and branches are ignored: a name that may hold the value counts as holding it. Places that are not understood
are ends, and the caller decides what an end means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import Assignment, GlobalScope

from spacegen.adopt.calls import arguments_of, called, methods_named
from spacegen.adopt.language import (
    COPIES,
    VALUE,
    Path,
    constant,
    in_container,
    in_expression,
    in_result,
    out_of_container,
    out_of_item,
)
from spacegen.adopt.module import Module

_LONGEST = 4


@dataclass(slots=True)
class Flow:
    """Where a value was found.

    Attributes:
        ends: Expressions with the value, each with the way into it, at places that cannot be followed further.
        stored: Names and attributes that get it, each with the expression that gives it, and the way into that.
        given: Fields of dataclasses that get it, likewise.
        returned: Functions that return it, likewise.
        held: Expressions that are the value itself.
        shared: Names that other files may read it from: of the module, of attributes, of functions.
    """

    ends: list[tuple[cst.CSTNode, Path]] = field(default_factory=list)
    stored: list[tuple[cst.CSTNode, cst.CSTNode, Path]] = field(default_factory=list)
    given: list[tuple[str, cst.CSTNode, Path]] = field(default_factory=list)
    returned: list[tuple[cst.FunctionDef, cst.CSTNode, Path]] = field(default_factory=list)
    held: set[cst.CSTNode] = field(default_factory=set)
    shared: set[tuple[str, bool]] = field(default_factory=set)


def follow(
    module: Module,
    origin: cst.CSTNode,
    path: Path = (),
    *,
    stops: Collection[cst.CSTNode] = (),
    counts: bool = False,
    copies: bool = True,
) -> Flow:
    """Follow the value of an expression.

    Args:
        module: The file.
        origin: The expression.
        path: Where in it the value is.
        stops: Calls whose arguments are ends, whatever they call.
        counts: Whether what is computed from it by `+` and the like is followed as well.
        copies: Whether a list of its items and the like count as the value itself; else they are ends.
    """
    return _ValueWalk(module, stops, counts=counts, copies=copies).run(origin, path)


class _ValueWalk:
    def __init__(self, module: Module, stops: Collection[cst.CSTNode], *, counts: bool, copies: bool) -> None:
        self._module = module
        self._stops = stops
        self._counts = counts
        self._copies = copies
        self._seen: set[tuple[cst.CSTNode, Path]] = set()
        self._todo: list[tuple[cst.CSTNode, Path]] = []
        self._flow = Flow()

    def run(self, origin: cst.CSTNode, path: Path) -> Flow:
        self._reach(origin, path)
        while self._todo:
            self._use(*self._todo.pop())
        return self._flow

    def _reach(self, node: cst.CSTNode, path: Path) -> None:
        if len(path) > _LONGEST:
            self._flow.ends.append((node, path))
        elif (node, path) not in self._seen:
            self._seen.add((node, path))
            self._todo.append((node, path))
            if not path:
                self._flow.held.add(node)

    def _end(self, node: cst.CSTNode, path: Path) -> None:
        self._flow.ends.append((node, path))

    def _use(self, node: cst.CSTNode, path: Path) -> None:
        outer = self._module.parent(node)
        match outer:
            case cst.Assign():
                for target in outer.targets:
                    self._store(target.target, path, node)
            case cst.AnnAssign() if outer.value is node:
                self._store(outer.target, path, node)
            case cst.AugAssign() if outer.value is node:
                self._store(outer.target, path, node, into=True)
            case cst.NamedExpr() if outer.value is node:
                self._store(outer.target, path, node)
                self._reach(outer, path)
            case cst.Param() if outer.default is node:
                self._parameter(outer, path, node)
            case cst.Element() | cst.DictElement() | cst.StarredElement() | cst.StarredDictElement():
                self._element(outer, node, path)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp() if outer.elt is node:
                self._reach(outer, (None, *path))
            case cst.DictComp() if outer.value is node:
                self._reach(outer, (None, *path))
            case cst.For() | cst.CompFor() if outer.iter is node:
                self._loop(outer, node, path)
            case cst.Return() | cst.Yield():
                self._return(outer, node, path)
            case cst.Arg():
                self._argument(outer, node, path)
            case cst.Attribute() if outer.value is node:
                self._attribute(outer, node, path)
            case cst.Subscript() if outer.value is node:
                self._subscript(outer, node, path)
            case _:
                self._expression(outer, node, path)

    def _expression(self, outer: cst.CSTNode | None, node: cst.CSTNode, path: Path) -> None:
        found = in_expression(outer, node, path, counts=self._counts)
        if found is None or outer is None:
            self._end(node, path)
        elif found:
            self._reach(outer, path)

    def _store(self, target: cst.BaseExpression, path: Path, value: cst.CSTNode, *, into: bool = False) -> None:
        """Let a target hold the value; `into` a container that it holds already."""
        match target:
            case cst.Name():
                self._flow.stored.append((target, value, path))
                scope = self._module.scope(target)
                self._variable(target, scope[target.value] if scope is not None else (), path, into=into)
            case cst.Attribute(attr=cst.Name(value=name)):
                self._flow.stored.append((target, value, path))
                self._field(name, path)
            case cst.Subscript(value=base, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
                self._store(base, (constant(key), *path), value, into=True)
            case cst.Tuple(elements=[_, element]) if path and path[0] == VALUE:
                self._store(element.value, path[1:], value)
            case cst.Tuple() | cst.List() if path and path[0] is None:
                for element in target.elements:
                    starred = isinstance(element, cst.StarredElement)
                    self._store(element.value, path if starred else path[1:], value)
            case _:
                self._end(value, path)

    def _variable(self, name: cst.Name, meanings: Iterable[object], path: Path, *, into: bool) -> None:
        for meaning in meanings:
            if not isinstance(meaning, Assignment):
                continue
            if isinstance(meaning.scope, GlobalScope):
                self._flow.shared.add((name.value, False))
            for access in meaning.references:
                if isinstance(access.node, cst.Name):
                    self._reach(access.node, path)
            if into and isinstance(meaning.node, cst.Param):
                self._end(name, path)  # a container of the caller
            elif into:
                self._alias(meaning.node, path)

    def _alias(self, target: cst.CSTNode, path: Path) -> None:
        """A value that is put into a container is also in the container's other names."""
        outer = self._module.parent(target)
        outer = self._module.parent(outer) if isinstance(outer, cst.AssignTarget) else outer
        value = outer.value if isinstance(outer, (cst.Assign, cst.AnnAssign)) else None
        if isinstance(value, (cst.Name, cst.Attribute)) and (value, path) not in self._seen:
            self._seen.add((value, path))
            self._store(value, path, value, into=True)

    def _field(self, name: str, path: Path) -> None:
        """Treat every attribute of that name, of any object, as holding the value."""
        self._flow.shared.add((name, True))
        for one in self._module.attributes.get(name, ()):
            if not isinstance(self._module.parent(one), (cst.AssignTarget, cst.AnnAssign)):
                self._reach(one, path)

    def _element(self, outer: cst.CSTNode, node: cst.CSTNode, path: Path) -> None:
        whole = self._module.parent(outer)
        if whole is None or (isinstance(outer, cst.DictElement) and outer.key is node):
            self._end(node, path)
        elif isinstance(outer, cst.DictElement):
            self._reach(whole, (constant(outer.key), *path))
        elif isinstance(outer, cst.Element):
            self._reach(whole, (None, *path))
        elif not path and not self._copies:
            self._end(node, path)
        else:
            self._reach(whole, path)

    def _loop(self, outer: cst.For | cst.CompFor, node: cst.CSTNode, path: Path) -> None:
        if not path:
            self._end(node, path)
        elif path[0] is None:
            self._store(outer.target, path[1:], node)

    def _return(self, outer: cst.Return | cst.Yield, node: cst.CSTNode, path: Path) -> None:
        function = self._module.function(outer)
        if not isinstance(function, cst.FunctionDef) or isinstance(node, cst.From):
            self._end(node, path)
            return
        path = (None, *path) if isinstance(outer, cst.Yield) else path
        self._flow.returned.append((function, node, path))
        calls = called(self._module, function)
        if calls is None:
            self._end(node, path)
            return
        self._flow.shared.add((function.name.value, self._module.class_of(function) is not None))
        for call in calls:
            self._reach(call, path)

    def _parameter(self, parameter: cst.Param, path: Path, value: cst.CSTNode) -> None:
        self._flow.stored.append((parameter, value, path))
        function = self._module.function(parameter)
        body = function.body if isinstance(function, (cst.FunctionDef, cst.Lambda)) else None
        scope = self._module.scope(body) if body is not None else None
        for meaning in scope[parameter.name.value] if scope is not None else ():
            if isinstance(meaning, Assignment):
                for access in meaning.references:
                    if isinstance(access.node, cst.Name):
                        self._reach(access.node, path)

    def _argument(self, argument: cst.Arg, node: cst.CSTNode, path: Path) -> None:
        call = self._module.parent(argument)
        if not isinstance(call, cst.Call) or call in self._stops:
            self._end(node, path)
            return
        name = self._module.imported(call.func) or (call.func.value if isinstance(call.func, cst.Name) else "")
        if not path and not self._copies and name in COPIES:
            self._end(node, path)
            return
        found = in_result(name, argument, path, counts=self._counts)
        for inner in found or ():
            self._reach(call, inner)
        if found is None and not self._into(call, argument, path):
            self._handed(call, argument, node, path)

    def _into(self, call: cst.Call, argument: cst.Arg, path: Path) -> bool:
        """`container.append(value)` and the like; False where it is no such call."""
        func = call.func
        if not isinstance(func, cst.Attribute) or self._module.imported(func) is not None:
            return False
        found = in_container(func.attr.value, call, argument, path)
        if found is None or methods_named(self._module, func.attr.value):
            return False
        if found.inside is not None:
            self._store(func.value, found.inside, argument.value, into=True)
        if found.returned is not None:
            self._reach(call, found.returned)
        return True

    def _handed(self, call: cst.Call, argument: cst.Arg, node: cst.CSTNode, path: Path) -> None:
        """A function of this file gets the value, also through a thread or an executor."""
        places = arguments_of(self._module, call, argument)
        if places is None or (places.each and not (path and path[0] is None)):
            self._end(node, path)
            return
        path = path[1:] if places.each else path
        for parameter in places.parameters:
            self._parameter(parameter, path, node)
        for name in places.fields:
            self._flow.given.append((name, node, path))
            self._field(name, path)

    def _attribute(self, outer: cst.Attribute, node: cst.CSTNode, path: Path) -> None:
        call = self._module.parent(outer)
        found = None
        if path and isinstance(call, cst.Call) and call.func is outer:
            found = out_of_container(outer.attr.value, call, path)
        if found is None or not isinstance(call, cst.Call):
            self._end(node, path)
            return
        for inner in found:
            self._reach(call, inner)

    def _subscript(self, outer: cst.Subscript, node: cst.CSTNode, path: Path) -> None:
        if isinstance(self._module.parent(outer), (cst.AssignTarget, cst.Del)) and path:
            return
        if not path or len(outer.slice) != 1:
            self._end(node, path)
        elif isinstance(index := outer.slice[0].slice, cst.Slice):
            self._reach(outer, path)
        else:
            key = constant(index.value) if isinstance(index, cst.Index) else None
            for inner in out_of_item(key, path):
                self._reach(outer, inner)
