"""An endpoint as a tool of smolagents.

Its own maker of tools wants words for each argument in the docstring, and does not know every type.
"""

from __future__ import annotations

import json
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from .._json import as_list
from ..values.objects import needed
from ._calls import call_tool
from ._describe import tool
from ._files import Files
from ._known import NULL, Schema, options_of, takes_null

if TYPE_CHECKING:
    from .._endpoint import Endpoint

TAKEN = ("self", "sanitize_inputs_outputs")  # names that `smolagents.Tool.__call__` has for itself
SAID = frozenset(("type", "description"))  # what smolagents tells a model of an argument, and nothing else


def smolagents_tool(endpoint: Endpoint[..., Any], *, name: str | None = None, files: Files | None = None) -> Any:
    """An endpoint as a `smolagents.Tool`, for any agent of theirs.

    It returns JSON: the result where there is one output, and otherwise an object of all outputs by their names.
    A file is an object with a `uri`, which every tool with the same `files` takes where it wants a file.
    What goes wrong is a RuntimeError that tells the model what to correct; `__cause__` is the error itself.

    Args:
        endpoint: A function of a package, with its options.
        name: What the model calls it; by default the function's name.
        files: As for `call_tool`. Give the same one to all tools of an agent.

    Raises:
        ConfigurationError: smolagents is not installed, or the package has no spacegen.json.
    """
    base = needed("smolagents", "smolagents", "smolagents_tool").Tool
    said, files = tool(endpoint, name=name), files or Files()
    schemas: dict[str, Schema] = said["parameters"]["properties"]
    keys = {_free(key, schemas): key for key in schemas}
    inputs = {shown: _input(schemas[key], key in said["parameters"]["required"]) for shown, key in keys.items()}
    takes = _signature(inputs)
    outputs: list[str] = said["returns"]["required"]

    def forward(self: Any, /, *given: Any, **named: Any) -> Any:
        values = takes.bind(*given, **named).arguments
        result = call_tool(endpoint, {keys[shown]: one for shown, one in values.items()}, files=files)
        if result.structured is None:
            raise RuntimeError(result.text) from result.error
        return _only(outputs, result.structured, result.text)

    several = len(outputs) > 1
    members = {
        "name": said["name"],
        "description": said["description"],
        "inputs": inputs,
        "output_type": "object" if several else _kind_of_only(said["returns"]),
        "output_schema": said["returns"] if several else None,
        "skip_forward_signature_validation": True,  # `inputs` say what it takes
        "forward": forward,
    }
    return type("EndpointTool", (base,), members)()


def _free(key: str, keys: dict[str, Schema]) -> str:
    """A name for an argument that smolagents does not use itself."""
    if key not in TAKEN:
        return key
    shown = f"{key}_"
    while shown in keys:
        shown += "_"
    return shown


def _input(schema: Schema, required: bool) -> Schema:
    """An argument in the words of smolagents, which tells a model only its type and its description."""
    kinds = list(dict.fromkeys(_kinds(schema)))
    if "number" in kinds and len(kinds) > 1:
        kinds.append("integer")  # in a list of types, a whole number is no number to it
    words = {name: one for name, one in schema.items() if name not in SAID}
    more = f" JSON schema: {json.dumps(words, ensure_ascii=False)}" if words else ""
    made: Schema = {
        "type": kinds[0] if len(kinds) == 1 else kinds or "null",
        "description": f"{schema.get('description', '')}{more}",
    }
    return made if required and not takes_null(schema) else {**made, "nullable": True}


def _kinds(schema: Schema) -> list[str]:
    """The types that a value may have, null aside, as smolagents calls them."""
    if "anyOf" in schema:
        return [kind for option in options_of(schema) if option != NULL for kind in _kinds(option)]
    kind: Any = schema.get("type", "any")
    return [one for one in (as_list(kind) if isinstance(kind, list) else [str(kind)]) if one != "null"]


def _signature(inputs: dict[str, Schema]) -> Signature:
    """An agent's code may give arguments in the order that it was told of; `call_tool` says which are missing."""
    return Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None) for name in inputs])


def _only(outputs: list[str], structured: dict[str, Any], text: str) -> Any:
    """The one output, or all of them by name; where there is none, the words that say so."""
    return structured if len(outputs) > 1 else structured[outputs[0]] if outputs else text


def _kind_of_only(returns: Schema) -> str:
    """The type of the only output."""
    kinds = [kind for one in returns["properties"].values() for kind in _kinds(one)] or ["string"]
    return kinds[0] if len(kinds) == 1 else "any"
