"""Converts words of a shell, such as `size=large` or `image=@cat.png`, to the values that an endpoint takes. Pure.

The endpoint's types decide how a word is read: text stays text, even if it looks like something else; numbers,
booleans, lists and objects are JSON; a choice is matched by its text, and keeps its type.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.errors import ArgumentError
from spacegen.ir.conform import conforms
from spacegen.rendering.annotations import parameter_type
from spacegen.text import closest, shorten, some_of

_MOST_CHOICES = 20
_LONGEST = 60


def find_endpoint(space: ir.Space, name: str | None) -> ir.Endpoint:
    """Return the endpoint that a user means: by its api_name, its number or its function.

    Raises:
        ArgumentError: There is none, or no name was given.
    """
    for endpoint in space.endpoints:
        if name is not None and name in (str(endpoint.key), str(endpoint.key).lstrip("/"), endpoint.function):
            return endpoint
    names = [str(endpoint.key) for endpoint in space.endpoints]
    shown = "\n".join(f"  {name}" for name in names)
    if name is None:
        raise ArgumentError(f"Say which endpoint to call:\n{shown}")
    hint = did_you_mean("/" + name.lstrip("/"), names)
    raise ArgumentError(f"There is no endpoint {shorten(name, _LONGEST)}{hint}\n{shown}")


def read_arguments(
    endpoint: ir.Endpoint,
    models: Iterable[ir.Model],
    words: Sequence[str],
    read_input: Callable[[], bytes],
    *,
    partly: bool = False,
) -> dict[str, Any]:
    """Return the arguments of a call by the names that its function knows.

    Args:
        endpoint: What is called.
        models: The models that its types refer to.
        words: `name=value`, the same name again for each item of a list.
        read_input: Reads standard input, for the value `-`.
        partly: Whether others come from elsewhere, so that none is missing.

    Raises:
        ArgumentError: A name is unknown or missing, or a value is of the wrong type.
    """
    given = _by_parameter(endpoint, words)
    missing = [p.argument for p in endpoint.parameters if p.default is None and p.argument not in given]
    if missing and not partly:
        raise ArgumentError(f"{endpoint.key} also needs {', '.join(missing)}.\n{parameters_text(endpoint)}")
    reader = WordReader({str(model.name): model for model in models}, read_input)
    arguments = {}
    for parameter in endpoint.parameters:
        texts = given.get(parameter.argument)
        if texts is None:
            continue
        try:
            arguments[str(parameter.argument)] = reader.value(parameter.type, texts)
        except ValueError as error:
            raise ArgumentError(f"{parameter.argument}: {error}.") from error
    return arguments


def parameters_text(endpoint: ir.Endpoint) -> str:
    """Return what an endpoint takes, one parameter a line."""
    if not endpoint.parameters:
        return f"{endpoint.key} takes nothing."
    return "\n".join([f"{endpoint.key} takes", *(f"  {_parameter(p)}" for p in endpoint.parameters)])


def _parameter(parameter: ir.Parameter) -> str:
    text = f"{parameter.argument}: {shorten(str(parameter_type(parameter.type)), 2 * _LONGEST)}"
    if parameter.default is not None:
        text += f" = {shorten(json.dumps(parameter.published), _LONGEST)}"
    return f"{text}    {parameter.label}" if parameter.label else text


def _by_parameter(endpoint: ir.Endpoint, words: Sequence[str]) -> dict[str, list[str]]:
    names = {parameter.name: str(parameter.argument) for parameter in endpoint.parameters}
    names |= {str(parameter.argument): str(parameter.argument) for parameter in endpoint.parameters}
    given: dict[str, list[str]] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not (name and equals):
            raise ArgumentError(
                f"{shorten(word, _LONGEST)!r} is not of the form name=value.\n{parameters_text(endpoint)}"
            )
        if name not in names:
            hint = did_you_mean(name, names)
            raise ArgumentError(
                f"{endpoint.key} takes no {shorten(name, _LONGEST)}{hint}\n{parameters_text(endpoint)}"
            )
        given.setdefault(names[name], []).append(text)
    return given


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a hint for an unknown name, as the end of a sentence."""
    close = closest(name, names)
    return f"; did you mean {close}?" if close else "."


