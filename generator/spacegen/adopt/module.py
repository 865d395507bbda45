"""One parsed source text: the position of every node, its parents, and the meaning of its names."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import cast

import libcst as cst
from libcst.metadata import (
    Assignment,
    BaseAssignment,
    ComprehensionScope,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from spacegen.adopt.found import UnreadableFile

_LINE_END = re.compile(r"\r\n?|\n")
_FUNCTIONS = (cst.FunctionDef, cst.Lambda)
_IMPORT_CALLS = frozenset({"importlib.import_module", "__import__"})
_BY_A_STAR = frozenset({"Client", "handle_file", "file"})
_DEEPEST = 5


def _check_depth(text: str) -> None:
    """Fail where libcst would crash the process: unlike Python's own parser, it has no limit on depth."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        if "too many nested" in str(error):
            raise RecursionError from None  # anything else is for libcst, which knows later syntax too


class Module:
    """A parsed text.

    Raises:
        UnreadableFile: It is not Python 3.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            _check_depth(text)
            tree = cst.parse_module(text)
            same = tree.code == text
        except cst.ParserSyntaxError as error:
            raise UnreadableFile(f"is not valid Python 3: line {error.raw_line}: {error.message}") from None
        except cst.CSTValidationError as error:
            raise UnreadableFile(f"cannot be read: libcst says {str(error)!r}") from None
        except (RecursionError, MemoryError):
            raise UnreadableFile("is nested too deeply") from None
        if not same:
            raise UnreadableFile("would not be written back byte for byte; nothing in it was changed")
        wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
        self.tree = wrapper.module
        self.newline = tree.default_newline
        self._positions = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)
        self._scopes = wrapper.resolve(ScopeProvider)
        self._lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._known: dict[tuple[cst.Name, int], str | None] = {}
        self.replaced: frozenset[str] = frozenset()
        """Names of it that other files give other values."""
        self.names = set(self._variables(self.tree))

    def _variables(self, node: cst.CSTNode) -> Iterator[str]:
        """Yield names that refer to variables: no attributes, no keywords of calls."""
        for one in self.walk(node):
            if isinstance(one, cst.Name):
                outer = self.parent(one)
                attribute = isinstance(outer, cst.Attribute) and outer.attr is one
                if not attribute and not (isinstance(outer, cst.Arg) and outer.keyword is one):
                    yield one.value

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where a node starts and ends in the text, without parentheses around it."""
        place = self._positions[node]
        start, end = (self._lines[point.line - 1] + point.column for point in (place.start, place.end))
        return start, end

    def outer_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where an expression starts and ends, with parentheses around it."""
        left: list[int] = []
        right: list[int] = []
        if isinstance(node, cst.BaseExpression):
            left = [self.span(one)[0] for one in node.lpar]
            right = [self.span(one)[1] for one in node.rpar]
        start, end = self.span(node)
        return min([start, *left]), max([end, *right])

    def code(self, node: cst.CSTNode) -> str:
        """Return a node's own text."""
        start, end = self.outer_span(node)
        return self.text[start:end]

    def line(self, node: cst.CSTNode) -> int:
        """Return the number of the line on which a node starts, counted from 1."""
        return int(self._positions[node].start.line)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return what a node stands in."""
        return self._parents.get(node)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield all that a node stands in, from the inside."""
        inner = self.parent(node)
        while inner is not None:
            yield inner
            inner = self.parent(inner)

    def function(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the innermost function that a node stands in."""
        return next((one for one in self.above(node) if isinstance(one, _FUNCTIONS)), None)

    def class_of(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class whose body or method a node stands in."""
        return next((one for one in self.above(node) if isinstance(one, cst.ClassDef)), None)

    def small_statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the simple statement that an expression stands in, or None where it is in a compound's head."""
        inner = node
        for outer in self.above(node):
            if isinstance(outer, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
                return inner
            if isinstance(outer, (cst.BaseCompoundStatement, cst.Lambda, cst.Module)):
                return None
            inner = outer
        return None

    def meanings(self, name: cst.Name) -> set[BaseAssignment]:
        """Return everything that gives a name its value, where it is used."""
        scope = self.scope(name)
        return set() if scope is None else set(scope[name.value])

    def scope(self, node: cst.CSTNode) -> Scope | None:
        """Return the scope that a node stands in."""
        found = self._scopes.get(node)
        if found is None:
            found = next((self._scopes[one] for one in self.above(node) if self._scopes.get(one)), None)
        return found

    def imported(self, node: cst.CSTNode, depth: int = _DEEPEST) -> str | None:
        """Return the dotted name that imports give an expression: `gc.Client` is `gradio_client.Client`."""
        attributes: list[str] = []
        while isinstance(node, cst.Attribute):
            attributes.insert(0, node.attr.value)
            node = node.value
        root = None
        if isinstance(node, cst.Name):
            root = self._imported_name(node, depth)
        elif isinstance(node, cst.Call) and len(node.args) == 1:
            root = self._imported_by_call(node, depth)
        return None if root is None else ".".join([root, *attributes])

    def _imported_name(self, node: cst.Name, depth: int) -> str | None:
        # Kept, for a name with many meanings that name it again (`x = x.next`) would be looked up over and over.
        if (node, depth) not in self._known:
            self._known[node, depth] = self._look_up(node, depth)
        return self._known[node, depth]

    def _look_up(self, node: cst.Name, depth: int) -> str | None:
        meanings = self.meanings(node)
        if not meanings and node.value in _BY_A_STAR and self._has_star:
            return f"gradio_client.{node.value}"
        # `except ImportError: Client = None` gives it no other meaning; another class, or another import, does.
        roots = {root for one in meanings if (root := self._root(one, node, depth)) != "None"}
        return roots.pop() if len(roots) == 1 else None

    def _root(self, meaning: BaseAssignment, node: cst.Name, depth: int) -> str | None:
        for qualified in meaning.get_qualified_names_for(node.value):
            if qualified.source.name == "IMPORT":
                return qualified.name
        value = assigned_value(self, meaning.node) if isinstance(meaning, Assignment) else None
        if isinstance(value, cst.Name) and value.value == "None":
            return "None"
        # Another name for it: `Client = gradio_client.Client`.
        return self.imported(value, depth - 1) if value is not None and depth else None

    def _imported_by_call(self, node: cst.Call, depth: int) -> str | None:
        if not depth:  # `x = x.strip(" ")` leads to itself
            return None
        name = self.code(node.func) if isinstance(node.func, cst.Name) else self.imported(node.func, depth - 1)
        said = node.args[0].value
        if name in _IMPORT_CALLS and isinstance(said, cst.SimpleString):
            return str(said.evaluated_value)
        return None

    @cached_property
    def _has_star(self) -> bool:
        """Whether `from gradio_client import *` stands somewhere."""
        return any(
            isinstance(one, cst.ImportFrom)
            and isinstance(one.names, cst.ImportStar)
            and one.module is not None
            and self.code(one.module).split(".")[0] == "gradio_client"
            for one in self.walk(self.tree)
        )

    @cached_property
    def uncounted(self) -> frozenset[str]:
        """Names that get a value where libcst does not see it: in `match`, and by `:=` in a comprehension."""
        return frozenset(
            one.value for one in map(self._uncounted, self.walk(self.tree)) if isinstance(one, cst.Name)
        )

    def _uncounted(self, node: cst.CSTNode) -> cst.CSTNode | None:
        match node:
            case cst.MatchAs() | cst.MatchStar():
                return node.name
            case cst.MatchMapping():
                return node.rest
            case cst.NamedExpr() if isinstance(self.scope(node.target), ComprehensionScope):
                return node.target
            case _:
                return None

    @cached_property
    def attributes(self) -> dict[str, list[cst.Attribute]]:
        """Every `something.name`, by its name."""
        found: dict[str, list[cst.Attribute]] = {}
        for one in self.walk(self.tree):
            if isinstance(one, cst.Attribute):
                found.setdefault(one.attr.value, []).append(one)
        return found

    @cached_property
    def classes(self) -> list[cst.ClassDef]:
        """Every class."""
        return [one for one in self.walk(self.tree) if isinstance(one, cst.ClassDef)]

    @cached_property
    def fields(self) -> list[cst.AnnAssign]:
        """Every `name: T` in the body of a class."""
        return [
            one
            for one in self.walk(self.tree)
            if isinstance(one, cst.AnnAssign) and self.function(one) is None and self.class_of(one) is not None
        ]

    @cached_property
    def functions(self) -> dict[str, list[cst.FunctionDef]]:
        """Every function and method, by its name."""
        found: dict[str, list[cst.FunctionDef]] = {}
        for one in self.walk(self.tree):
            if isinstance(one, cst.FunctionDef):
                found.setdefault(one.name.value, []).append(one)
        return found

    @staticmethod
    def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield a node and all below it, in the order of the text."""
        stack = [node]
        while stack:
            one = stack.pop()
            yield one
            stack.extend(reversed(one.children))

    def same_line_as_block(self, statement: cst.CSTNode) -> bool:
        """Tell whether a simple statement shares its line with others or with its compound's head."""
        line = self.parent(statement)
        return not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1

    def indent(self, statement: cst.CSTNode) -> str:
        """Return the white space before a statement that starts its line."""
        start = self.span(statement)[0]
        before = self.text[self._lines[self.line(statement) - 1] : start]
        return before if not before.strip() else ""

    def line_start(self, statement: cst.CSTNode) -> int:
        """Return where the line of a statement starts."""
        return self._lines[self.line(statement) - 1]

    def line_end(self, place: int) -> int:
        """Return where the line around a place ends, before its line end."""
        match = _LINE_END.search(self.text, place)
        return match.start() if match else len(self.text)

    def block(self, statement: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the statements of the block that a statement line stands in."""
        outer = self.parent(statement)
        return (
            list(cast(cst.IndentedBlock, outer).body) if isinstance(outer, (cst.IndentedBlock, cst.Module)) else []
        )


def is_text(statement: cst.CSTNode) -> bool:
    """Whether a small statement is nothing but a text, as a docstring is."""
    return isinstance(statement, cst.Expr) and isinstance(
        statement.value, (cst.SimpleString, cst.ConcatenatedString)
    )


def assigned_value(module: Module, target: cst.CSTNode) -> cst.BaseExpression | None:
    """Return what gives a name its value: `x = value`, `x: T = value`, `(x := value)`, `with value as x`."""
    outer = module.parent(target)
    if isinstance(outer, cst.AssignTarget):
        outer = module.parent(outer)
    if isinstance(outer, cst.AsName):
        item = module.parent(outer)
        return item.item if isinstance(item, cst.WithItem) else None
    return outer.value if isinstance(outer, (cst.Assign, cst.AnnAssign, cst.NamedExpr)) else None
