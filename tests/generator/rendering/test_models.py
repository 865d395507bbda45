"""Classes of models: from the table where Gradio defines them, by the generator where an app does."""

from __future__ import annotations

import pytest
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
