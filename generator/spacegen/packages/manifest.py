"""`spacegen.json`: where a package came from, and a description of each endpoint when it was written.

The runtime reads defaults, choices and ranges from it when it needs them; `check` compares it with the Space.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from spacegen import ir
from spacegen.packages.sameness import digest_of

FORMAT = 1
_LONGEST_EXAMPLE = 200


def manifest_text(
    space: ir.Space,
    files: Mapping[str, str],
    *,
    source: str,
    options: Mapping[str, Any],
    version: str,
    runtime: str | None = None,
    trees: Mapping[str, ast.Module] | None = None,
) -> str:
    """Return the text of a package's `spacegen.json`.

    Args:
        space: What the package is about.
        files: Its other files, by name.
        source: Where its documents came from.
        options: How it was written.
        version: The version of spacegen.
        runtime: The version of the copy of the runtime that it carries.
        trees: The syntax trees of the files that are already parsed.
    """
    endpoints = remembered(space)
    manifest = {
        "format": FORMAT,
        "generator": version,
        "source": source,
        "space": {
            "id": space.id,
            "url": space.url,
            "sha": space.sha,
            "title": space.title,
            "gradio": space.gradio,
            "protocol": space.protocol,
            "prefix": space.prefix,
        },
        "options": dict(options),
        **({"runtime": runtime} if runtime else {}),
        "schema": _digest(json.dumps(endpoints, sort_keys=True)),
        "files": {
            name: digest_of(name, text.encode(), (trees or {}).get(name)) for name, text in sorted(files.items())
        },
        "endpoints": endpoints,
    }
    return json.dumps(manifest, indent=1, ensure_ascii=True) + "\n"


def remembered(space: ir.Space) -> dict[str, dict[str, Any]]:
    """Return what `spacegen.json` stores about each endpoint, under its name on the server."""
    return {str(endpoint.key): _endpoint(endpoint) for endpoint in space.endpoints}


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _endpoint(endpoint: ir.Endpoint) -> dict[str, Any]:
    event = [_parameter(parameter) for parameter in endpoint.parameters if parameter.of_event]
    return {
        "function": endpoint.function,
        **({"result": endpoint.result} if endpoint.result else {}),
        "description": endpoint.description,
        "fn_index": endpoint.fn_index,
        "identity": endpoint.identity,
        "queued": endpoint.queued,
        "generator": endpoint.generator,
        "stateful": endpoint.stateful,
        "oauth": endpoint.oauth,
        "hidden_inputs": list(endpoint.hidden_inputs),
        "hidden_outputs": list(endpoint.hidden_outputs),
        "parameters": [_parameter(parameter) for parameter in endpoint.parameters if not parameter.of_event],
        **({"event": event[0]} if event else {}),
        "returns": [_output(output) for output in endpoint.outputs],
    }


def known_limits(limits: ir.Limits) -> dict[str, Any]:
    """Return what is known about the values that a parameter takes."""
    known = {
        "custom": limits.custom or None,
        "choices": limits.choices,
        "minimum": limits.minimum,
        "maximum": limits.maximum,
        "step": limits.step,
        "file_types": limits.file_types,
    }
    return {name: value for name, value in known.items() if value is not None}


def _parameter(parameter: ir.Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "argument": parameter.argument,
        "label": parameter.label,
        "component": parameter.component,
        **_words(parameter),
        "type": parameter.schema,
        "required": parameter.default is None,
        **({"drawn": True} if parameter.drawn else {}),
        **({} if parameter.default is None else {"default": parameter.published}),
        **known_limits(parameter.limits),
    }


def _words(parameter: ir.Parameter) -> dict[str, Any]:
    """Return the other texts that a docstring shows for a parameter."""
    example, labels = parameter.example, parameter.limits.labels
    short = example is not None and len(json.dumps(example, ensure_ascii=False)) <= _LONGEST_EXAMPLE
    words = {
        "info": parameter.info,
        "columns": list(parameter.columns),
        "labels": list(labels or ()),
        "example": example if short else None,
    }
    return {name: value for name, value in words.items() if value not in ("", [], None)}


def _output(output: ir.Output) -> dict[str, Any]:
    return {
        "field": output.field,
        "label": output.label,
        "component": output.component,
        **({"columns": list(output.columns)} if output.columns else {}),
        "type": output.schema,
        **({"custom": True} if output.custom else {}),
    }
