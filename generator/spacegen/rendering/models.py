"""Shared object schemas -> the classes of `models.py`, by at most one datamodel-code-generator run.

The generator is handed schemas rebuilt from type nodes, with neutral words (`M0`, `f0`, `v0`) in place of the
names and choices. So no word of a Space reaches it, all names are made in `naming`, and all literals in `quoting`.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import warnings
from dataclasses import replace
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


def models_source(models: tuple[types.Model, ...]) -> str:
    """Return one class a model, without imports; a class stands after those that it refers to.

    Raises:
        IntegrityError: The classes are not those that were asked for.
    """
    sources = {str(model.name): stock_source(model) for model in models}
    if needs_generator(models):
        sources |= generated_sources(models)
    return "\n\n\n".join(sources[name] or "" for name in _in_order(models))


def needs_generator(models: tuple[types.Model, ...]) -> bool:
    """Tell whether there is a model whose class was not generated before."""
    return any(stock_source(model) is None for model in models)


def stock_source(model: types.Model) -> str | None:
    """Return the class of a model that Gradio itself defines, as the generator wrote it once, or None.

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
        IntegrityError: The classes are not those that were asked for.
    """
    words = _Words(models)
    # Importing the generator costs 0.3 to 0.5 s.
    import datamodel_code_generator as dmcg
    from datamodel_code_generator.enums import DataModelType

    with warnings.catch_warnings():
        # On Python 3.10 it announces that a later version needs 3.11, which is no concern of who runs us.
        warnings.filterwarnings("ignore", "Running datamodel-code-generator on Python 3.10", FutureWarning)
        source = dmcg.generate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": _definitions(words.neutral)},
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
    return words.restored(str(source))


class _Words:
    """The words of some models, each with a neutral one in its place."""

    def __init__(self, models: tuple[types.Model, ...]) -> None:
        self._models = models
        self._names = {str(model.name): ClassName(f"M{number}") for number, model in enumerate(models)}
        self._values: dict[tuple[type, Any], str] = {}
        self.neutral = tuple(map(self._model, models))
        self._own = {str(word): name for name, word in self._names.items()}
        self._own |= {f"'{word}'": literal(value) for (_, value), word in self._values.items()}

    def _model(self, model: types.Model) -> types.Model:
        fields = tuple(
            replace(field, key=f"f{number}", type=self._field_type(field.type), default=self._default(field))
            for number, field in enumerate(model.fields)
        )
        return types.Model(name=self._names[model.name], fields=fields)

    def _field_type(self, node: types.TypeNode) -> types.TypeNode:
        # What is said to be always null may be something after all.
        return types.Anything() if node == types.Nothing() else self._type(node)

    def _default(self, field: types.Field) -> Any:
        return field.default if field.default is None or field.default == [] else self._value(field.default)

    def _type(self, node: types.TypeNode) -> types.TypeNode:
        match node:
            case types.ModelRef(name):
                return types.ModelRef(self._names[name])
            case types.Choice(values):
                return types.Choice(tuple(map(self._value, values)))
            case types.ListOf(item):
                return types.ListOf(self._type(item))
            case types.DictOf(value):
                return types.DictOf(self._type(value))
            case types.AnyOf(options):
                return types.AnyOf(tuple(map(self._type, options)))
            case _:
                return node

    def _value(self, value: Any) -> str:
        return self._values.setdefault((type(value), value), f"v{len(self._values)}")

    def restored(self, source: str) -> dict[str, str]:
        """Return each class by name, with its own words.

        Raises:
            IntegrityError: The classes or their fields are not those that were asked for.
        """
        classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
        if classes.keys() != set(self._names.values()):
            raise IntegrityError("The classes of models are not those that were asked for.")
        return {str(model.name): self._class(classes[self._names[model.name]], model) for model in self._models}

    def _class(self, node: ast.ClassDef, model: types.Model) -> str:
        fields = {f"f{number}": field for number, field in enumerate(model.fields)}
        written = {ast.unparse(one.target): one for one in node.body if isinstance(one, ast.AnnAssign)}
        if list(written) != list(fields):
            raise IntegrityError("The fields of a model are not those that were asked for.")
        body = (self._field(written[word], field) for word, field in fields.items())
        return "\n".join([f"class {model.name}(Model):", *body])

    def _field(self, node: ast.AnnAssign, field: types.Field) -> str:
        annotation = self._spoken(node.annotation)
        if field.name != field.key:
            annotation = f"Annotated[{annotation}, Field(alias={literal(field.key)})]"
        return f"    {field.name}: {annotation}" + (f" = {self._spoken(node.value)}" if node.value else "")

    def _spoken(self, node: ast.expr) -> str:
        text = re.sub(r"\bM\d+\b", lambda found: self._own[found[0]], ast.unparse(node))
        return re.sub(r"'v\d+'", lambda found: self._own[found[0]], text)


def _in_order(models: tuple[types.Model, ...]) -> list[str]:
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


def _definitions(models: tuple[types.Model, ...]) -> dict[str, Any]:
    known: dict[str, Any] = {str(model.name): _object(model) for model in models}
    return {"FileData": {"x-python-import": {"module": "spacegen_runtime", "name": "FileData"}}, **known}


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
            # A pair inside a model becomes a class of its own there, named after nothing.
            return {"type": "array", "items": {}}
        case types.DictOf(value):
            return {"type": "object", "additionalProperties": _schema(value)}
        case types.AnyOf(options):
            return {"anyOf": [_schema(option) for option in options]}
        case types.Anything():
            return {}
        case _:
            return {"type": _SCALARS[type(node)]}
