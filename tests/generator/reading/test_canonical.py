"""Gradio's schemas become canonical schemas, and those become type nodes."""

from __future__ import annotations

from typing import Any

import pytest
from spacegen import ir
from spacegen.errors import DocumentError
from spacegen.ir.conform import conforms
from spacegen.ir.unions import widened
from spacegen.reading.canonical import canonical
from spacegen.reading.catalogue import Catalogue
from support.documents import FILE

TEXT, WHOLE, REAL, FLAG, NOTHING, ANY = ir.Text(), ir.Whole(), ir.Real(), ir.Flag(), ir.Nothing(), ir.Anything()


def node_of(schema: Any) -> ir.TypeNode:
    catalogue = Catalogue()
    clean = canonical(schema)
    catalogue.add(clean, "hint")
    catalogue.name(set())
    return catalogue.type(clean)


@pytest.mark.parametrize(
    ("schema", "node"),
    [
        ({"type": "string"}, TEXT),
        ({"type": "integer", "minimum": 0, "maximum": 5}, WHOLE),
        ({"type": "number", "description": "numeric value between 0 and mock"}, REAL),
        ({"type": "boolean"}, FLAG),
        ({}, ANY),
        (True, ANY),
        (None, ANY),
        ({"type": {}, "description": "any valid json"}, ANY),
        ({"type": "no such type"}, ANY),
        ({"type": "array", "items": {}}, ir.ListOf(ANY)),
        ({"type": "array"}, ir.ListOf(ANY)),
        ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, ir.ListOf(ir.ListOf(REAL))),
        ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, ir.TupleOf((WHOLE, TEXT))),
        ({"type": "object", "properties": {}}, ir.DictOf(ANY)),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, ir.DictOf(WHOLE)),
        ({"type": "object", "additionalProperties": True}, ir.DictOf(ANY)),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, ir.AnyOf((TEXT, NOTHING))),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, REAL),
        ({"anyOf": [{"type": "integer"}, {}]}, ANY),
        ({"anyOf": [{"enum": [1]}, {"enum": [True]}]}, ir.AnyOf((ir.Choice((1,)), ir.Choice((True,))))),
        ({"type": ["string", "null"]}, ir.AnyOf((TEXT, NOTHING))),
        ({"allOf": [{"type": "string"}]}, TEXT),
        ({"type": "string", "format": "filepath"}, TEXT),
        ({"type": "filepath"}, ir.File()),
        (FILE, ir.File()),
        ({"properties": {"name": {}, "data": {}, "is_file": {}}}, ir.File()),
    ],
)
def test_types(schema: Any, node: ir.TypeNode) -> None:
    assert node_of(schema) == node


@pytest.mark.parametrize(
    ("values", "node"),
    [
        (["a", "b"], ir.Choice(("a", "b"))),
        ([1, 2, 3], ir.Choice((1, 2, 3))),
        ([True, False], ir.Choice((True, False))),
        ([1, True], ir.Choice((1, True))),
        (["a", "a"], ir.Choice(("a",))),
        (["a", None], ir.AnyOf((ir.Choice(("a",)), NOTHING))),
        ([None], NOTHING),
        ([1.5, 2.5], REAL),
        ([1.5, None], ir.AnyOf((REAL, NOTHING))),
        ([], ir.AnyOf((TEXT, REAL))),
        (list(range(1000)), WHOLE),
        (["x" * 300], TEXT),
        (["a", ["b"]], ANY),
        ([{"a": 1}], ANY),
    ],
)
def test_choices_are_read_from_their_values(values: list[Any], node: ir.TypeNode) -> None:
    # Gradio states `string` whatever the values are.
    assert node_of({"type": "string", "enum": values}) == node


def test_objects_become_shared_models_with_their_tags() -> None:
    part = {"title": "Part", "type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    whole = {
        "title": "Whole thing",
        "type": "object",
        "properties": {
            "first": {"$ref": "#/$defs/Part"},
            "kind": {"const": "thing", "default": "thing"},
            "rest": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "default": []},
        },
        "required": ["first", "no such field"],
        "$defs": {"Part": part},
    }
    catalogue = Catalogue()
    clean = [canonical(whole), canonical(part)]
    for schema in clean:
        catalogue.add(schema, "hint")
    catalogue.name({"Part"})

    assert [catalogue.type(schema) for schema in clean] == [ir.ModelRef("WholeThing"), ir.ModelRef("Part2")]  # type: ignore[arg-type]  # names are made in `naming` alone
    assert [model.name for model in catalogue.models()] == ["Part2", "WholeThing"]
    assert [(f.key, f.required, f.default) for f in catalogue.models()[1].fields] == [
        ("first", True, None),
        ("kind", False, "thing"),
        ("rest", False, []),
    ]


