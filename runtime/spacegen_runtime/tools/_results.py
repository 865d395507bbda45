"""Results as a model reads them: JSON that keeps to the tool's output schema, and a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .._json import as_dict, as_list
from ..errors import AuthError, CallTimeout, EndpointChanged, InputRefused, SpaceUnavailable
from ..values.file_data import FileData
from ._arguments import WrongArguments
from ._files import Files, described_file
from ._known import FILE, Known, Schema, options_of, takes_null
from ._text import Cleaner, TextRules, cut, framed, shown, visible

DEEPEST = 64
ROOM = 200  # characters for what is said of a text that was cut
OUTDATED = (
    "No other arguments will help. The user can update the tool: run `spacegen update`, then restart the program "
    "that offers this tool."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What came of a tool call.

    Attributes:
        text: What to give the model: the result, or what it can do about an error.
        structured: The result as JSON that keeps to the output schema; None for an error.
        value: The result as the endpoint's function returns it; None for an error.
        files: The files in it, by the uri that stands for each.
        error: What went wrong, or None.
    """

    text: str
    structured: dict[str, Any] | None = None
    value: Any = None
    files: Mapping[str, FileData]
    error: Exception | None = None

    @property
    def is_error(self) -> bool:
        """Whether the call failed."""
        return self.error is not None


def success(known: Known, space: str, value: Any, files: Files, rules: TextRules) -> ToolResult:
    """The result of a call that went well."""
    found: dict[str, FileData] = {}

    def kept(file: FileData) -> dict[str, Any]:
        uri = files.keep(file)
        found[uri] = file
        return described_file(file, uri)

    named = [name for name, _ in known.returns]
    values = list(value) if len(named) > 1 else [value]
    plain = {name: as_json(one, kept) for name, one in zip(named, values, strict=False)}
    cleaner = Cleaner(rules.longest)
    structured = {name: cleaner.clean(one) for name, one in plain.items()}
    odd = {name: structured[name] for name, node in known.returns if not _fits(structured.get(name), node)}
    structured.update(dict.fromkeys(odd, None))
    text = _text(structured, odd)
    if len(text) > rules.longest + ROOM:
        text = cut(text, rules.longest)
    elif cleaner.shortened:
        text += f"\n(Only the first {rules.longest} characters are shown.)"
    return ToolResult(
        text=framed(text, space) if rules.framed else text, structured=structured, value=value, files=found
    )


def failure(error: Exception, space: str, rules: TextRules) -> ToolResult:
    """What to tell a model of a call that failed."""
    text = cut(visible(_told(error)), rules.longest)
    wrong = isinstance(error, WrongArguments)  # the words are our own
    return ToolResult(text=framed(text, space) if rules.framed and not wrong else text, files={}, error=error)


def _told(error: Exception) -> str:
    if isinstance(error, WrongArguments):
        return f"Nothing was sent because the arguments do not fit. Correct them and call again:\n{error}"
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, InputRefused):
        return f"{words}\nCorrect the arguments and call again."
    if isinstance(error, AuthError):
        return f"{words}\nThis needs the user: the Space asks for a login or a token, which no argument can give."
    if isinstance(error, EndpointChanged):
        return f"{words}\n{OUTDATED}"
    if isinstance(error, SpaceUnavailable):
        return f"{words}\nCalling again at once will not help."
    if isinstance(error, CallTimeout):
        return f"{words}\nThe call took too long. A smaller task may be done in time."
    return words


def _text(structured: Mapping[str, Any], odd: Mapping[str, Any]) -> str:
    """The result in one text: itself where it is one text, and JSON otherwise."""
    shown = {**structured, **odd}
    only = next(iter(shown.values()), None) if len(shown) <= 1 else shown
    text = only if isinstance(only, str) else json.dumps(only, ensure_ascii=False)
    return "The call is done; it returns nothing." if not shown else text


def as_json(value: Any, file: Callable[[FileData], Any], depth: int = 0) -> Any:
    """A result as JSON; `file` says what stands for a file."""
    if depth > DEEPEST:
        return None
    if isinstance(value, FileData):
        return file(value)
    kind: Any = value.__class__
    if hasattr(kind, "_asdict"):
        value = value._asdict()
    if hasattr(kind, "model_fields"):
        value = _fields(value, kind.model_fields)
    if isinstance(value, Mapping):
        return {str(key): as_json(one, file, depth + 1) for key, one in as_dict(dict(cast(Any, value))).items()}
    if isinstance(value, (list, tuple)):
        return [as_json(one, file, depth + 1) for one in cast("list[Any]", value)]
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _fields(model: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """A model by the server's names, without what nobody set and is empty."""
    known = {field.alias or name: getattr(model, name) for name, field in fields.items()}
    given = {fields[name].alias or name for name in model.model_fields_set if name in fields}
    kept = {name: one for name, one in known.items() if name in given or one is not None}
    return {**kept, **(model.model_extra or {})}


def _fits(value: Any, node: Schema) -> bool:
    """Whether a value keeps to what the output schema says of a type; null does everywhere at the top."""
    return value is None or _is_of(value, node)


def _is_of(value: Any, node: Schema) -> bool:
    if node == FILE:
        return isinstance(value, dict) and {"uri", "name"} <= value.keys()
    if "anyOf" in node:
        return any(_is_of(value, option) for option in options_of(node))
    if node.get("enum"):
        choices = as_list(shown(node["enum"]))
        return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in choices)
    kind = node.get("type")
    if value is None:
        return takes_null(node)
    match kind:
        case "array":
            return isinstance(value, list) and _items_are_of(as_list(value), node)
        case "object":
            return isinstance(value, dict) and _fields_are_of(as_dict(value), node)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "number" | "integer":
            whole = kind == "number" or (isinstance(value, (int, float)) and value == int(value))
            return isinstance(value, (int, float)) and not isinstance(value, bool) and whole
        case _:
            return kind is None


def _items_are_of(items: list[Any], node: Schema) -> bool:
    kinds = node.get("prefixItems") or [node.get("items", {})] * len(items)
    return len(kinds) == len(items) and all(map(_is_of, items, kinds))


def _fields_are_of(value: dict[str, Any], node: Schema) -> bool:
    fields = {visible(name): one for name, one in as_dict(node.get("properties")).items()}
    if any(visible(name) not in value for name in node.get("required", ())):
        return False
    others: Schema = node.get("additionalProperties", {})
    return all(_is_of(one, fields.get(name, others)) for name, one in value.items())
