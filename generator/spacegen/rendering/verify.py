"""Parses the written source again and compares its syntax tree with what the IR promises.

The last line of defence: even if a text of a Space got past `naming`, `annotations` and `quoting`, a module is not
written to disk if it contains anything but imports, classes of fields and functions of one call. The same holds if
a name could mean something else than it should: see `bindings`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from spacegen import ir
from spacegen.errors import IntegrityError
from spacegen.rendering.annotations import parameter_type, result_type, returned_type
from spacegen.rendering.bindings import check_bindings
from spacegen.rendering.signature import default_source, positional
from spacegen.text import is_printable

_MODULES = frozenset({"__future__", "typing", "collections.abc", "pydantic", "endpoints", "models"})
# What an annotation, a default or a body may be made of.
_PASSIVE = (
    *(ast.Name, ast.Load, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.keyword, ast.Subscript, ast.Slice),
    *(ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub, ast.Attribute, ast.Store, ast.Call),
)


def verify(space: ir.Space, files: Mapping[str, str], runtime: str) -> dict[str, ast.Module]:
    """Check every Python file of a package, and return their syntax trees.

    Raises:
        IntegrityError: A file is not Python, contains what a stub must not contain, or differs from the IR.
    """
    trees: dict[str, ast.Module] = {}
    for name, source in files.items():
        if name.endswith(".py"):
            _check_characters(name, source)
            tree = trees[name] = _Module(name, source, runtime).check()
            check_bindings(space, name, tree, runtime)
            if name == "endpoints.py":
                _check_endpoints(space, tree)
            elif name == "models.py":
                _check_models(space, tree)
    return trees


def verify_shape(files: Mapping[str, str], runtime: str) -> None:
    """Check that Python files contain only what a package's modules may contain, for any Space.

    Raises:
        IntegrityError: One of them does.
    """
    for name, source in files.items():
        _check_characters(name, source)
        _Module(name, source, runtime).check()


def _check_characters(name: str, source: str) -> None:
    for number, line in enumerate(source.split("\n"), 1):
        if not is_printable(line):
            bad = next(character for character in line if not is_printable(character))
            raise IntegrityError(f"{name}:{number} holds the unprintable character U+{ord(bad):04X}.")


class _Module:
    def __init__(self, name: str, source: str, runtime: str) -> None:
        self._name = name
        self._modules = _MODULES | {runtime.lstrip(".")}
        try:
            self._tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise IntegrityError(f"{name} is not valid Python: {error}.") from error

    def check(self) -> ast.Module:
        for statement in self._tree.body:
            self._statement(statement)
        return self._tree

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.ImportFrom(module=None, names=[ast.alias(name="models", asname=None)], level=1):
                pass
            case ast.If(
                test=ast.Name(id="TYPE_CHECKING"),
                body=[ast.ImportFrom(module="models") as models],
                orelse=[
                    ast.Assign(
                        targets=[ast.Tuple(elts=[ast.Name(id="__getattr__"), ast.Name(id="__dir__")])],
                        value=ast.Call(func=ast.Name(id="late"), args=[ast.Name(id="__name__")], keywords=[]),
                    )
                ],
            ):
                self._statement(models)
            case ast.ImportFrom(module=module, names=names):
                self._demand(node, module in self._modules and all(alias.asname is None for alias in names))
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                self._demand(node, all(isinstance(name, ast.Constant) for name in names))
            case ast.Assign(targets=[ast.Name(id="space")], value=ast.Call(func=ast.Name(id="Space"))):
                self._passive(node, calls=1)
            case ast.Assign(
                targets=[ast.Name()],
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(), attr="twin"),
                    args=[ast.Constant(value=str() | int())],
                    keywords=[],
                ),
            ):
                pass
            case ast.ClassDef(bases=[ast.Name(id="Model" | "NamedTuple")], keywords=[], decorator_list=[]):
                for field in node.body:
                    self._field(field)
            case ast.FunctionDef(decorator_list=[ast.Name(id="endpoint")]):
                self._function(node)
            case _:
                self._demand(node, False)

    def _field(self, node: ast.stmt) -> None:
        if isinstance(node, ast.AnnAssign):
            # A model's field may say Annotated[..., Field(alias="class")]; nothing else is called.
            calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
            self._demand(node, all(isinstance(func, ast.Name) and func.id == "Field" for func in calls))
            self._passive(node.annotation, calls=1)
            if node.value is not None:
                self._passive(node.value)
        else:
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            self._demand(node, docstring or isinstance(node, ast.Pass))

    def _function(self, node: ast.FunctionDef) -> None:
        match node.body:
            case [
                ast.Expr(value=ast.Constant(value=str())),
                ast.Return(value=ast.Call(func=ast.Attribute(value=ast.Name(id="space"), attr="call")) as call),
            ]:
                self._passive(call, calls=1)
            case _:
                self._demand(node, False)
        arguments = node.args
        annotations = [one.annotation for one in (*arguments.args, *arguments.kwonlyargs)]
        defaults = [*arguments.defaults, *arguments.kw_defaults]
        for part in (*annotations, *defaults, node.returns):
            if part is not None:
                self._passive(part)

    def _passive(self, node: ast.AST, calls: int = 0) -> None:
        nodes = list(ast.walk(node))
        inside = [one for one in nodes if not isinstance(one, (*_PASSIVE, ast.Assign))]
        self._demand(node, not inside and sum(isinstance(one, ast.Call) for one in nodes) <= calls)

    def _demand(self, node: ast.AST, fact: bool) -> None:
        if not fact:
            line = getattr(node, "lineno", "?")
            raise IntegrityError(f"{self._name}:{line} contains something that a stub must not contain.")


def _check_endpoints(space: ir.Space, tree: ast.Module) -> None:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    alone = [endpoint for endpoint in space.endpoints if endpoint.twin_of is None]
    if list(functions) != [str(endpoint.function) for endpoint in alone] or _twins(tree) != _promised_twins(space):
        raise IntegrityError("endpoints.py does not define the expected functions.")
    for endpoint in alone:
        if _promised(endpoint) != _written(functions[endpoint.function]):
            raise IntegrityError(f"endpoints.py: {endpoint.function} does not have the expected signature.")
    results = {
        e.result: [(str(o.field), _normal(result_type(o.type).source)) for o in e.outputs]
        for e in alone
        if e.result
    }
    if results != _classes(tree):
        raise IntegrityError("endpoints.py does not define the expected results.")


def _classes(tree: ast.Module) -> dict[str, list[tuple[str, str | None]]]:
    """The fields of each class, in order, with their types."""
    return {
        node.name: [
            (ast.unparse(one.target), ast.unparse(one.annotation))
            for one in node.body
            if isinstance(one, ast.AnnAssign)
        ]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def _check_models(space: ir.Space, tree: ast.Module) -> None:
    promised = {str(model.name): [(str(f.name), f.key) for f in model.fields] for model in space.models}
    written = {
        node.name: [(ast.unparse(one.target), _alias(one)) for one in node.body if isinstance(one, ast.AnnAssign)]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    if written != promised:
        raise IntegrityError("models.py does not define the expected objects.")


def _alias(field: ast.AnnAssign) -> str:
    """The name of a model's field on the wire."""
    match field.annotation:
        case ast.Subscript(
            value=ast.Name(id="Annotated"),
            slice=ast.Tuple(
                elts=[_, ast.Call(keywords=[ast.keyword(arg="alias", value=ast.Constant(value=str(key)))])]
            ),
        ):
            return key
        case _:
            return ast.unparse(field.target)


