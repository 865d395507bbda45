"""Tool descriptions in the form of each vendor, within its limits. Pure.

Where the limits are written, as they were in November 2026:

- OpenAI: developers.openai.com/api/docs/guides/structured-outputs, "Supported schemas" (keywords, sizes, every key
  required, `null` for what may be left out, no default, no `anyOf` whose objects begin with the same key); names
  in openai-python, `FunctionDefinition`. Descriptions have no published limit: gpt-4o and o3-mini refuse more than
  1024 characters (getsentry/sentry-mcp#106), later models take more.
- Anthropic: platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations" and
  "Schema complexity limits"; names in .../agents-and-tools/tool-use/define-tools (up to 128 characters). A name of
  an argument must match ^[a-zA-Z0-9_.-]{1,64}$, which only the API's refusal says (anthropics/claude-code#79418);
  keys further inside are free.
- Model Context Protocol: modelcontextprotocol.io/specification/2025-11-25/server/tools, "Tool Names": 1 to 128 of
  A-Z, a-z, 0-9, `_`, `-` and `.`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal

from .._json import as_dict
from ._known import NULL, Schema, options_of, takes_null, union
from ._text import one_line

Format = Literal["json", "mcp", "openai", "openai-chat", "anthropic"]
LONGEST_NAME = {"json": 64, "mcp": 48, "openai": 64, "openai-chat": 64, "anthropic": 64}
"""64 is what OpenAI takes. Clients of MCP put the server's name before a tool's, and send both as one name."""
LONGEST_DESCRIPTION = {"json": 4000, "mcp": 4000, "openai": 1024, "openai-chat": 1024, "anthropic": 4000}
OPENAI_DEEPEST, OPENAI_PROPERTIES, OPENAI_CHOICES = 10, 5000, 1000
OPENAI_LETTERS, OPENAI_CHOICE_LETTERS = 120_000, 15_000  # of all names and choices; of a choice of more than 250
ANTHROPIC_TOOLS, ANTHROPIC_OPTIONAL, ANTHROPIC_UNIONS = 20, 24, 16  # of all strict tools of one request together


class NotStrict(ValueError):
    """A schema that a vendor's strict mode cannot say."""


def described(
    form: Format, name: str, title: str, description: str, takes: Schema, returns: Schema, *, strict: bool
) -> dict[str, Any]:
    """A tool in a vendor's words."""
    description = description[: LONGEST_DESCRIPTION[form]]
    if form == "mcp":
        tool = {"name": name, "title": title, "description": description}
        return {**tool, "inputSchema": takes, "outputSchema": returns}
    if form == "json":
        return {"name": name, "description": description, "parameters": takes, "returns": returns}
    made = _strict(_for_openai if form.startswith("openai") else _for_anthropic, takes) if strict else None
    schema = takes if made is None else made
    if form == "anthropic":
        known = {"name": name, "description": description, "input_schema": schema}
        return known if made is None else {**known, "strict": True}
    function = {"name": name, "description": description, "parameters": schema, "strict": made is not None}
    return {"type": "function", **function} if form == "openai" else {"type": "function", "function": function}


def _strict(make: Callable[[Schema], Schema], takes: Schema) -> Schema | None:
    """The schema in a strict form, or None where that form cannot say it."""
    try:
        return make(takes)
    except NotStrict:
        return None


def _for_openai(takes: Schema) -> Schema:
    """Every argument is required, and null stands for one that is left out; no object has other keys."""
    schema = _mapped(takes, _all_required)
    nodes = list(_walk(schema))
    choices = [node["enum"] for _, node in nodes if "enum" in node]
    fields = [name for _, node in nodes for name in node.get("properties", ())]
    letters = sum(map(len, fields)) + sum(len(str(one)) for several in choices for one in several)
    longest = max((len("".join(map(str, several))) for several in choices if len(several) > 250), default=0)
    if (
        max(depth for depth, _ in nodes) > OPENAI_DEEPEST
        or len(fields) > OPENAI_PROPERTIES
        or sum(map(len, choices)) > OPENAI_CHOICES
        or letters > OPENAI_LETTERS
        or longest > OPENAI_CHOICE_LETTERS
        or any(_begin_alike(node["anyOf"]) for _, node in nodes if "anyOf" in node)
    ):
        raise NotStrict
    return schema


