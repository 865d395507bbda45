"""Small documents of Gradio apps, built in a line or two for tests of the generator."""

from __future__ import annotations

from typing import Any

from spacegen import ir
from spacegen.errors import Diagnostic
from spacegen.fetching.documents import Documents, Fetched, Json, Provenance
from spacegen.ir.types import PackageName
from spacegen.reading.parse import parse

STRING = {"type": "string"}
NUMBER = {"type": "number"}
FILE: Json = {
    "title": "FileData",
    "type": "object",
    "properties": {
        "path": {"title": "Path", "type": "string"},
        "url": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "orig_name": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "mime_type": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "meta": {"$ref": "#/$defs/FileDataMeta"},
    },
    "required": ["path"],
    "$defs": {"FileDataMeta": {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}}},
}


def value(
    name: str = "", schema: Any = None, *, component: str = "Textbox", props: Any = None, **more: Any
) -> Json:
    """Describe one input or output: what `info` says of it, and the props that `config` has."""
    said: Json = {"label": more.pop("label", name or "Out"), "component": component, "type": schema or STRING}
    if name:
        said |= {"parameter_name": name, "parameter_has_default": "default" in more}
        said["parameter_default"] = more.pop("default", None)
    return {"said": said | more, "props": props or {}}


def state() -> Json:
    """Describe a `gr.State`, which `config` lists and `info` leaves out."""
    return {"said": None, "props": {}}


def endpoint(
    name: str,
    inputs: list[Json] | None = None,
    outputs: list[Json] | None = None,
    *,
    said: Any = None,
    **event: Any,
) -> Json:
    """Describe one endpoint; `said` adds keys to `info`, `event` to `config`."""
    return {"name": name, "inputs": inputs or [], "outputs": outputs or [], "said": said or {}, "event": event}


def documents(*endpoints: Json, **config: Any) -> Documents:
    """Return the documents of an app with these endpoints."""
    components: list[Json] = []
    dependencies: list[Json] = []
    named: Json = {}
    for number, one in enumerate(endpoints):
        ids = {side: [_component(components, entry) for entry in one[side]] for side in ("inputs", "outputs")}
        dependencies.append(
            {
                "id": number,
                "api_name": one["name"],
                **ids,
                "queue": True,
                "backend_fn": True,
                "types": {"generator": False, "cancel": False},
                "targets": [],
                **one["event"],
            }
        )
        named[f"/{one['name']}"] = {
            "parameters": [entry["said"] for entry in one["inputs"] if entry["said"] is not None],
            "returns": [entry["said"] for entry in one["outputs"] if entry["said"] is not None],
            "description": "",
            **one["said"],
        }
    whole = {
        "version": "6.31.0",
        "api_prefix": "/gradio_api",
        "protocol": "sse_v3",
        "enable_queue": True,
        "title": "Gradio",
        "components": components,
        "dependencies": dependencies,
        **config,
    }
    return Documents(config=whole, info={"named_endpoints": named, "unnamed_endpoints": {}})


def read(*endpoints: Json, **config: Any) -> ir.Space:
    """Parse an app with these endpoints; no diagnostics are expected."""
    space, diagnostics = read_with_diagnostics(documents(*endpoints, **config))
    assert not diagnostics

    return space


def read_with_diagnostics(given: Documents) -> tuple[ir.Space, tuple[Diagnostic, ...]]:
    """Parse documents."""
    provenance = Provenance(source="someone/app", space_id="someone/app", url="https://someone-app.hf.space")
    return parse(Fetched(documents=given, provenance=provenance), PackageName("app"))


def _component(components: list[Json], entry: Json) -> int:
    hidden = entry["said"] is None
    said = entry["said"] or {"component": "State", "label": "", "type": {}}
    components.append(
        {
            "id": len(components),
            "type": str(said.get("component", "")).lower(),
            "props": {"label": said.get("label"), **entry["props"]},
            "skip_api": hidden,
            "api_info": said.get("type"),
        }
    )
    return len(components) - 1