def _promised_twins(space: ir.Space) -> list[tuple[str, str, object]]:
    return [(e.function, e.twin_of, e.key) for e in space.endpoints if e.twin_of is not None]


def _twins(tree: ast.Module) -> list[tuple[str, str, object]]:
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return [twin for node in assigned for twin in _twin(node.targets[0], node.value)]


def _twin(target: ast.expr, value: ast.expr) -> list[tuple[str, str, object]]:
    match target, value:
        case ast.Name(id=name), ast.Call(
            func=ast.Attribute(value=ast.Name(id=base)), args=[ast.Constant(value=key)]
        ):
            return [(name, base, key)]
        case _:
            return []


_Pairs = list[tuple[str, str | None, str | None]]
_Signature = tuple[object, _Pairs, _Pairs, tuple[list[str], str | None], str | None]


def _promised(endpoint: ir.Endpoint) -> _Signature:
    parameters = endpoint.parameters
    by_position = positional(parameters)
    pairs = [
        (str(p.argument), _normal(parameter_type(p.type).source), _normal(default_source(p))) for p in parameters
    ]
    returns = _normal(f"Call[{returned_type(endpoint).source}]")
    sent = [p.name for p in parameters if not p.of_event]
    beside = next((str(p.argument) for p in parameters if p.of_event), None)
    return endpoint.key, pairs[:by_position], pairs[by_position:], (sent, beside), returns


def _written(node: ast.FunctionDef) -> _Signature:
    arguments = node.args
    missing: list[ast.expr | None] = [None] * (len(arguments.args) - len(arguments.defaults))
    call = node.body[-1].value  # type: ignore[attr-defined]  # `_function` saw that this is the call
    key, data = call.args
    return (
        ast.literal_eval(key),
        _pairs(arguments.args, [*missing, *arguments.defaults]),
        _pairs(arguments.kwonlyargs, arguments.kw_defaults),
        ([ast.literal_eval(name) for name in data.keys], _beside(call)),
        _source(node.returns),
    )


def _beside(call: ast.Call) -> str | None:
    """The name of the event data, which is sent in addition to the inputs."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "event_data"]
    return next((ast.unparse(value) for value in given), None)


def _source(node: ast.expr | None) -> str | None:
    return None if node is None else ast.unparse(node)


def _pairs(arguments: list[ast.arg], defaults: list[ast.expr | None]) -> _Pairs:
    return [
        (argument.arg, _source(argument.annotation), _source(default))
        for argument, default in zip(arguments, defaults, strict=True)
    ]


@lru_cache(maxsize=1000)
def _normal(source: str | None) -> str | None:
    return None if source is None else ast.unparse(ast.parse(source, mode="eval"))
