"""Whether every name in a written module means what the IR meant, for Python and for type checkers.

A module may have the right shape and still mean something else: for example, a parameter has the name of a class,
or a field is spelled in letters that Python reads as `str`. Then it takes the place of a type, and its default, a
stranger's text, is evaluated by Python, pydantic or the runtime. So names from a Space (parameters, fields,
functions) must never be equal to names that the module uses. The syntax tree has them in the form NFKC, as Python
itself will.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from spacegen.errors import IntegrityError
from spacegen.ir.space import Space
from spacegen.naming import MODEL_ATTRIBUTES, TUPLE_ATTRIBUTES

_BUILTINS = frozenset({"bool", "dict", "float", "int", "list", "str", "tuple"})
_IMPORTS = {
    "__future__": frozenset({"annotations"}),
    "typing": frozenset({"Annotated", "Any", "Literal", "NamedTuple", "TYPE_CHECKING"}),
    "collections.abc": frozenset({"Mapping", "Sequence"}),
    "pydantic": frozenset({"Field"}),
    "": frozenset({"models"}),
}
_RUNTIME = frozenset(
    {"Call", "FileData", "FileInput", "FrameInput", "Model", "PUBLISHED", "Space", "endpoint", "late"}
)


def check_bindings(space: Space, name: str, tree: ast.Module, runtime: str) -> None:
    """Compare the names of one module, which has the shape of a stub, with each other and with the IR.

    Raises:
        IntegrityError: A name may mean something else than it should.
    """
    _Names(space, name, tree, runtime).check()


class _Names:
    def __init__(self, space: Space, file: str, tree: ast.Module, runtime: str) -> None:
        self._file = file
        self._body = tree.body
        models = {str(model.name) for model in space.models}
        functions = {str(endpoint.function) for endpoint in space.endpoints}
        results = {str(endpoint.result) for endpoint in space.endpoints if endpoint.result}
        self._imports = {**_IMPORTS, runtime.lstrip("."): _RUNTIME, "models": models}
        self._imports["endpoints"] = functions | results | {"space"}
        self._functions = functions if file == "endpoints.py" else set[str]()

    def check(self) -> None:
        bound = list(self._bound())
        self._demand(len(bound) == len(set(bound)), "a name is given twice", bound)
        types = {one.id for node in self._body for one in _outside(node) if isinstance(one.ctx, ast.Load)}
        for name in types - {"__package__", "__name__"}:
            known = name in _BUILTINS if name not in bound else name not in (_BUILTINS | self._functions)
            self._demand(known, f"{name!r} is not what it should be", ())
        given = [name for node in self._body for name in self._given(node)]
        seen = types - {"endpoint"}  # only decorates: neither parameters nor fields stand in its way
        self._demand(not {*given} & seen, "a type has the name of a parameter or field", given)
        self._demand(
            not any(name.startswith("__") for name in given),
            "a name is the same as one of Python's built-in names",
            given,
        )

    def _bound(self) -> Iterator[str]:
        inside = [one for node in self._body if isinstance(node, ast.If) for one in node.body]
        for node in (*self._body, *inside):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                self._demand(
                    names <= self._imports.get(node.module or "", frozenset()),
                    "an import is not one of the expected ones",
                    names,
                )
                yield from names
            elif isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield node.name
            elif isinstance(node, ast.Assign):
                yield from (one.id for one in node.targets if isinstance(one, ast.Name))

    def _given(self, node: ast.stmt) -> list[str]:
        if isinstance(node, ast.FunctionDef):
            arguments = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            [said] = [one for one in ast.walk(node.body[-1]) if isinstance(one, ast.Dict)]
            beside = [one.value for one in ast.walk(node.body[-1]) if isinstance(one, ast.keyword)]
            names = [one for one in beside if isinstance(one, ast.Name)]  # what tells of an event
            passed = [one.id if isinstance(one, ast.Name) else "" for one in (*said.values, *names)]
            self._demand(passed == arguments, f"{node.name} passes other values than its parameters", ())
            self._demand("space" not in arguments, f"{node.name} calls one of its arguments", ())
            return arguments
        if isinstance(node, ast.ClassDef):
            fields = [ast.unparse(one.target) for one in node.body if isinstance(one, ast.AnnAssign)]
            is_model = any(isinstance(base, ast.Name) and base.id == "Model" for base in node.bases)
            taken = MODEL_ATTRIBUTES if is_model else TUPLE_ATTRIBUTES
            fine = len(fields) == len({*fields}) and not taken & {*fields}
            self._demand(fine and not any(one.startswith("_") for one in fields), "a field is hidden", fields)
            return fields
        return []

    def _demand(self, fact: bool, problem: str, names: Iterable[str]) -> None:
        if not fact:
            about = f": {', '.join(sorted(names))[:200]}" if names else ""
            raise IntegrityError(f"{self._file}: {problem}{about}.")


def _outside(node: ast.stmt) -> Iterator[ast.Name]:
    """Yield the names of a statement that are looked up in the module: all but those in the body of a function."""
    parts: list[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef):
        parts = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    elif (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
    ):
        parts = []  # a twin of a function
    for part in parts:
        yield from (one for one in ast.walk(part) if isinstance(one, ast.Name))