def test_one_is_not_true() -> None:
    assert ir.Choice((1,)) != ir.Choice((True,))
    assert len({ir.Choice((1,)), ir.Choice((True,)), ir.Choice((1,))}) == 2
    tags = {"type": "object", "properties": {"a": {"enum": [1], "default": True}, "b": {"const": 1, "default": 1}}}
    assert canonical(tags)["properties"] == {"a": {"enum": [1]}, "b": {"enum": [1], "default": 1}}


def test_what_is_required_may_be_nonsense() -> None:
    named: dict[str, Any] = {
        "type": "object",
        "properties": {"a": {}, "b": {}},
        "required": [["a"], {}, None, "b", "b", "c"],
    }

    assert canonical(named)["required"] == ["b"]


@pytest.mark.parametrize("swapped", [False, True])
def test_objects_without_titles_are_named_after_the_shortest_way_to_them(swapped: bool) -> None:
    item = {"type": "object", "properties": {"price": {"type": "number"}}}
    order = {"type": "object", "properties": {"items": {"type": "array", "items": item}, "paid": {}}}
    added = [(canonical(order), "buy", "order"), (canonical(item), "look_up", "item_of_a_shop")]
    catalogue = Catalogue()
    for schema, function, name in reversed(added) if swapped else added:
        catalogue.add(schema, function, name)
    catalogue.name(set())

    assert [model.name for model in catalogue.models()] == ["BuyOrder", "BuyOrderItems"]


def test_recursion_ends_in_anything() -> None:
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}

    assert node_of(tree) == ir.ListOf(ANY)


def test_references_that_lead_nowhere_are_anything() -> None:
    assert node_of({"$ref": "#/$defs/Nowhere"}) == ANY
    assert node_of({"$ref": 7}) == ANY


def test_bombs_are_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(100):
        deep = {"type": "array", "items": deep}
    # Ten definitions that each use the next ten times: 10**10 nodes when resolved.
    laughs: dict[str, Any] = {
        f"L{n}": {"anyOf": [{"type": "array", "items": {"$ref": f"#/$defs/L{n + 1}"}}] * 10} for n in range(10)
    }

    for bomb in (deep, {"$ref": "#/$defs/L0", "$defs": laughs}):
        with pytest.raises(DocumentError, match="nested too deeply or is too large"):
            canonical(bomb)


def test_widening_opens_choices_wherever_they_stand() -> None:
    assert widened(ir.Choice(("a", 1))) == ir.AnyOf((TEXT, WHOLE))
    assert widened(ir.ListOf(ir.Choice(("a",)))) == ir.ListOf(TEXT)
    assert widened(ir.AnyOf((ir.Choice(("a",)), NOTHING))) == ir.AnyOf((TEXT, NOTHING))
    assert widened(FLAG) == ir.AnyOf((FLAG, TEXT)), "a kind stands for choices that are too many"
    assert widened(ir.File()) == ir.File()


@pytest.mark.parametrize(
    ("value", "node", "fit"),
    [
        ("a", TEXT, True),
        (0, TEXT, False),
        (1, REAL, True),
        (True, REAL, False),
        (10**400, REAL, False),
        (float("nan"), REAL, False),
        (float("-inf"), REAL, False),
        (1.0, WHOLE, False),
        (1, ir.Choice((True, 2)), False),
        (True, ir.Choice((True, 2)), True),
        (None, ir.AnyOf((TEXT, NOTHING)), True),
        ([1, 2], ir.TupleOf((WHOLE, WHOLE)), True),
        ([1], ir.TupleOf((WHOLE, WHOLE)), False),
        ({"a": 1}, ir.DictOf(WHOLE), True),
        ({"a": ""}, ir.DictOf(WHOLE), False),
        ({"path": "x"}, ir.File(), False),
        (object(), ANY, True),
    ],
)
def test_fits(value: Any, node: ir.TypeNode, fit: bool) -> None:
    assert conforms(value, node) is fit
