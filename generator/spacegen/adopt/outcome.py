"""How a program uses a result, and how it gets the same from the package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst
from libcst.metadata import ClassScope, GlobalScope

from spacegen import ir
from spacegen.adopt.constants import fold
from spacegen.adopt.declared import annotations_of, declared, fits, is_int
from spacegen.adopt.edits import INSIDE, LINE, Edit, apply
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.flows import follow
from spacegen.adopt.module import Module
from spacegen.adopt.results import Converter, whole
from spacegen.adopt.shown import TABLES, shown
from spacegen.adopt.uses import CallSite, uses_of
from spacegen.adopt.whole import whole_places

Kind: TypeAlias = ir.TypeNode | ir.Endpoint
"""What an expression is: a value of a type, or the whole result of an endpoint."""

_LOOPS = (cst.For, cst.While, cst.CompFor, cst.Lambda, cst.FunctionDef)
_PLAIN = (cst.Name, cst.Attribute, cst.SimpleString, cst.Integer, cst.Float, cst.FormattedString)


class CannotDeliver(Exception):
    """The result cannot be given as before; the message says why."""


@dataclass(slots=True)
class _End:
    """Where the plain steps into a value end: `result[0]["image"]`."""

    node: cst.BaseExpression
    kind: Kind
    edits: list[Edit]


class Outcome:
    """Plans the edits for the use of one call's result."""

    def __init__(
        self,
        module: Module,
        site: CallSite,
        converter: Converter,
        names: set[str],
        sites: list[CallSite],
        elsewhere: Elsewhere,
    ) -> None:
        self._elsewhere = elsewhere
        self._module = module
        self._site = site
        self._converter = converter
        self._names = names
        self._calls = {one.node for one in sites}

    def same(self, kind: Kind) -> bool:
        """Tell whether a value is the same in both."""
        if isinstance(kind, ir.Endpoint):
            return bool(kind.outputs) and all(self._converter.same(output.type) for output in kind.outputs)
        return self._converter.same(kind)

    def deliver(self, node: cst.BaseExpression, kind: Kind) -> list[Edit]:
        """Return the edits with which the code around `node` gets what gradio_client returned.

        Raises:
            CannotDeliver: There is no conversion that is certain to be the same.
        """
        if self._is_dropped(node):
            return []
        if isinstance(kind, ir.Endpoint) and not kind.outputs:
            raise CannotDeliver("its result is used, an empty tuple; the package gives None")
        kind = _single(kind)
        end = self._walk(node, kind)
        if places := {**self._declared(end), **self._shown(end)}:
            # A result that is made a plain tuple at once has no fields that could be named.
            steps = end.edits if places.get(end.node) == "tuple(" else self._spread(end) or end.edits
            return [*steps, *(edit for place, before in places.items() for edit in self._around(place, before))]
        if _has_names(end.kind) and (spread := self._spread(end)) is not None:
            return spread
        if (finished := self._finish(end)) is not None:
            return finished
        return self._hoist(node, kind)

    def _declared(self, end: _End) -> dict[cst.CSTNode, str]:
        """Compare a result with the types that the code declares; a number declared as `int` is converted."""
        flow = follow(self._module, end.node)
        whole: dict[cst.CSTNode, None] = {}
        inside: list[cst.BaseExpression] = []
        for place, annotation in declared(self._module, flow):
            if fits(annotation, end.kind):
                continue
            if not is_int(annotation, end.kind):
                raise self._unlike(annotation)
            if place in flow.held:
                whole[place] = None
            else:
                inside.append(annotation)
        if inside and not whole:  # else it was made an `int` on its way into what holds it
            raise self._unlike(inside[0])
        if isinstance(end.kind, ir.Endpoint):
            self._check_unpacked(end.node, end.kind)
        if isinstance(end.kind, ir.Real):
            whole |= dict.fromkeys(whole_places(self._module, end.node))
        return dict.fromkeys(whole, "int(")

    def _shown(self, end: _End) -> dict[cst.CSTNode, str]:
        """Where several results are printed as a whole, make them the tuple that gradio_client gave."""
        if not isinstance(end.kind, ir.Endpoint) or not self.same(end.kind):
            return {}
        places, lost = shown(self._module, end.node)
        for place in lost:
            if place.rpartition(".")[2] in TABLES:
                raise CannotDeliver(f"{place} would name the columns after the fields of the result's NamedTuple")
            self._site.use.notes.append(f"{place} gets a NamedTuple, which prints the names of its fields")
        return dict.fromkeys(places, "tuple(")

    def _around(self, place: cst.CSTNode, before: str) -> list[Edit]:
        start, stop = self._module.outer_span(place)
        return [Edit(start, start, INSIDE, before), Edit(stop, stop, -INSIDE, ")")]

    def _unlike(self, annotation: cst.BaseExpression) -> CannotDeliver:
        said = self._module.code(annotation)
        return CannotDeliver(f"the code declares its result as {said}, and the Space promises another type")

    def _check_unpacked(self, node: cst.BaseExpression, endpoint: ir.Endpoint) -> None:
        """Hold each of several results against the type of the name that gets it."""
        outer = self._module.parent(node)
        for target in outer.targets if isinstance(outer, cst.Assign) else ():
            elements = target.target.elements if isinstance(target.target, (cst.Tuple, cst.List)) else ()
            for element, output in zip(elements, endpoint.outputs, strict=False):
                for annotation in annotations_of(self._module, element.value):
                    if not fits(annotation, output.type):
                        name, said = self._module.code(element.value), self._module.code(annotation)
                        raise CannotDeliver(
                            f"the code declares {name} as {said}, and the Space promises another type"
                        )

    def _is_dropped(self, node: cst.BaseExpression) -> bool:
        return isinstance(self._module.parent(node), cst.Expr)

    def _walk(self, node: cst.BaseExpression, kind: Kind) -> _End:
        """Follow constant indexes and keys into a value, by the names that they have in the package."""
        end = _End(node, kind, [])
        while (step := self._step(end)) is not None:
            end = step
        return end

    def _step(self, end: _End) -> _End | None:
        outer = self._module.parent(end.node)
        if not isinstance(outer, cst.Subscript) or outer.value is not end.node or len(outer.slice) != 1:
            return None
        index = outer.slice[0].slice
        known = fold(self._module, index.value) if isinstance(index, cst.Index) else None
        if known is None:
            return None
        cut = (self._module.outer_span(end.node)[1], self._module.span(outer)[1])
        key = known.value
        match end.kind:
            case ir.Endpoint(outputs=outputs) if isinstance(key, int):
                if not -len(outputs) <= key < len(outputs):
                    raise CannotDeliver(f"the result has {len(outputs)} values and no [{key}]")
                output = outputs[key]
                return _End(outer, output.type, [*end.edits, Edit(*cut, text=f".{output.field}")])
            case ir.ListOf(item) if isinstance(key, int):
                return _End(outer, item, end.edits)
            case ir.DictOf(item) if isinstance(key, str):
                return _End(outer, item, end.edits)
            case ir.ModelRef() as model if (one := self._converter.field(model, key)) is not None:
                return _End(outer, one.type, [*end.edits, Edit(*cut, text=f".{one.key}")])
            case _:
                return None

    def _finish(self, end: _End) -> list[Edit] | None:
        """Convert the value at the end of the steps in place; None if a new name is needed."""
        if self.same(end.kind):
            return end.edits
        if isinstance(end.kind, ir.Endpoint) or not self._converter.can(end.kind):
            return None
        around = self._converter.around(end.kind)
        if around is None:
            return None
        start, stop = self._module.outer_span(end.node)
        before, after = around
        if isinstance(end.node, cst.Await) and not end.node.lpar:
            before, after = f"{before}(", f"){after}"
        return [*end.edits, Edit(start, start, INSIDE, before), Edit(stop, stop, -INSIDE, after)]

    def _spread(self, end: _End) -> list[Edit] | None:
        """Change every use of the name that holds the result, where all of them are plain."""
        statement = self._module.parent(end.node)
        if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
            return None
        target = statement.targets[0].target
        uses = uses_of(self._module, target)
        if uses is None or self._is_seen_elsewhere(target):
            return None
        edits, converted = list(end.edits), []
        for use in uses:
            last = self._walk(use, end.kind)
            finished = self._finish(last)
            if finished is None:
                return None
            if not self.same(last.kind):
                if not self._runs_once(use, statement):
                    return None
                converted.append(self._module.code(last.node))
            edits += finished
        # A value that is converted twice would be downloaded twice; then it is converted once, at the assignment.
        return edits if len(set(converted)) == len(converted) else None

    def _is_seen_elsewhere(self, target: cst.BaseExpression) -> bool:
        """Tell whether other code may use a name: as an attribute of a class, or in another file."""
        scope, name = self._module.scope(target), self._module.code(target)
        taken = name in self._elsewhere.mentioned or self._elsewhere.takes(name) is not None
        return isinstance(scope, ClassScope) or (isinstance(scope, GlobalScope) and taken)

    def _runs_once(self, use: cst.CSTNode, statement: cst.CSTNode) -> bool:
        """Tell whether a use runs at most once each time that the name gets its value."""
        around = set(self._module.above(statement))
        return not any(isinstance(one, _LOOPS) and one not in around for one in self._module.above(use))

    def _hoist(self, node: cst.BaseExpression, kind: Kind) -> list[Edit]:
        """Assign the result to a name on a separate line, and use the converted value in its place."""
        if not isinstance(kind, ir.Endpoint) and not self._converter.can(kind):
            raise CannotDeliver(
                "its result holds objects that cannot be turned back into plain dicts by simple code"
            )
        if isinstance(kind, ir.Endpoint) and not all(self._converter.can(one.type) for one in kind.outputs):
            raise CannotDeliver(
                "its results hold objects that cannot be turned back into plain dicts by simple code"
            )
        statement = self._module.small_statement(node)
        if statement is None or not self._comes_first(node, statement):
            raise CannotDeliver(
                "its files would have to become paths, and no line can be inserted before this place"
            )
        if any(one in self._calls and one is not self._site.node for one in self._module.walk(node)):
            raise CannotDeliver("another call is nested in it; move that call to a line of its own")
        start, stop = self._module.outer_span(node)
        inside = [edit for edit in self._site.edits if start <= edit.start and edit.end <= stop]
        name = self._new_name("answer")
        code = apply(self._module.text[start:stop], inside, offset=start)
        self._site.edits = [edit for edit in self._site.edits if edit not in inside]
        if isinstance(kind, ir.Endpoint):
            made = whole(self._converter, kind, name)
        else:
            made = self._converter.convert(kind, name)
        shared = self._module.same_line_as_block(statement)
        between = "; " if shared else f"{self._module.newline}{self._module.indent(statement)}"
        first = self._module.span(statement)[0]
        return [Edit(first, first, LINE, f"{name} = {code}{between}"), Edit(start, stop, text=made)]

    def _comes_first(self, node: cst.CSTNode, statement: cst.CSTNode) -> bool:
        """Return whether nothing with side effects runs before an expression inside its statement."""
        inner: cst.CSTNode = node
        for outer in self._module.above(node):
            if inner is statement:
                return True
            match outer:
                case cst.Call(func=func, args=args):
                    before = [one.value for one in args[: args.index(inner)]] if isinstance(inner, cst.Arg) else []
                    calm = [func, *before] if isinstance(inner, cst.Arg) else []
                    if not all(isinstance(one, _PLAIN) for one in calm):
                        return False
                case cst.Arg() | cst.Subscript() | cst.Attribute() | cst.Assign() | cst.AnnAssign():
                    pass
                case cst.Return() | cst.Expr() | cst.Await():
                    pass
                case _ if outer is not self._module.parent(statement):
                    return False
            inner = outer
        return False

    def _new_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._names:
            number += 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name


def _has_names(kind: Kind) -> bool:
    """Tell whether parts of a value have names in the package, where gradio_client has numbers and keys."""
    inner = kind.item if isinstance(kind, ir.ListOf) else kind
    return isinstance(inner, (ir.Endpoint, ir.ModelRef))


def _single(kind: Kind) -> Kind:
    """An endpoint with one output gives its value."""
    if isinstance(kind, ir.Endpoint) and kind.result is None:
        return kind.outputs[0].type if kind.outputs else ir.Nothing()
    return kind
