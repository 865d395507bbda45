"""What a `spacegen.json` gives back of the Space that it was written for."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen import ir
from spacegen.packages.read_manifest import snapshot
from support.documents import documents, endpoint, read_with_diagnostics, value
from support.drawn import examples

WORDS = st.sampled_from(
    ["a", "b", "run", "run_1", "result", "event_data", "items", "A", "é", "Run a", "class", ""]
)
SCALARS = st.sampled_from([{"type": "string"}, {"type": "number"}, {}])


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects, most of them without a title."""
    titled = st.fixed_dictionaries({}, optional={"title": WORDS})
    fields = st.dictionaries(WORDS.filter(bool), inner, min_size=1, max_size=3)
    return st.builds(
        lambda said, properties: {**said, "type": "object", "properties": properties, "required": []},
        titled,
        fields,
    )


SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        _objects(inner),
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=6,
)
VALUES = st.builds(lambda name, schema, label: value(name, schema, label=label), WORDS, SCHEMAS, WORDS)
EVENTS = st.sampled_from(["select", "like", "delete", "click", "a\nb", ""])
ENDPOINTS = st.builds(
    lambda name, inputs, outputs, event, collects: endpoint(
        name, inputs, outputs, targets=[[0, event]], collects_event_data=collects
    ),
    WORDS.filter(bool),
    st.lists(VALUES, max_size=3),
    st.lists(VALUES, max_size=2),
    EVENTS,
    st.booleans(),
)


@settings(max_examples=examples(60))
@given(st.lists(ENDPOINTS, min_size=1, max_size=4))
def test_each_class_has_one_name_in_the_package_and_in_what_check_compares(endpoints: list[Any]) -> None:
    """Whatever names an object without a title: its endpoint, its parameter, the fields on the way to it."""
    space, _ = read_with_diagnostics(documents(*endpoints))
    back = snapshot(space)

    assert back.models == space.models
    assert [_seen(one) for one in back.endpoints] == [_seen(one) for one in space.endpoints]


def _seen(one: ir.Endpoint) -> Any:
    """What callers see of an endpoint."""
    inputs = [(p.argument, p.type, p.default is None, p.of_event) for p in one.parameters]
    return one.key, one.function, one.result, inputs, [(o.field, o.type) for o in one.outputs]