class WordReader:
    """Reads words by type; raises ValueError with a reason that completes "name: ...".

    Args:
        models: The objects that types refer to.
        read_input: Reads standard input, for the word `-`.
        find_file: Finds the file behind a text where a file is wanted. None requires `@PATH`, which is also a file
            where any value is accepted.
    """

    def __init__(
        self,
        models: Mapping[str, ir.Model],
        read_input: Callable[[], bytes],
        find_file: Callable[[str], Path | str] | None = None,
    ) -> None:
        self._models = models
        self._read_input = read_input
        self._file = find_file or _file
        self._marks_files = find_file is None

    def value(self, node: ir.TypeNode, texts: Sequence[str]) -> Any:
        """Read the words for one parameter, which may be given several times."""
        if len(texts) == 1:
            return self.one(node, texts[0])
        for option in options_of(node):
            match option:
                case ir.ListOf(item):
                    return [self.one(item, text) for text in texts]
                case ir.TupleOf(items) if len(items) == len(texts):
                    return [self.one(item, text) for item, text in zip(items, texts, strict=True)]
                case ir.Anything():
                    return [self.one(option, text) for text in texts]
        raise ValueError(f"takes one value of {parameter_type(node)}, and {len(texts)} were given")

    def one(self, node: ir.TypeNode, text: str) -> Any:
        """Read one word."""
        if text == "-":
            content = self._read_input()
            if ir.File() in options_of(node):
                return content
            try:
                text = content.decode().removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError:
                raise ValueError("standard input is not UTF-8 text") from None
        return self.read(node, text)

    def read(self, node: ir.TypeNode, text: str) -> Any:
        """Read a word that does not mean standard input."""
        match node:
            case ir.Text():
                return text
            case ir.Choice(values):
                return _choice(values, text)
            case ir.File():
                return self._file(text)
            case ir.AnyOf(options):
                return self._first(options, text)
            case ir.ListOf(item) if not text.lstrip().startswith("["):
                return [self.read(item, text)]
            case ir.Anything() if self._marks_files and text.startswith("@"):
                return self._file(text)
            case ir.Anything():
                return _json_or_text(text)
            case _:
                return self.converted(node, _json(node, text))

    def _first(self, options: Sequence[ir.TypeNode], text: str) -> Any:
        """Read a word as the first type that fits, text last: if both are accepted, a number is a number."""
        if self._marks_files and text.startswith("@") and ir.File() in options:
            return self._file(text)
        reason = ""
        has_text = ir.Text() in options
        for option in sorted(options, key=_rank):
            if has_text and (option == ir.Nothing() or (_is_container(option) and text.lstrip()[:1] not in "[{")):
                continue
            try:
                return self.read(option, text)
            except ValueError as error:
                reason = reason or str(error)
        raise ValueError(reason)

    def converted(self, node: ir.TypeNode, value: Any) -> Any:
        """Return a JSON value with its files (`"@cat.png"`) found."""
        match node, value:
            case ir.File(), str():
                return self._file(value)
            case ir.ListOf(item), list():
                return [self.converted(item, one) for one in value]
            case ir.TupleOf(items), list() if len(items) == len(value):
                return [self.converted(item, one) for item, one in zip(items, value, strict=True)]
            case ir.DictOf(item), dict():
                return {key: self.converted(item, one) for key, one in value.items()}
            case ir.ModelRef(name), dict():
                fields = {field.key: field.type for field in self._models[name].fields}
                return {key: self.converted(fields.get(key, ir.Anything()), one) for key, one in value.items()}
            case ir.AnyOf(options), _:
                return self._any_of(options, node, value)
        if conforms(value, node, models_fit=True):
            return value
        raise _no_value(value, node)

    def _any_of(self, options: Sequence[ir.TypeNode], node: ir.TypeNode, value: Any) -> Any:
        if self._marks_files and isinstance(value, str) and value.startswith("@") and ir.File() in options:
            return self._file(value)
        for option in sorted(options, key=_rank):
            try:
                return self.converted(option, value)
            except ValueError:
                continue
        raise _no_value(value, node)


def _no_value(value: Any, node: ir.TypeNode) -> ValueError:
    shown = shorten(json.dumps(value, default=str), _LONGEST)
    return ValueError(f"{shown} is not of type {parameter_type(node)}")


def options_of(node: ir.TypeNode) -> tuple[ir.TypeNode, ...]:
    """Return the types that a value may have."""
    return node.options if isinstance(node, ir.AnyOf) else (node,)


def _is_container(node: ir.TypeNode) -> bool:
    return isinstance(node, ir.ListOf | ir.TupleOf | ir.DictOf | ir.ModelRef)


def _rank(node: ir.TypeNode) -> int:
    order = (ir.Choice, ir.Whole, ir.Real, ir.Flag, ir.File, ir.Nothing)
    for place, kind in enumerate(order):
        if isinstance(node, kind):
            return place
    return len(order) + (1 if isinstance(node, ir.Text) else 0)


def _choice(values: Sequence[Any], text: str) -> Any:
    for value in values:
        if text == (value if isinstance(value, str) else json.dumps(value)):
            return value
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    raise ValueError(f"{shorten(text, _LONGEST)!r} is not one of {some_of(texts, _MOST_CHOICES)}")


def _file(text: str) -> Path | str:
    if text.startswith(("http://", "https://")):
        return text
    if not text.startswith("@"):
        raise ValueError(f"{shorten(text, _LONGEST)!r} is not a file; write @PATH, or an http(s) URL")
    path = Path(text[1:]).expanduser()
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def _json(node: ir.TypeNode, text: str) -> Any:
    if isinstance(node, ir.Flag):
        text = text.lower()  # as Python writes it
    try:
        return _loads(text)
    except ValueError:
        hint = "; write true or false" if isinstance(node, ir.Flag) else ""
        raise ValueError(f"{shorten(text, _LONGEST)!r} is not of type {parameter_type(node)}{hint}") from None


def _json_or_text(text: str) -> Any:
    try:
        return _loads(text)
    except ValueError:
        return text


def _loads(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's

    try:
        value = json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("too large a number")
    return value