def _begin_alike(options: list[Schema]) -> bool:
    """Whether two objects of a union have the same first key, which OpenAI refuses."""
    first = [next(iter(option["properties"]), "") for option in options if "properties" in option]
    return len(first) != len(set(first))


def _for_anthropic(takes: Schema) -> Schema:
    """No ranges and no sizes, which are said in words; no object has other keys."""
    schema = _mapped(takes, _in_words)
    if not StrictRequest().has_room(schema):
        raise NotStrict
    return schema


class StrictRequest:
    """What Anthropic still takes of strict tools in one request; it refuses the whole request past that."""

    def __init__(self) -> None:
        self._left: tuple[int, ...] = (ANTHROPIC_TOOLS, ANTHROPIC_OPTIONAL, ANTHROPIC_UNIONS)

    def has_room(self, schema: Schema) -> bool:
        """Whether one more tool with this schema can be strict; if so, its room is taken."""
        nodes = [node for _, node in _walk(schema)]
        optional = sum(len(node["properties"]) - len(node["required"]) for node in nodes if "properties" in node)
        unions = sum("anyOf" in node or isinstance(node.get("type"), list) for node in nodes)
        left = tuple(there - more for there, more in zip(self._left, (1, optional, unions), strict=True))
        if min(left) < 0:
            return False
        self._left = left
        return True


def _mapped(node: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """The schema with each part changed, from the inside out."""
    new = dict(node)
    if "anyOf" in node:
        new["anyOf"] = [_mapped(option, change) for option in node["anyOf"]]
    if "items" in node:
        new["items"] = _mapped(node["items"], change)
        new.pop("prefixItems", None)
    if "properties" in node:
        new["properties"] = {name: _mapped(one, change) for name, one in as_dict(node["properties"]).items()}
        new["additionalProperties"] = False
    elif new.get("type") == "object" or not ("anyOf" in node or "type" in node):
        raise NotStrict  # an object with any keys, or anything at all
    return change(new)


def _all_required(node: Schema) -> Schema:
    if "properties" not in node:
        return node
    fields = {
        name: _without_default(one) if name in node["required"] else _without_default(_or_null(one))
        for name, one in as_dict(node["properties"]).items()
    }
    return {**node, "properties": fields, "required": [*fields]}


def _or_null(node: Schema) -> Schema:
    if takes_null(node):
        return node
    if isinstance(node.get("type"), str) and "properties" not in node and "items" not in node:
        more = {"enum": [*node["enum"], None]} if "enum" in node else {}
        return {**node, "type": [node["type"], "null"], **more}
    kept: Schema = {name: node[name] for name in ("description", "default") if name in node}
    inner = {name: value for name, value in node.items() if name not in kept}
    return {**union([*options_of(inner), NULL]), **kept}


def _without_default(node: Schema) -> Schema:
    if "default" not in node:
        return node
    rest = {name: value for name, value in node.items() if name != "default"}
    default = one_line(json.dumps(node["default"], ensure_ascii=False), 200)
    return _told(rest, f"null stands for {default}." if takes_null(rest) else f"It is always {default}.")


def _in_words(node: Schema) -> Schema:
    bounds = [f"{name} {node[name]}" for name in ("minimum", "maximum") if name in node]
    if "minItems" in node:
        bounds.append(f"exactly {node['minItems']} items")
    if not bounds:
        return node
    dropped = ("minimum", "maximum", "minItems", "maxItems")
    return _told({name: one for name, one in node.items() if name not in dropped}, f"({', '.join(bounds)})")


def _told(node: Schema, words: str) -> Schema:
    return {**node, "description": f"{node.get('description', '')} {words}".strip()}


def _walk(node: Schema, depth: int = 0) -> Iterator[tuple[int, Schema]]:
    """Each part of a schema, and how many objects and lists it lies in."""
    yield depth, node
    for option in node.get("anyOf", ()):
        yield from _walk(option, depth)
    inner = [*as_dict(node.get("properties")).values(), *([node["items"]] if "items" in node else [])]
    for one in inner:
        yield from _walk(one, depth + 1)
