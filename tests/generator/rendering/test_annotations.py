"""Annotations: wide on the way in, narrow on the way out."""

from __future__ import annotations

import ast

import pytest
from spacegen import ir
from spacegen.naming import class_name
from spacegen.rendering.annotations import parameter_type, result_type
from spacegen.rendering.file_places import file_places
from support.documents import FILE, STRING, endpoint, read, value

MODEL = ir.ModelRef(class_name("Message", ()))
OTHER = ir.ModelRef(class_name("Other", ()))


@pytest.mark.parametrize(
    ("node", "taken", "given"),
    [
        (ir.Text(), "str", "str"),
        (ir.Whole(), "int", "int"),
        (ir.Real(), "float", "float"),
        (ir.Flag(), "bool", "bool"),
        (ir.Nothing(), "None", "None"),
        (ir.Anything(), "Any", "Any"),
        (ir.File(), "FileInput", "FileData"),
        (ir.Choice(("a", 1, True)), 'Literal["a", 1, True]', 'Literal["a", 1, True]'),
        (ir.ListOf(ir.File()), "Sequence[FileInput]", "list[FileData]"),
        (ir.DictOf(ir.Text()), "Mapping[str, str]", "dict[str, str]"),
        (ir.TupleOf((ir.Text(), ir.Real())), "tuple[str, float]", "tuple[str, float]"),
        (MODEL, "Message | Mapping[str, Any]", "Message"),
        (ir.AnyOf((ir.Text(), ir.Frame())), "str | FrameInput", None),
        (ir.AnyOf((MODEL, ir.Nothing())), "Message | Mapping[str, Any] | None", "Message | None"),
        (
            ir.AnyOf((MODEL, OTHER, ir.Text())),
            "Message | Other | Mapping[str, Any] | str",
            "Message | Other | str",
        ),
    ],
)
def test_annotations(node: ir.TypeNode, taken: str, given: str | None) -> None:
    assert parameter_type(node).text == taken
    assert given is None or result_type(node).text == given


@pytest.mark.parametrize(
    ("node", "taken"),
    [
        (ir.AnyOf((ir.Text(), ir.File())), "str | FileData"),
        (ir.AnyOf((ir.Choice(("a",)), ir.ListOf(ir.File()))), 'Literal["a"] | Sequence[FileData]'),
        (ir.AnyOf((ir.Choice((1,)), ir.File(), ir.Nothing())), "Literal[1] | FileInput | None"),
        (ir.TupleOf((ir.File(), ir.AnyOf((ir.Text(), ir.Nothing())))), "tuple[FileInput, str | None]"),
    ],
)
def test_where_a_text_may_stand_a_file_says_that_it_is_one(node: ir.TypeNode, taken: str) -> None:
    assert parameter_type(node).text == taken


def test_literals_cannot_be_broken_out_of() -> None:
    hostile = "\"]\nimport os\n'\\"

    [statement] = ast.parse(result_type(ir.Choice((hostile,))).text).body

    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Subscript)
    assert ast.literal_eval(statement.value.slice) == hostile


def test_names_to_import_are_those_that_are_used() -> None:
    assert parameter_type(ir.ListOf(MODEL)).names == {"Sequence", "models", "Mapping", "Any"}
    assert result_type(ir.ListOf(MODEL)).names == {"models"}
    assert result_type(ir.ListOf(MODEL)).source == "list[models.Message]"
    assert str(result_type(ir.ListOf(MODEL))) == "list[Message]"


def test_places_of_files() -> None:
    pair = {"type": "array", "prefixItems": [FILE, STRING]}
    item = {"title": "Item", "type": "object", "properties": {"image": FILE, "caption": STRING, "a.b": FILE}}
    space = read(
        endpoint(
            "run",
            [
                value("one", FILE),
                value("many", {"type": "array", "items": FILE}),
                value("gallery", {"type": "array", "items": item}),
                value("keyed", {"type": "object", "additionalProperties": FILE}),
                value("pair", {"anyOf": [pair, {"type": "null"}]}),
                value("words", {"anyOf": [FILE, {"type": "array", "items": STRING}, {"type": "null"}]}),
                value("text"),
            ],
        )
    )
    models = {str(model.name): model for model in space.models}

    assert file_places(space.endpoints[0].parameters, models) == (
        *("one", "many[]", "gallery[].image", "keyed{}", "pair[0]", "words?"),
    )
