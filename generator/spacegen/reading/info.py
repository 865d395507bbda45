"""A replacement for `info` if a server cannot return it: `config`, with names from `openapi.json`.

`info` answers HTTP 500 for a whole app when one type hint confuses Gradio, or is emptied by its author.
`config` still knows every component; only the parameters' names are missing, and openapi.json may have those.
It also adds what `info?all_endpoints=true` leaves out: all undocumented endpoints before 4.44. Private ones are
never added: their author wants only the page to use them.
"""

from __future__ import annotations

from typing import Any

from spacegen.fetching.documents import Documents, Json
from spacegen.reading.config import App, Component, Event, visible


def described(app: App, documents: Documents, *, undocumented: bool = False) -> Json:
    """Return the contents of `info`, replaced or extended by `config` and `openapi.json`."""
    info = documents.info or {}
    if not (info.get("named_endpoints") or info.get("unnamed_endpoints")):
        return _by_config(app, documents.openapi, undocumented=undocumented)
    if not undocumented or not isinstance(info.get("named_endpoints"), dict):
        return info
    more = _by_config(app, documents.openapi, undocumented=True)["named_endpoints"]
    return {**info, "named_endpoints": {**info["named_endpoints"], **_without(more, info["named_endpoints"])}}


def _by_config(app: App, openapi: Json | None, *, undocumented: bool) -> Json:
    names = _parameter_names(openapi)
    named = {
        f"/{event.api_name}": _endpoint(event, names.get(event.api_name or "", []))
        for event in reversed(app.events)
        if event.api_name is not None
        and event.runs_python
        and (event.public or (undocumented and not event.private))
    }
    unnamed = {
        str(event.fn_index): _endpoint(event, [])
        for event in app.events
        if event.api_name is None and event.runs_python and event.public
    }
    return {"named_endpoints": dict(reversed(named.items())), "unnamed_endpoints": unnamed}


def _without(mapping: Json, keys: Json) -> Json:
    return {key: value for key, value in mapping.items() if key not in keys}


def _endpoint(event: Event, names: list[str]) -> Json:
    inputs, outputs = visible(event.inputs), visible(event.outputs)
    known = names if len(names) == len(inputs) else [""] * len(inputs)
    return {
        "parameters": [_value(one, one.as_input, name) for one, name in zip(inputs, known, strict=True)],
        "returns": [_value(one, one.as_output, "") for one in outputs],
        "description": event.description,
    }


def _value(component: Component, schema: Any, name: str) -> Json:
    return {
        "label": component.label,
        "component": component.kind.capitalize(),
        "type": schema,
        **({"parameter_name": name} if name else {}),
    }


def _parameter_names(openapi: Json | None) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    paths = openapi.get("paths") if openapi else None
    for path, operations in (paths if isinstance(paths, dict) else {}).items():
        # `/run/{name}` up to 6.0, `{prefix}/call/v2/{name}` since.
        for marker in ("/call/v2/", "/run/"):
            if marker in path:
                names[path.split(marker, 1)[1]] = _body_keys(operations)
    return names


def _body_keys(operations: Any) -> list[str]:
    node = operations
    for key in ("post", "requestBody", "content", "application/json", "schema", "properties"):
        node = node.get(key) if isinstance(node, dict) else None
    return [key for key in node if isinstance(key, str)] if isinstance(node, dict) else []
