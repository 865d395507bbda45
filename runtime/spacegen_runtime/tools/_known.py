"""What a package knows of one endpoint, in the words of its spacegen.json: the one source of all descriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from .._shown import ModeName
from ..errors import ConfigurationError
from ..values.published import load

if TYPE_CHECKING:
    from .._endpoint import Endpoint
    from .._plan import Plan

Schema = dict[str, Any]
FILE: Schema = {"type": "file"}
"""How spacegen.json writes the type of a file."""
NULL: Schema = {"type": "null"}
LONGEST_KEY = 64  # characters that vendors take in the name of a tool, or of an argument
KINDS: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool.

    Attributes:
        key: What a model calls it: the function's name for it, in letters that every vendor takes.
        argument: What the function calls it.
        name: What the server calls it.
        type: What is accepted, as spacegen.json writes types.
        published: The rest of what spacegen.json says of it.
    """

    key: str
    argument: str
    name: str
    type: Schema
    published: Mapping[str, Any]

    @property
    def required(self) -> bool:
        """Whether the Space has no default for it."""
        return bool(self.published.get("required", True))


@dataclass(frozen=True, slots=True)
class Known:
    """One endpoint.

    Attributes:
        function: The name of its function.
        title: The title of the Space.
        plan: What its function says about a call: the endpoint, its arguments, which of them are files.
        parameters: What it takes.
        returns: Name and type of each output; one without a name of its own is called "result".
        entry: The rest of what spacegen.json says of it.
    """

    function: str
    title: str
    plan: Plan
    parameters: tuple[Parameter, ...]
    returns: tuple[tuple[str, Schema], ...]
    entry: Mapping[str, Any]


def known(endpoint: Endpoint[..., Any]) -> Known:
    """What the package of an endpoint knows of it.

    Raises:
        ConfigurationError: The package has no spacegen.json, or a damaged one, or it does not know this endpoint;
            or this is no endpoint.
    """
    _check(endpoint)
    plan = endpoint.plan
    manifest = load(plan.package)
    entry = manifest.get("endpoints", {}).get(str(plan.endpoint))
    if entry is None:
        raise ConfigurationError(
            f"the spacegen.json of {plan.package} does not describe it; run `spacegen update`",
            endpoint=str(plan.endpoint),
        )
    try:
        return _known(entry, str(manifest.get("space", {}).get("title", "")), plan)
    except KeyError as error:
        raise ConfigurationError(
            f"the spacegen.json of {plan.package} is damaged: {error} is missing; run `spacegen update`",
            endpoint=str(plan.endpoint),
        ) from error


def _check(endpoint: Any) -> None:
    name = getattr(endpoint, "__name__", None)
    if isinstance(name, ModeName):
        raise ConfigurationError(f"give the endpoint itself: {name}, not {name}.{name.mode}")
    if not hasattr(endpoint, "plan"):  # that of a package with its own runtime is of another class
        raise ConfigurationError(f"not an endpoint of a package, such as `translate`: {endpoint!r}")


def _known(entry: Mapping[str, Any], title: str, plan: Plan) -> Known:
    takes = [*entry["parameters"], *([entry["event"]] if "event" in entry else [])]
    outputs = entry["returns"]
    names = ["result"] if len(outputs) == 1 else [str(one["field"]) for one in outputs]
    return Known(
        function=str(entry["function"]),
        title=title,
        plan=plan,
        parameters=tuple(_parameter(one, place) for place, one in enumerate(takes, 1)),
        returns=tuple((name, _returned(one)) for name, one in zip(names, outputs, strict=True)),
        entry=entry,
    )


def _parameter(published: Mapping[str, Any], place: int) -> Parameter:
    argument = str(published["argument"])
    return Parameter(
        key=plain_name(argument, f"argument_{place}", LONGEST_KEY),
        argument=argument,
        name=str(published["name"]),
        type=widened(_accepted(published), unknown_only=True),
        published=published,
    )


def plain_name(name: str, otherwise: str, most: int) -> str:
    """A name that every vendor takes; a digest tells two apart where they had to be changed.

    What was a name of Python's stays one: it does not begin with a digit.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]+", name) and len(name) <= most:
        return name
    letters = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or otherwise
    if letters[0].isdigit():
        letters = f"{otherwise}_{letters}"
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{letters[: most - 7]}_{digest}"


def _accepted(published: Mapping[str, Any]) -> Schema:
    """The type that callers may pass, as the function's own annotation has it."""
    node: Schema = published["type"]
    choices, custom = published.get("choices"), bool(published.get("custom"))
    if custom:
        node = widened(node)
    elif choices and node.get("type") in ("string", "number", "integer"):
        node = {"enum": choices}
    may_be_empty = node in (FILE, {"type": "array", "items": FILE})
    no_default = not published.get("required", True) and published.get("default") is None
    return or_null(node) if may_be_empty or no_default else node


def _returned(published: Mapping[str, Any]) -> Schema:
    node: Schema = published["type"]
    return widened(node, unknown_only=not published.get("custom"))


def widened(node: Schema, *, unknown_only: bool = False) -> Schema:
    """A type with its choices opened: any value of their kinds is as good.

    With `unknown_only`, just those that the app fills in later: Gradio says of them that they are texts, and they
    may be numbers.
    """
    if "enum" in node:
        if node["enum"] and unknown_only:
            return node
        kinds = list(dict.fromkeys(map(kind_of, node["enum"])))
        return union([{"type": kind} for kind in kinds or ("string", "number")])
    if "anyOf" in node:
        return union([widened(option, unknown_only=unknown_only) for option in node["anyOf"]])
    if node.get("type") == "array" and "items" in node:
        return {**node, "items": widened(node["items"], unknown_only=unknown_only)}
    return node


def kind_of(value: object) -> str:
    """How JSON Schema calls the type of a scalar."""
    return next((name for kind, name in KINDS.items() if value.__class__ is kind), "null")


def union(options: list[Schema]) -> Schema:
    """One type for several."""
    distinct = [option for place, option in enumerate(options) if option not in options[:place]]
    if {} in distinct:
        return {}
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def or_null(node: Schema) -> Schema:
    """The type with null beside it."""
    return node if takes_null(node) else union([*options_of(node), NULL])


def takes_null(node: Schema) -> bool:
    """Whether null is of a type."""
    if "enum" in node:
        return None in node["enum"]
    kind = node.get("type")
    return (
        not node
        or kind == "null"
        or (isinstance(kind, list) and "null" in kind)
        or any(map(takes_null, node.get("anyOf", ())))
    )


def options_of(node: Schema) -> list[Schema]:
    """The types that a union is of; any other type is the only one."""
    return cast("list[Schema]", node["anyOf"]) if "anyOf" in node else [node]
