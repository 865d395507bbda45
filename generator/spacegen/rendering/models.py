"""Shared object schemas -> the classes of `models.py`, by at most one datamodel-code-generator run.

The generator gets schemas rebuilt from type nodes, with neutral words (`M0`, `f0`, `v0`) instead of names and
choices. So no text of a Space reaches it; all names are made in `naming`, and all literals in `quoting`. It writes
each shape of a field once, and the fields of all classes are put together from those.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import warnings
from functools import cache
from importlib import resources
from typing import Any

from spacegen.errors import IntegrityError
from spacegen.ir import types
from spacegen.ir.types import ClassName
from spacegen.quoting import literal

_FILE = {"$ref": "#/$defs/FileData"}
_SCALARS: dict[type, str] = {
    types.Text: "string",
    types.Whole: "integer",
    types.Real: "number",
    types.Flag: "boolean",
    types.Nothing: "null",
}
_DEFAULT = "v0"
"""What stands for a field's own default."""
_NEUTRAL = re.compile(r"\bM\d+\b|'v\d+'")
_MODEL = re.compile(r"#/\$defs/(M\d+)")


def models_source(models: tuple[types.Model, ...]) -> str:
    """Return one class for each model, without imports; a class comes after those that it refers to.

    Raises:
        IntegrityError: The classes are not the requested ones.
    """
    sources = {str(model.name): stock_source(model) for model in models}
    if needs_generator(models):
        sources |= generated_sources(models)
    return "\n\n\n".join(sources[name] or "" for name in _in_order(models))


def needs_generator(models: tuple[types.Model, ...]) -> bool:
    """Return whether there is a model whose class is not in the stock."""
    return any(stock_source(model) is None for model in models)


def stock_source(model: types.Model) -> str | None:
    """Return the class of a model that Gradio itself defines, as the generator once wrote it, or None.

    Nearly all Spaces need only these, and loading the generator takes longer than everything else together.
    """
    renamed = any(field.name != field.key for field in model.fields)
    return None if renamed else _stock().get(stock_key(model))


def stock_key(model: types.Model) -> str:
    """Return the key of a model in `stock_models.json`: a digest of all that the generator would be told."""
    return hashlib.sha256(json.dumps([model.name, _object(model)]).encode()).hexdigest()[:32]


@cache
def _stock() -> dict[str, str]:
    text = resources.files("spacegen.rendering").joinpath("stock_models.json").read_text(encoding="utf-8")
    table: dict[str, str] = json.loads(text)
    return table


def generated_sources(models: tuple[types.Model, ...]) -> dict[str, str]:
    """Run the generator, and return each model's class by name.

    Raises:
        IntegrityError: The fields are not the requested ones.
    """
    told = {str(model.name): [_Told(field) for field in model.fields] for model in models}
    shapes = list(dict.fromkeys(one.shape for fields in told.values() for one in fields))
    written = dict(zip(shapes, _written(shapes), strict=True))
    return {
        name: "\n".join([f"class {name}(Model):", *(one.source(written[one.shape]) for one in fields)])
        for name, fields in told.items()
    }


