"""A model's arguments, checked against what the package knows, and turned into values that its function takes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, cast

from .._json import as_dict, as_list
from ..values.encode import NOWHERE, Node, at_index, places
from ..values.file_data import FileData
from ..values.published import problems
from ..values.sources import is_object
from ._known import FILE, Known, Parameter, Schema, options_of, takes_null
from ._text import one_line, some_of, visible

LARGEST = 16 << 20  # characters of one call's arguments
MOST_CHOICES = 20  # that a mistake is told
MOST_SHOWN = 200  # characters of a value, or parts of it, that are looked at to show it
Open = Callable[[str], Any]


class WrongArguments(ValueError):
    """A model's arguments do not fit.

    Attributes:
        problems: Argument to what is wrong with it; "" is about all of them.
    """

    def __init__(self, found: Mapping[str, str]) -> None:
        super().__init__("\n".join(f"{name}: {problem}" if name else problem for name, problem in found.items()))
        self.problems = dict(found)


class Wrong(ValueError):
    """One value does not fit; `place` is where it lies inside its argument, such as ".image" and "[2]"."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.place: list[str] = []

    def at(self, step: str) -> Wrong:
        """The same, one step further out."""
        self.place.insert(0, step)
        return self


def parsed(arguments: str | Mapping[str, Any]) -> dict[str, Any]:
    """What a model wrote, as an object.

    Raises:
        WrongArguments: It is not JSON object.
        TypeError: It is neither text nor an object, which is a mistake of the program and not of the model.
    """
    if isinstance(arguments, Mapping):
        return dict(arguments)
    if not isinstance(cast(object, arguments), str):
        raise TypeError(
            f"a model's arguments are a JSON object as text, or a mapping ({{}} for none), not {arguments!r}"
        )
    if len(arguments) > LARGEST:
        raise WrongArguments({"": f"the arguments are longer than {LARGEST >> 20} million characters"})
    try:
        value = json.loads(arguments or "{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WrongArguments({"": f"the arguments are not JSON: {one_line(str(error), 200)}"}) from None
    if not isinstance(value, dict):
        raise WrongArguments({"": f"the arguments must be one JSON object, not {_kind(value)}"})
    return as_dict(value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def read(known: Known, arguments: str | Mapping[str, Any], open_file: Open) -> dict[str, Any]:
    """The values for a call of the endpoint's function, by the names that it has for them.

    Args:
        known: The endpoint.
        arguments: What the model wrote.
        open_file: Makes a file of a text that names one; raises ValueError where it may not.

    Raises:
        WrongArguments: Some do not fit; it has all that is wrong.
    """
    given = parsed(arguments)
    by_key = {**{one.argument: one for one in known.parameters}, **{one.key: one for one in known.parameters}}
    unknown = [name for name in given if name not in by_key]
    found = {one_line(name[:MOST_SHOWN], 100): _unknown(name, by_key) for name in unknown[:MOST_CHOICES]}
    if len(unknown) > MOST_CHOICES:
        found[""] = f"{len(unknown) - MOST_CHOICES} more arguments are unknown, too"
    values: dict[str, Any] = {}
    tree = places(known.plan.files)
    for one in known.parameters:
        name = one.key if one.key in given else one.argument
        if name not in given or _is_left_out(one, given[name]):
            if one.required and not takes_null(one.type):
                found[one.key] = "it is missing"
            elif one.required:
                values[one.argument] = None
            continue
        try:
            values[one.argument] = _Reader(open_file).value(one.type, given[name], tree.get(one.name, NOWHERE))
        except Wrong as wrong:
            found[one.key] = f"{''.join(wrong.place)} {wrong}".strip()
    found = {**_out_of_range(known, values), **found}
    if found:
        raise WrongArguments(found)
    return values


def _is_left_out(parameter: Parameter, value: Any) -> bool:
    """Null stands for an argument that is left out, where it is no value of its own: strict modes want it."""
    return value is None and not takes_null(parameter.type)


def _out_of_range(known: Known, values: Mapping[str, Any]) -> dict[str, str]:
    """What the stub's own `validate` says."""
    keys = {one.argument: one.key for one in known.parameters}
    by_name = {one.name: values[one.argument] for one in known.parameters if one.argument in values}
    broken = problems(known.plan.package, known.plan.endpoint, by_name)
    return {keys[argument]: one_line(problem, 1000) for argument, problem in broken.items()}


def _unknown(name: str, names: Mapping[str, Parameter]) -> str:
    there = list(dict.fromkeys(one.key for one in names.values()))
    close = get_close_matches(name[:MOST_SHOWN], there, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(there)}" if there else "it takes none"
    return f"there is no such argument; {hint}"


class _Reader:
    """Walks a value along its type and along the tree of its files."""

    def __init__(self, open_file: Open) -> None:
        self.open_file = open_file

    def value(self, node: Schema, value: Any, files: Node) -> Any:
        """The value, with its files opened.

        Raises:
            Wrong: It is not of the type.
        """
        if "" in files or (node == FILE and not isinstance(value, str)):  # elsewhere a text names no file
            named = _uri(value)
            if named is not None:  # whatever else the type says: the call would read the text as a path
                return self._file(named)
            if is_object(value):  # of an agent that is code itself: no JSON is one
                return _made(FileData.of, value)
        if "anyOf" in node:
            return self._any_of(node, value, files)
        if node.get("enum"):
            return _chosen(node["enum"], value)
        if node == FILE:
            raise Wrong(f"a text that names a file is wanted, not {_kind(value)}")
        kind = node.get("type")
        if kind == "array" and isinstance(value, list):
            return self._list(node, as_list(value), files)
        if kind == "object" and isinstance(value, dict):
            return self._object(node, as_dict(value), files)
        if kind is None:
            return self._anything(node, value, files)
        return _scalar(kind, value)

    def _file(self, text: str) -> Any:
        return _made(self.open_file, text)

    def _any_of(self, node: Schema, value: Any, files: Node) -> Any:
        wrong: list[Wrong] = []
        for option in options_of(node):
            try:
                return self.value(option, value, files)
            except Wrong as error:
                wrong.append(error)
        # The one that got furthest is about the option that was meant.
        raise max(wrong, key=lambda one: len(one.place))

    def _list(self, node: Schema, items: list[Any], files: Node) -> list[Any]:
        kinds = cast("list[Schema]", node.get("prefixItems")) or [node.get("items", {})] * len(items)
        if len(kinds) != len(items):
            raise Wrong(f"it has {len(items)} items, and must have {len(kinds)}")
        read: list[Any] = []
        for kind, item in zip(kinds, items, strict=True):
            try:
                read.append(self.value(kind, item, at_index(files, len(read))))
            except Wrong as wrong:
                raise wrong.at(f"[{len(read)}]") from None
        return read

    def _object(self, node: Schema, value: dict[str, Any], files: Node) -> dict[str, Any]:
        fields: dict[str, Schema] = as_dict(node.get("properties"))
        names = {visible(name): name for name in fields}
        value = {name if name in fields else names.get(name, name): one for name, one in value.items()}
        others: Schema = node.get("additionalProperties", {})
        every: Node = files.get("{}", NOWHERE)
        optional = fields.keys() - set(node.get("required", ()))
        missing = [name for name in node.get("required", ()) if name not in value]
        if missing:
            raise Wrong("it is missing").at(f".{missing[0]}")
        read: dict[str, Any] = {}
        for name, item in value.items():
            kind = fields.get(name, others)
            if item is None and name in optional and not takes_null(kind):
                continue
            try:
                read[name] = self.value(kind, item, files.get(name, every))
            except Wrong as wrong:
                raise wrong.at(f".{one_line(name, 60)}") from None
        return read

    def _anything(self, node: Schema, value: Any, files: Node) -> Any:
        """JSON of any kind; files in it are opened all the same."""
        if not files or not isinstance(value, (list, dict)):
            return value
        if isinstance(value, list):
            return self._list({"items": {}}, as_list(value), files)
        return self._object({"properties": {}}, as_dict(value), files)


def _uri(value: Any) -> str | None:
    """The text that names a file: itself, or the uri in a file of a result."""
    named: Any = value if isinstance(value, str) else as_dict(value).get("uri")
    return named if isinstance(named, str) else None


def _chosen(choices: list[Any], value: Any) -> Any:
    for one in choices:
        if value == one and _is_bool(value) == _is_bool(one):
            return one  # 1 where 1.0 was written
    if isinstance(value, str):
        texts = {visible(one): one for one in reversed(choices) if isinstance(one, str)}
        # No strict mode vouches for capital letters (Anthropic's page "Structured outputs", "Enum value casing").
        alike = [one for text, one in texts.items() if text.casefold() == value.casefold()]
        if value in texts or len(alike) == 1:
            return texts.get(value, alike[0])
    raise Wrong(f"{_shown(value)} is not one of {some_of([*map(_shown, choices)], MOST_CHOICES)}")


def _scalar(kind: str, value: Any) -> Any:
    fits: dict[str, Callable[[Any], bool]] = {
        "string": lambda one: isinstance(one, str),
        "boolean": _is_bool,
        "null": lambda one: one is None,
        "number": _is_number,
        "integer": lambda one: _is_number(one) and one == int(one),
    }
    if kind not in fits or not fits[kind](value):
        raise Wrong(f"{_shown(value)} is of the wrong type: {kind} is wanted, not {_kind(value)}")
    return int(value) if kind == "integer" else value


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _made(make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except ValueError as error:
        raise Wrong(str(error)) from error


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, (list, dict)):
        return "array" if isinstance(value, list) else "object"
    return "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"


def _shown(value: object) -> str:
    try:
        return one_line(json.dumps(_beginning(value), ensure_ascii=False, default=str), 80)
    except ValueError:  # Python writes no number of thousands of digits
        return "a huge number"


def _beginning(value: Any, depth: int = 3) -> Any:
    """As much of a value as is ever shown: it may be large, and deeper than Python can follow."""
    if isinstance(value, str):
        return value[:MOST_SHOWN]
    if not isinstance(value, (list, dict)):
        return value
    if not depth:
        return "…"
    if isinstance(value, list):
        return [_beginning(one, depth - 1) for one in as_list(value)[:MOST_SHOWN]]
    some = islice(as_dict(value).items(), MOST_SHOWN)
    return {name[:MOST_SHOWN]: _beginning(one, depth - 1) for name, one in some}
