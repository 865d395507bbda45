"""Shared object schemas -> the classes of `models.py`, by at most one datamodel-code-generator run.

The generator is handed schemas rebuilt from type nodes: nothing of a Space's own schemas reaches it but field
names and choices, and the syntax tree of what it wrote is checked before it is used.
"""

from __future__ import annotations

import ast
import hashlib
import json
import warnings
from functools import cache
from importlib import resources
from typing import Any

from spacegen import ir
from spacegen.errors import IntegrityError

_FILE = {"$ref": "#/$defs/FileData"}
_SCALARS: dict[type, str] = {
    ir.Text: "string",
    ir.Whole: "integer",
    ir.Real: "number",
    ir.Flag: "boolean",
    ir.Nothing: "null",
}


def models_source(models: tuple[ir.Model, ...]) -> str:
    """Return one class a model, without imports; a class stands after those that it refers to.

    Raises:
        IntegrityError: The classes are not those that were asked for.
    """
    sources = {str(model.name): stock_source(model) for model in models}
    if needs_generator(models):
        sources |= generated_sources(models)
    return "\n\n\n".join(sources[name] or "" for name in _in_order(models))


def needs_generator(models: tuple[ir.Model, ...]) -> bool:
    """Tell whether there is a model whose class was not generated before."""
    return any(stock_source(model) is None for model in models)


def stock_source(model: ir.Model) -> str | None:
    """Return the class of a model that Gradio itself defines, as the generator wrote it once, or None.

    Nearly all Spaces need only these, and loading the generator takes longer than everything else together.
    """
    return _stock().get(stock_key(model))


def stock_key(model: ir.Model) -> str:
    """Return the key of a model in `stock_models.json`: a digest of all that the generator would be told."""
    return hashlib.sha256(json.dumps([model.name, _object(model)]).encode()).hexdigest()[:32]


@cache
def _stock() -> dict[str, str]:
    text = resources.files("spacegen").joinpath("stock_models.json").read_text(encoding="utf-8")
    table: dict[str, str] = json.loads(text)
    return table


def generated_sources(models: tuple[ir.Model, ...]) -> dict[str, str]:
    """Run the generator, and return each model's class by name.

    Raises:
        IntegrityError: The classes are not those that were asked for.
    """
    # Importing the generator costs 0.3 to 0.5 s.
    import datamodel_code_generator as dmcg
    from datamodel_code_generator.enums import DataModelType

    with warnings.catch_warnings():
        # On Python 3.10 it announces that a later version needs 3.11, which is no concern of who runs us.
        warnings.filterwarnings("ignore", "Running datamodel-code-generator on Python 3.10", FutureWarning)
        source = dmcg.generate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": _definitions(models)},
            input_file_type=dmcg.InputFileType.JsonSchema,
            output_model_type=DataModelType.PydanticV2BaseModel,
            target_python_version=dmcg.PythonVersion.PY_310,
            base_class="spacegen_runtime.Model",
            enum_field_as_literal=dmcg.LiteralType.All,
            use_annotated=True,
            field_constraints=True,
            use_standard_collections=True,
            use_union_operator=True,
            strict_nullable=True,
            skip_root_model=True,
            treat_dot_as_module=False,
            disable_timestamp=True,
            formatters=[],  # black runs once over every file; unset would also read the caller's pyproject.toml
        )
    return _classes(str(source), {str(model.name) for model in models})


def _classes(source: str, wanted: set[str]) -> dict[str, str]:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    written = {node.name for node in nodes}
    if written != wanted:
        raise IntegrityError(f"models were written as {sorted(written ^ wanted)}, which is not what was asked for")
    lines = source.splitlines(keepends=True)
    return {node.name: "".join(lines[node.lineno - 1 : node.end_lineno]).rstrip() for node in nodes}


def _in_order(models: tuple[ir.Model, ...]) -> list[str]:
    # By name, but after what it refers to: pydantic wants a field's class to be there. Schemas have no cycles.
    by_name = {str(model.name): model for model in models}
    ordered: dict[str, None] = {}

    def place(name: str) -> None:
        for inner in _references(_object(by_name[name])):
            if inner in by_name and inner not in ordered:
                place(inner)
        ordered.setdefault(name)

    for name in sorted(by_name):
        place(name)
    return list(ordered)


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for one in schema for name in _references(one)]
    if not isinstance(schema, dict):
        return []
    target = schema.get("$ref")
    own = [target.rpartition("/")[2]] if isinstance(target, str) else []
    return own + [name for value in schema.values() for name in _references(value)]


def _definitions(models: tuple[ir.Model, ...]) -> dict[str, Any]:
    known: dict[str, Any] = {str(model.name): _object(model) for model in models}
    return {"FileData": {"x-python-import": {"module": "spacegen_runtime", "name": "FileData"}}, **known}


def _object(model: ir.Model) -> dict[str, Any]:
    properties = {
        field.key: {**_schema(field.type), **({} if field.default is None else {"default": field.default})}
        for field in model.fields
    }
    return {
        "type": "object",
        "properties": properties,
        "required": [field.key for field in model.fields if field.required],
    }


def _schema(node: ir.TypeNode) -> dict[str, Any]:
    match node:
        case ir.File():
            return _FILE
        case ir.ModelRef(name):
            return {"$ref": f"#/$defs/{name}"}
        case ir.Choice(values):
            return {"enum": list(values)}
        case ir.ListOf(item):
            return {"type": "array", "items": _schema(item)}
        case ir.TupleOf():
            # A pair inside a model becomes a class of its own there, named after nothing.
            return {"type": "array", "items": {}}
        case ir.DictOf(value):
            return {"type": "object", "additionalProperties": _schema(value)}
        case ir.AnyOf(options):
            return {"anyOf": [_schema(option) for option in options]}
        case ir.Anything():
            return {}
        case _:
            return {"type": _SCALARS[type(node)]}