class _Told:
    """One field as the generator sees it: its type, with a neutral word for each name and for all choices.

    The generator takes milliseconds for a field. Fields that differ in words alone have one shape, and are
    generated once.
    """

    def __init__(self, field: types.Field) -> None:
        self._field = field
        self._models: dict[ClassName, ClassName] = {}
        self._choices: dict[str, str] = {}
        # A field that is declared as always null may have a value after all.
        schema = _schema(types.Anything() if field.type == types.Nothing() else self._type(field.type))
        default = {} if field.default is None else {"default": [] if field.default == [] else _DEFAULT}
        self.shape = json.dumps([{**schema, **default}, field.required])

    def _type(self, node: types.TypeNode) -> types.TypeNode:
        match node:
            case types.ModelRef(name):
                return types.ModelRef(self._models.setdefault(name, ClassName(f"M{len(self._models)}")))
            case types.Choice(values):
                spoken = ", ".join(map(literal, values))
                return types.Choice((self._choices.setdefault(spoken, f"v{len(self._choices)}"),))
            case types.ListOf(item):
                return types.ListOf(self._type(item))
            case types.DictOf(value):
                return types.DictOf(self._type(value))
            case types.AnyOf(options):
                return types.AnyOf(tuple(map(self._type, options)))
            case _:
                return node

    def source(self, written: ast.AnnAssign) -> str:
        """Return the field's line in its class, out of what the generator wrote for its shape."""
        own = {str(word): str(name) for name, word in self._models.items()}
        own |= {repr(word): spoken for spoken, word in self._choices.items()}
        field = self._field
        annotation = _NEUTRAL.sub(lambda found: own[found[0]], ast.unparse(written.annotation))
        if field.name != field.key:
            annotation = f"Annotated[{annotation}, Field(alias={literal(field.key)})]"
        if written.value is None:
            return f"    {field.name}: {annotation}"
        value = ast.unparse(written.value)
        return f"    {field.name}: {annotation} = {literal(field.default) if value == repr(_DEFAULT) else value}"


def _written(shapes: list[str]) -> list[ast.AnnAssign]:
    """Return what the generator writes for each shape of a field."""
    # Importing the generator costs 0.3 to 0.5 s.
    import datamodel_code_generator as dmcg
    from datamodel_code_generator.enums import DataModelType

    with warnings.catch_warnings():
        # On Python 3.10 it announces that a later version needs 3.11, which does not concern users.
        warnings.filterwarnings("ignore", "Running datamodel-code-generator on Python 3.10", FutureWarning)
        source = dmcg.generate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": _definitions(shapes)},
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
            formatters=[],  # black runs later; without this, the caller's pyproject.toml would be read
        )
    classes = [node for node in ast.parse(str(source)).body if isinstance(node, ast.ClassDef)]
    fields = [one for node in classes for one in node.body if isinstance(one, ast.AnnAssign)]
    if [ast.unparse(one.target) for one in fields] != [f"f{number}" for number in range(len(shapes))]:
        raise IntegrityError("The fields of the generated models are not the expected ones.")
    return fields


def _definitions(shapes: list[str]) -> dict[str, Any]:
    names = {"FileData", *_MODEL.findall(" ".join(shapes))}
    known: dict[str, Any] = {
        name: {"x-python-import": {"module": "spacegen_runtime", "name": name}} for name in sorted(names)
    }
    fields = {f"f{number}": json.loads(shape) for number, shape in enumerate(shapes)}
    known["Fields"] = {
        "type": "object",
        "properties": {name: schema for name, (schema, _) in fields.items()},
        "required": [name for name, (_, required) in fields.items() if required],
    }
    return known


def _in_order(models: tuple[types.Model, ...]) -> list[str]:
    # By name, but after what it refers to: pydantic needs a field's class to exist. Schemas have no cycles.
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


def _object(model: types.Model) -> dict[str, Any]:
    properties = {
        field.key: {**_schema(field.type), **({} if field.default is None else {"default": field.default})}
        for field in model.fields
    }
    return {
        "type": "object",
        "properties": properties,
        "required": [field.key for field in model.fields if field.required],
    }


def _schema(node: types.TypeNode) -> dict[str, Any]:
    match node:
        case types.File():
            return _FILE
        case types.ModelRef(name):
            return {"$ref": f"#/$defs/{name}"}
        case types.Choice(values):
            return {"enum": list(values)}
        case types.ListOf(item):
            return {"type": "array", "items": _schema(item)}
        case types.TupleOf():
            # A pair inside a model becomes a separate class there, without a meaningful name.
            return {"type": "array", "items": {}}
        case types.DictOf(value):
            return {"type": "object", "additionalProperties": _schema(value)}
        case types.AnyOf(options):
            return {"anyOf": [_schema(option) for option in options]}
        case types.Anything():
            return {}
        case _:
            return {"type": _SCALARS[type(node)]}
