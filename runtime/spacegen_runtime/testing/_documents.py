"""What a Space publishes about itself, made again from what its package remembers of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._json import as_dict, as_list
from ._offer import Offer, Offered, Value

FILE: dict[str, Any] = {
    "title": "FileData",
    "type": "object",
    "properties": {
        "path": {"title": "Path", "type": "string"},
        "url": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Url"},
        "size": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None, "title": "Size"},
        "orig_name": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Orig Name"},
        "mime_type": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Mime Type"},
        "is_stream": {"default": False, "title": "Is Stream", "type": "boolean"},
        "meta": {
            "additional_properties": True,
            "default": {"_type": "gradio.FileData"},
            "properties": {"_type": {"const": "gradio.FileData", "title": "Type", "type": "string"}},
            "title": "Meta",
            "type": "object",
        },
    },
    "required": ["path"],
}
HIDDEN = {"type": "state", "skip_api": True, "props": {"name": "state"}}
LIMITS = ("minimum", "maximum", "step", "file_types")


def config(offer: Offer, root: str, *, user: str | None = None, largest: int | None = None) -> dict[str, Any]:
    """What GET /config answers."""
    dialect = offer.dialect
    components: list[dict[str, Any]] = []
    known = {offered.number: offered for offered in offer.endpoints}
    entries = [_dependency(offer, known.get(number), number, components) for number in range(max(known) + 1)]
    said: dict[str, Any] = {
        "version": dialect.version,
        "mode": "blocks",
        "title": offer.title,
        "components": components,
        "dependencies": entries,
        "enable_queue": True,
        "show_error": False,
        "space_id": None,
        "is_colab": False,
        "root": root,
        "username": user,
        "max_file_size": largest,
    }
    if dialect.protocol != "ws":
        said["protocol"] = dialect.protocol
    if dialect.prefix:
        said["api_prefix"] = dialect.prefix
    if dialect.cancels:
        said["connect_heartbeat"] = False  # there is nothing here that a closed page would have to free
    return said


def _dependency(
    offer: Offer, offered: Offered | None, number: int, components: list[dict[str, Any]]
) -> dict[str, Any]:
    event = offered.event if offered else None
    entry: dict[str, Any] = {
        "id": number,
        "targets": [[0, event.component]] if event else [],
        "backend_fn": offered is not None,
        "js": None,
        "queue": offered is None or offered.queued,
        "api_name": _api_name(offered),
        "batch": False,
        "max_batch_size": 4,
        "cancels": [],
        "types": {"generator": offered is not None and offered.generator, "cancel": False},
        "trigger_after": None,
        "connection": "sse",
        "time_limit": None,
        "collects_event_data": event is not None,
        "inputs": _component_ids(offer, offered.parameters, offered.hidden_inputs, components) if offered else [],
        "outputs": _component_ids(offer, offered.outputs, offered.hidden_outputs, components) if offered else [],
    }
    if offer.dialect.since(6, 0):
        entry["api_visibility"] = "private" if offered is None else "public"
    else:
        entry["show_api"] = offered is not None
    return entry


def _api_name(offered: Offered | None) -> Any:
    return offered.key.removeprefix("/") if offered and isinstance(offered.key, str) else False


def _component_ids(
    offer: Offer, values: tuple[Value, ...], hidden: tuple[int, ...], components: list[dict[str, Any]]
) -> list[int]:
    rest = iter(values)
    ids: list[int] = []
    for at in range(len(values) + len(hidden)):
        number = len(components) + 1
        components.append({"id": number, **(HIDDEN if at in hidden else _component(offer, next(rest)))})
        ids.append(number)
    return ids


def _component(offer: Offer, value: Value) -> dict[str, Any]:
    said, schema = value.said, full_schema(value.schema)
    name = value.component.lower() or "api"
    props: dict[str, Any] = {"name": name, "label": said.get("label") or None, "value": said.get("default")}
    if "choices" in said:
        props["choices"] = [[str(choice), choice] for choice in said["choices"]]
        props["multiselect"] = value.schema.get("type") == "array"
    if said.get("custom"):
        props["allow_custom_value"] = True
    props |= {limit: said[limit] for limit in LIMITS if limit in said}
    found: dict[str, Any] = {"type": name, "skip_api": False, "props": props, "api_info": schema}
    if offer.dialect.since(5, 0):
        found |= {"api_info_as_input": schema, "api_info_as_output": schema}
    return found


def info(offer: Offer) -> dict[str, Any]:
    """What GET /info answers."""
    named = {e.key: _described(offer, e) for e in offer.endpoints if isinstance(e.key, str)}
    unnamed = {str(e.key): _described(offer, e) for e in offer.endpoints if isinstance(e.key, int)}
    return {"named_endpoints": named, "unnamed_endpoints": unnamed}


def _described(offer: Offer, offered: Offered) -> dict[str, Any]:
    said: dict[str, Any] = {
        "parameters": [{**_typed(value), **_default(value)} for value in offered.parameters],
        "returns": [_typed(value) for value in offered.outputs],
    }
    dialect = offer.dialect
    if dialect.since(5, 29):
        said["description"] = offered.description
    if dialect.since(6, 0):
        said["api_visibility"] = "public"
    elif dialect.since(4, 44):
        said["show_api"] = True
    return said


def _typed(value: Value) -> dict[str, Any]:
    said: dict[str, Any] = {
        "label": value.said.get("label") or value.name,
        "type": full_schema(value.schema),
        "python_type": {"type": python_type(value.schema), "description": ""},
        "component": value.component,
    }
    return said


def _default(value: Value) -> dict[str, Any]:
    return {
        "parameter_name": value.name,
        "parameter_has_default": "default" in value.said,
        "parameter_default": value.said.get("default"),
        "example_input": value.said.get("example", value.said.get("default")),
    }


def full_schema(schema: Any) -> Any:
    """A type as Gradio publishes it: a file in full, where spacegen.json has one word for it."""
    if isinstance(schema, list):
        return [full_schema(item) for item in as_list(schema)]
    if not isinstance(schema, dict):
        return schema
    given = as_dict(schema)
    if given.get("type") == "file":
        return {**FILE, **{name: value for name, value in given.items() if name != "type"}}
    if not given:  # whatever JSON has; Gradio says it in this way
        return {"type": {}, "description": "any valid json"}
    return {key: _inner(key, value) for key, value in given.items()}


def _inner(key: str, value: Any) -> Any:
    if key in ("enum", "const", "default", "required", "type", "title", "description"):
        return value
    if key in ("properties", "$defs"):
        return {name: full_schema(item) for name, item in as_dict(value).items()}
    return full_schema(value) if value != {} or key == "items" else value


def python_type(schema: Any) -> str:
    """The words with which Gradio names a type to users of Python."""
    if not isinstance(schema, dict):
        return "Any"
    given = as_dict(schema)
    if "enum" in given:
        return f"Literal[{', '.join(map(repr, given['enum']))}]"
    kind = given.get("type")
    if kind == "array":
        return f"list[{python_type(given.get('items'))}]"
    names = {"string": "str", "number": "float", "integer": "int", "boolean": "bool", "file": "filepath"}
    return names.get(str(kind), "dict" if kind == "object" else "Any")


def openapi(offer: Offer) -> dict[str, Any]:
    """What GET /openapi.json under the prefix answers (5.29 and later)."""
    said = {"title": offer.title, "description": "", "version": offer.dialect.version}
    return {"openapi": "3.0.2", "info": said, "paths": dict(_paths(offer)), "components": {}}


def _paths(offer: Offer) -> Iterator[tuple[str, Any]]:
    for offered in offer.endpoints:
        if not isinstance(offered.key, str):
            continue
        name = offered.key.removeprefix("/")
        properties = {value.name: full_schema(value.schema) for value in offered.parameters}
        body = {"application/json": {"schema": {"type": "object", "properties": properties}}}
        post = {
            "summary": offered.description or f"Endpoint {offered.key}",
            "operationId": name.replace("/", "_"),
            "requestBody": {"required": True, "content": body},
            "responses": {"200": {"description": "Successful response"}},
        }
        later = offer.dialect.since(6, 13)
        yield (f"{offer.dialect.prefix}/call/v2/{name}" if later else f"/run/{name}"), {"post": post}
