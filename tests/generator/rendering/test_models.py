"""Classes of models: from the table where Gradio defines them, by the generator where an app does."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from spacegen import ir
from spacegen.rendering import models
from spacegen.rendering.models import generated_sources, models_source, needs_generator, stock_source
from support.documents import STRING, endpoint, read, value
from tools.regenerate import APPS, SPECS
from tools.stock_models import models_of

INNER = {"title": "Inner", "type": "object", "properties": {"x": STRING}}
OUTER = {"title": "Above", "type": "object", "properties": {"inner": {"type": "array", "items": INNER}}}


@pytest.mark.parametrize("spec", APPS)
def test_the_table_says_what_the_generator_says(spec: str) -> None:
    models = models_of(SPECS / f"{spec}.json")
    if not models:
        return
    generated = generated_sources(models)

    assert {str(model.name): stock_source(model) or generated[str(model.name)] for model in models} == generated


def test_models_of_gradio_need_no_generator() -> None:
    assert [spec for spec in APPS if needs_generator(models_of(SPECS / f"{spec}.json"))] == ["awkward"]


def test_a_class_stands_after_those_that_it_refers_to() -> None:
    space = read(endpoint("run", [value("a", OUTER)]))

    assert needs_generator(space.models)
    source = models_source(space.models)
    assert source.index("class Inner(Model)") < source.index("class Above(Model)")


def test_fields_that_differ_in_words_alone_are_generated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    written = models._written

    def counted(shapes: list[str]) -> list[ast.AnnAssign]:
        asked.extend(shapes)
        return written(shapes)

    monkeypatch.setattr(models, "_written", counted)
    objects = [
        {
            "title": f"M{number}",
            "type": "object",
            "properties": {
                f"a{number}": {"enum": [f"a{number}"]},
                f"b{number}": {"enum": [f"b{number}", "x"]},
                f"m{number}": {
                    "type": "array",
                    "items": {**INNER, "title": f"I{number}", "properties": {f"x{number}": STRING}},
                },
            },
            "required": [f"a{number}"],
        }
        for number in range(100)
    ]
    space = read(*[endpoint(f"run{number}", [value("a", one)]) for number, one in enumerate(objects)])
    classes = generated_sources(space.models)

    assert len(classes) == 200
    assert len(asked) < 10
    assert 'a7: Literal["a7"]' in classes["M7"]
    assert "m7: list[I7] | None = None" in classes["M7"]


def test_every_kind_of_field_keeps_its_own_words() -> None:
    text, inner = ir.Text(), ir.ModelRef(ir.ClassName("Inner"))
    kinds: list[tuple[ir.TypeNode, Any, str]] = [
        (ir.Choice(("v1", "M0", None)), "M0", 'Literal["v1", "M0", None] = "M0"'),
        (ir.Choice((1, True, "1")), True, 'Literal[1, True, "1"] = True'),
        (ir.ListOf(inner), [], "list[Inner] = []"),
        (
            ir.DictOf(ir.AnyOf((ir.Choice(("v0",)), ir.Whole()))),
            None,
            'dict[str, Literal["v0"] | int] | None = None',
        ),
        (ir.AnyOf((inner, ir.File(), ir.Nothing())), None, "Inner | FileData | None = None"),
        (text, "v0", 'str = "v0"'),
        (ir.Nothing(), None, "Any | None = None"),
    ]
    fields = [
        ir.Field(key=f"f{n}", name=ir.Identifier(f"f{n}"), type=kind, required=False, default=default)
        for n, (kind, default, _) in enumerate(kinds)
    ]
    model = ir.Model(name=ir.ClassName("Outer"), fields=tuple(fields))

    lines = generated_sources((model,))["Outer"].splitlines()[1:]
    assert [line.partition(": ")[2] for line in lines] == [said for _, _, said in kinds]
