"""Endpoints of documents as tools, without writing a package; values drawn from a schema."""

from __future__ import annotations

import importlib
import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st
from spacegen import ir
from spacegen.packages.manifest import manifest_text
from spacegen.rendering.file_places import file_places
from spacegen_runtime import Endpoint
from spacegen_runtime._plan import Plan
from spacegen_runtime.tools import _known
from spacegen_runtime.values import published

from support.drawn import one_of

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "generated_examples"


def endpoints_of(package: str) -> list[Endpoint[..., Any]]:
    """The endpoints of an example package."""
    module = importlib.import_module(package)
    return [value for value in vars(module).values() if isinstance(value, Endpoint)]


def example_endpoints() -> list[Endpoint[..., Any]]:
    """The endpoints of all example packages."""
    return [one for folder in sorted(EXAMPLES.glob("*/spacegen.json")) for one in endpoints_of(folder.parent.name)]


@contextmanager
def as_tools(space: ir.Space, monkeypatch: Any) -> Iterator[list[Any]]:
    """What stands for the endpoints of a Space whose package is not written."""
    manifest = json.loads(manifest_text(space, {}, source="", options={}, version=""))
    models = {str(model.name): model for model in space.models}
    with monkeypatch.context() as patched:
        patched.setattr(_known, "load", lambda _: manifest)
        patched.setattr(published, "load", lambda _: manifest)
        yield [
            SimpleNamespace(plan=Plan(one.key, {}, files=file_places(one.parameters, models), package="unwritten"))
            for one in space.endpoints
        ]


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """JSON that keeps to a schema."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return one_of([*map(values, schema["anyOf"])])
    kind = schema.get("type")
    if isinstance(kind, list):
        return one_of([values({**schema, "type": one}) for one in kind])
    low, high = schema.get("minimum"), schema.get("maximum")
    match kind:
        case "string":
            return st.text(string.ascii_letters + "äß東 .", max_size=8)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "integer":
            return st.integers(low if low is not None else -(10**6), high if high is not None else 10**6)
        case "number":
            return st.floats(low if low is not None else -1e6, high if high is not None else 1e6)
        case "array" if "prefixItems" in schema:
            return st.tuples(*map(values, schema["prefixItems"])).map(list)
        case "array":
            return st.lists(values(schema["items"]), max_size=2)
        case "object":
            return _objects(schema)
        case _:
            return anything()


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "properties" not in schema:
        return st.dictionaries(st.text("abc", max_size=3), values(schema["additionalProperties"]), max_size=2)
    fields = {name: values(one) for name, one in schema["properties"].items()}
    required = {name: one for name, one in fields.items() if name in schema["required"]}
    return st.fixed_dictionaries(
        required, optional={name: one for name, one in fields.items() if name not in required}
    )


def anything(*, null: bool = True) -> st.SearchStrategy[Any]:
    """JSON of any kind."""
    scalars = st.one_of(st.booleans(), st.integers(-1000, 1000), st.floats(-1e6, 1e6), st.text("abc", max_size=3))
    leaves = st.one_of(scalars, st.none()) if null else scalars
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=2),
        max_leaves=4,
    )
