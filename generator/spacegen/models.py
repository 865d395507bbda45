"""Shared object schemas -> the classes of `models.py`, in one datamodel-code-generator run.

The generator is handed schemas rebuilt from type nodes: nothing of a Space's own schemas reaches it but field
names and choices, and the syntax tree of what it wrote is checked before it is used.
"""

from __future__ import annotations

import ast
import warnings
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
    """Return one class a model, without imports.

    Raises:
        IntegrityError: The classes are not those that were asked for.
    """
    if not models:
        return ""
    # Importing the generator costs 0.3 s; a Space without models does without.
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


def _classes(source: str, wanted: set[str]) -> str:
    nodes = [node for node in ast.parse(source).body if not isinstance(node, ast.Import | ast.ImportFrom)]
    written = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
    if written != wanted:
        raise IntegrityError(f"models were written as {sorted(written ^ wanted)}, which is not what was asked for")
    lines = source.splitlines(keepends=True)
    return "\n\n".join("".join(lines[node.lineno - 1 : node.end_lineno]) for node in nodes)


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
