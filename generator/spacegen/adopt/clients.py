"""Which Client an expression is: created here, held by a name or an attribute, or returned by a function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import Assignment, BaseAssignment, ImportAssignment

from spacegen.adopt.constants import Known, attribute_values, bases_of, fold, values_from_outside
from spacegen.adopt.module import Module, assigned_value

_CLIENTS = frozenset({"gradio_client.Client", "gradio_client.client.Client"})
_DUPLICATES = frozenset(f"{name}.duplicate" for name in _CLIENTS)
IN_A_THREAD = frozenset({"asyncio.to_thread", "anyio.to_thread.run_sync"})
"""Functions that run a function in a thread so that asyncio can wait for it."""
_OPTIONS = ("src", "token", "max_workers", "verbose", "auth", "httpx_kwargs")
"""Parameters that Client takes by position; `src` was once called `space`, and `token` was `hf_token`."""
_RENAMED = {"hf_token": "token", "space": "src", "output_dir": "download_files"}
_DEEPEST = 9


@dataclass(slots=True, eq=False)
class Made:
    """One place where a Client is made.

    Attributes:
        node: `Client(...)`, `Client.duplicate(...)` or `asyncio.to_thread(Client, ...)`.
        source: The expression that names the Space, or None.
        known: Its value, or None.
        options: The other arguments by their present names.
        duplicate: Whether it copies the Space.
        renamed: Options that have another name in Client now.
        strange: Why its arguments cannot be read, or None.
    """

    node: cst.Call
    source: cst.BaseExpression | None
    known: Known | None
    options: dict[str, cst.BaseExpression] = field(default_factory=dict)
    duplicate: bool = False
    strange: str | None = None
    renamed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """What an expression is.

    Attributes:
        made: Every place that may have created it; one in most programs.
        through: Names that hold it, as the nodes that assign them.
        unclear: Why it is unclear which Client it is, or None.
    """

    made: tuple[Made, ...]
    through: tuple[cst.CSTNode, ...] = ()
    unclear: str | None = None


class Clients:
    """All Clients of one file."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.made: dict[cst.Call, Made] = {}
        for node in module.walk(module.tree):
            if isinstance(node, cst.Call):
                if (name := module.imported(node.func)) in _CLIENTS | _DUPLICATES:
                    self.made[node] = self._read(node, node.args, duplicate=name in _DUPLICATES)
                elif name in IN_A_THREAD and node.args and module.imported(node.args[0].value) in _CLIENTS:
                    self.made[node] = self._read(node, node.args[1:], duplicate=False)
        self._fixtures = dict(self._find_fixtures())

    def of(self, node: cst.CSTNode, depth: int = _DEEPEST) -> Held | None:
        """Return which Client an expression is, or None if it is not one, as far as this file shows."""
        if depth == 0:
            return None
        match node:
            case cst.Call() if node in self.made:
                return Held((self.made[node],))
            case cst.Call():
                return self._given(node, depth)
            case cst.Name():
                return self._named(node, depth)
            case cst.Attribute():
                return self._attribute(node, depth)
            case cst.Await(expression=inner):
                return self.of(inner, depth - 1)
            case cst.IfExp(body=body, orelse=orelse):
                return _either([self.of(one, depth - 1) for one in (body, orelse) if not _is_none(one)])
            case cst.BooleanOperation(left=left, right=right):
                return _either([self.of(one, depth - 1) for one in (left, right)])
            case _:
                return None

    def _read(self, node: cst.Call, arguments: Sequence[cst.Arg], *, duplicate: bool) -> Made:
        options: dict[str, cst.BaseExpression] = {}
        strange = None
        renamed = [one.keyword.value for one in arguments if one.keyword and one.keyword.value in _RENAMED]
        positions = ("from_id", "to_id", "token") if duplicate else _OPTIONS
        for number, argument in enumerate(arguments):
            if argument.star or (argument.keyword is None and number >= len(positions)):
                strange = f"its arguments cannot be read: {self._module.code(argument)}"
                continue
            name = argument.keyword.value if argument.keyword else positions[number]
            name = _RENAMED.get(name, name)
            options[name] = argument.value
        source = options.pop("from_id" if duplicate else "src", None)
        known = fold(self._module, source) if source is not None else None
        return Made(node, source, known, options, duplicate, strange, renamed)

    def _named(self, node: cst.Name, depth: int) -> Held | None:
        found: list[Held | None] = []
        through: list[cst.CSTNode] = []
        for meaning in self._module.meanings(node):
            value = self._value(meaning)
            if isinstance(meaning, Assignment) and isinstance(meaning.node, cst.Param):
                found.append(self._parameter(meaning.node, depth))
            elif value is not None and not _is_none(value):
                found.append(self.of(value, depth - 1))
                through.append(meaning.node if isinstance(meaning, Assignment) else node)
        held = _either(found)
        return held and Held(held.made, (*through, *held.through), held.unclear)

    def _value(self, meaning: BaseAssignment) -> cst.BaseExpression | None:
        if isinstance(meaning, ImportAssignment) or not isinstance(meaning, Assignment):
            return None
        return assigned_value(self._module, meaning.node)

    def _parameter(self, parameter: cst.Param, depth: int) -> Held | None:
        name = parameter.name.value
        if name in self._fixtures:
            return self._returned(self._fixtures[name], depth)
        annotation = parameter.annotation
        if annotation and any(
            self._module.imported(one) in _CLIENTS for one in self._module.walk(annotation.annotation)
        ):
            return Held((), unclear=f"{name} is passed in by the caller")
        return None

    def _attribute(self, node: cst.Attribute, depth: int) -> Held | None:
        values = attribute_values(self._module, node)
        if values is None:
            return None
        if not values and (function := self._property(node)) is not None:
            return self._returned(function, depth)
        held = _either([self.of(value, depth - 1) for value in values if not _is_none(value)])
        if held is None:
            return None
        others = [one for one in values_from_outside(self._module, node) if not _is_none(one)]
        held = _either([held, *(self.of(one, depth - 1) for one in others if one is not node)])
        return held and Held(held.made, (*values, *held.through), held.unclear)

    def _given(self, node: cst.Call, depth: int) -> Held | None:
        """A Client that a function or method of this file returns."""
        function: cst.FunctionDef | None = None
        if isinstance(node.func, cst.Name):
            nodes = [one.node for one in self._module.meanings(node.func) if isinstance(one, Assignment)]
            function = nodes[0] if len(nodes) == 1 and isinstance(nodes[0], cst.FunctionDef) else None
        elif isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Name):
            owner = self._owner(node.func)
            methods = (
                [one for one in self._module.walk(owner) if isinstance(one, cst.FunctionDef)] if owner else []
            )
            named = [one for one in methods if one.name.value == node.func.attr.value]
            function = named[0] if len(named) == 1 else None
        return self._returned(function, depth) if function is not None else None

    def _property(self, node: cst.Attribute) -> cst.FunctionDef | None:
        """Return the function behind an attribute that is a property."""
        owner = self._owner(node)
        classes = [owner, *bases_of(self._module, owner)] if owner is not None else []
        for one in [one for each in classes for one in self._module.walk(each.body)]:
            if isinstance(one, cst.FunctionDef) and one.name.value == node.attr.value:
                names = [self._module.code(said.decorator).rpartition(".")[2] for said in one.decorators]
                if any(name.endswith("property") for name in names):
                    return one
        return None

    def _owner(self, node: cst.Attribute) -> cst.ClassDef | None:
        if not isinstance(node.value, cst.Name):
            return None
        if node.value.value in ("self", "cls"):
            return self._module.class_of(node)
        nodes = [one.node for one in self._module.meanings(node.value) if isinstance(one, Assignment)]
        return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], cst.ClassDef) else None

    def _returned(self, function: cst.FunctionDef, depth: int) -> Held | None:
        values = [
            one.value
            for one in self._module.walk(function.body)
            if isinstance(one, (cst.Return, cst.Yield))
            and isinstance(one.value, cst.BaseExpression)
            and self._module.function(one) is function
        ]
        held = _either([self.of(value, depth - 1) for value in values if not _is_none(value)])
        return held and Held(held.made, (*values, *held.through), held.unclear)

    def _find_fixtures(self) -> Iterator[tuple[str, cst.FunctionDef]]:
        for node in self._module.walk(self._module.tree):
            if isinstance(node, cst.FunctionDef):
                for decorator in node.decorators:
                    said = decorator.decorator
                    name = self._module.imported(said.func if isinstance(said, cst.Call) else said)
                    if name in ("pytest.fixture", "pytest_asyncio.fixture"):
                        yield node.name.value, node


def _is_none(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _either(found: list[Held | None]) -> Held | None:
    """Return one of several; if some are not a Client, it is unclear."""
    held = [one for one in found if one is not None]
    if not held:
        return None
    unclear = next((one.unclear for one in held if one.unclear), None)
    if len(held) < len(found):
        unclear = unclear or "it is not always a Client of gradio_client"
    made = tuple(dict.fromkeys(one for each in held for one in each.made))
    return Held(made, tuple(one for each in held for one in each.through), unclear)
