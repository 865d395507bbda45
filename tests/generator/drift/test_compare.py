"""What changed, and whether callers notice: every rule on small documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from spacegen import ir
from spacegen.drift.change import Change
from spacegen.drift.compare import compare, worst
from spacegen.drift.variance import gives, same, takes
from spacegen.errors import ManifestError
from spacegen.fetching.documents import Json
from spacegen.fetching.fetch import fetch
from spacegen.ir.types import PackageName
from spacegen.packages.manifest import manifest_text
from spacegen.packages.read_manifest import read_manifest, snapshot
from spacegen.reading.parse import parse
from support.documents import FILE, NUMBER, STRING, endpoint, read, state, value

SPECS = Path(__file__).resolve().parents[2] / "specs"
INTEGER = {"type": "integer"}
NULL = {"type": "null"}
ANYTHING = {"type": "any"}


def changes(old: Iterable[Json], new: Iterable[Json], **config: Any) -> tuple[Change, ...]:
    return compare(snapshot(read(*old)), snapshot(read(*new, **config)))


def verdicts(old: Iterable[Json], new: Iterable[Json]) -> list[tuple[str | None, str, str]]:
    return [(change.endpoint, change.kind, change.level) for change in changes(old, new)]


def inputs(*values: Json) -> list[Json]:
    return [endpoint("run", list(values), [value()])]


def outputs(*values: Json) -> list[Json]:
    return [endpoint("run", [value("x")], list(values))]


def enum(*values: Any) -> Json:
    return {"enum": list(values), "type": "string"}


def many(schema: Any) -> Json:
    return {"type": "array", "items": schema}


def message(title: str = "Message", **fields: Any) -> Json:
    required = [name for name, schema in fields.items() if not schema.pop("optional", False)]
    return {"type": "object", "title": title, "properties": fields, "required": required}


FORM = [("endpoint-form", "cosmetic")]
PARAMETERS: dict[str, tuple[list[Json], list[Json], list[tuple[str, str]]]] = {
    "same": ([value("a")], [value("a")], []),
    "removed": ([value("a"), value("b", NUMBER)], [value("a")], [("parameter-removed", "breaking")]),
    "renamed": ([value("a")], [value("b", label="a")], [("parameter-renamed", "breaking")]),
    "required one added": ([value("a")], [value("a"), value("b")], [("parameter-added", "breaking")]),
    "optional one added": (
        [value("a")],
        [value("a"), value("b", default="")],
        [("parameter-added", "compatible")],
    ),
    "optional one put first": (
        [value("a", default="")],
        [value("b", default=""), value("a", default="")],
        [("parameter-keyword-only", "breaking"), ("parameter-added", "compatible")],
    ),
    "places changed": (
        [value("a"), value("b")],
        [value("b"), value("a")],
        [("parameter-moved", "breaking"), ("parameter-moved", "breaking")],
    ),
    "places changed, by name only": (
        [value("a"), value("b", default=""), value("c", default="")],
        [value("a"), value("c", default=""), value("b", default="")],
        [("parameter-moved", "breaking")],
    ),
    "required": ([value("a", default="")], [value("a")], [("parameter-required", "breaking")]),
    "optional": ([value("a")], [value("a", default="")], [("parameter-optional", "compatible")]),
    "optional, and by name only": (
        [value("a"), value("b")],
        [value("a"), value("b", default="")],
        [("parameter-keyword-only", "breaking"), ("parameter-optional", "compatible")],
    ),
    "default changed": ([value("a", default="x")], [value("a", default="y")], [("parameter-default", "cosmetic")]),
    "None was the default": (
        [value("a", default=None)],
        [value("a", default="y")],
        [("parameter-narrowed", "breaking"), ("parameter-default", "cosmetic")],
    ),
    "None is the default": (
        [value("a", default="y")],
        [value("a", default=None)],
        [("parameter-widened", "compatible"), ("parameter-default", "cosmetic")],
    ),
    "choice taken away": (
        [value("a", enum("x", "y"))],
        [value("a", enum("x"))],
        [("parameter-narrowed", "breaking")],
    ),
    "choice added": ([value("a", enum("x"))], [value("a", enum("x", "y"))], [("parameter-widened", "compatible")]),
    "choices in another order": ([value("a", enum("x", "y"))], [value("a", enum("y", "x"))], FORM),
    "1 is neither '1' nor True": (
        [value("a", enum(1))],
        [value("a", enum(True, "1"))],
        [("parameter-narrowed", "breaking")],
    ),
    "choices opened": (
        [value("a", enum("x", "y"))],
        [value("a", enum("x", "y"), props={"allow_custom_value": True})],
        [("parameter-widened", "compatible")],
    ),
    "choices closed": (
        [value("a", enum("x", "y"), props={"allow_custom_value": True})],
        [value("a", enum("x", "y"))],
        [("parameter-narrowed", "breaking")],
    ),
    "suggestion taken away": (
        [value("a", enum("x", "y"), props={"allow_custom_value": True})],
        [value("a", enum("x"), props={"allow_custom_value": True})],
        FORM,
    ),
    "a default in another form": ([value("a", ANYTHING, default=1)], [value("a", ANYTHING, default=True)], FORM),
    "a name on the wire": (
        [value("param_0", label="Prompt")],
        [value("prompt", label="Prompt")],
        FORM,
    ),
    "kinds of files in another order": (
        [value("a", FILE, props={"file_types": [".png", ".jpg"]})],
        [value("a", FILE, props={"file_types": [".jpg", ".png"]})],
        FORM,
    ),
    "fields of an object in another order": (
        [value("a", {"type": "object", "title": "M", "properties": {"x": STRING, "y": STRING}})],
        [value("a", {"type": "object", "title": "M", "properties": {"y": STRING, "x": STRING}})],
        FORM,
    ),
    "an example in letters that JSON escapes": (
        [value("a", example_input="中" * 40)],
        [value("a", example_input="文" * 40)],
        [("parameter-words", "cosmetic")],
    ),
    "one of too many choices taken away": (
        [value("a", enum(*map(str, range(100))))],
        [value("a", enum(*map(str, range(99))))],
        [("parameter-narrowed", "breaking")],
    ),
    "too many choices where any text went": (
        [value("a")],
        [value("a", enum(*map(str, range(100))))],
        [("parameter-narrowed", "breaking")],
    ),
    "too many choices or None where any text went": (
        [value("a", default="1")],
        [value("a", enum(*map(str, range(100))), default=None)],
        [("parameter-narrowed", "breaking"), ("parameter-default", "cosmetic")],
    ),
    "choices of a list": (
        [value("a", many(enum("x", "y")))],
        [value("a", many(enum("x")))],
        [("parameter-narrowed", "breaking")],
    ),
    "retyped": ([value("a")], [value("a", NUMBER)], [("parameter-narrowed", "breaking")]),
    "any integer to any number": (
        [value("a", INTEGER)],
        [value("a", NUMBER)],
        [("parameter-widened", "compatible")],
    ),
    "any number to any integer": (
        [value("a", NUMBER)],
        [value("a", INTEGER)],
        [("parameter-narrowed", "breaking")],
    ),
    "anything": ([value("a")], [value("a", ANYTHING)], [("parameter-widened", "compatible")]),
    "no longer anything": ([value("a", ANYTHING)], [value("a")], [("parameter-narrowed", "breaking")]),
    "a member of a union gone": (
        [value("a", {"anyOf": [STRING, NUMBER]})],
        [value("a")],
        [("parameter-narrowed", "breaking")],
    ),
    "a list takes what a list of fewer took": (
        [value("a", many(STRING))],
        [value("a", many({"anyOf": [STRING, NULL]}))],
        [("parameter-widened", "compatible")],
    ),
    "text became a file": ([value("a")], [value("a", FILE)], [("parameter-narrowed", "breaking")]),
    "range tightened": (
        [value("a", NUMBER, props={"minimum": 0, "maximum": 10})],
        [value("a", NUMBER, props={"minimum": 1, "maximum": 10})],
        [("parameter-narrowed", "breaking")],
    ),
    "range widened": (
        [value("a", NUMBER, props={"minimum": 0, "maximum": 10})],
        [value("a", NUMBER, props={"minimum": 0})],
        [("parameter-widened", "compatible")],
    ),
    "range shifted": (
        [value("a", NUMBER, props={"maximum": 10})],
        [value("a", NUMBER, props={"minimum": 0, "maximum": 20})],
        [("parameter-narrowed", "breaking")],
    ),
    "fewer kinds of files": (
        [value("a", FILE, props={"file_types": [".png", ".jpg"]})],
        [value("a", FILE, props={"file_types": [".png"]})],
        [("parameter-narrowed", "breaking")],
    ),
    "pictures of all kinds": (
        [value("a", FILE, props={"file_types": [".png"]})],
        [value("a", FILE, props={"file_types": ["image", "text"]})],
        [("parameter-widened", "compatible")],
    ),
    "pictures of one kind": (
        [value("a", FILE, props={"file_types": ["image"]})],
        [value("a", FILE, props={"file_types": [".png"]})],
        [("parameter-narrowed", "breaking")],
    ),
    "no pictures": (
        [value("a", FILE, props={"file_types": [".png"]})],
        [value("a", FILE, props={"file_types": ["audio"]})],
        [("parameter-narrowed", "breaking")],
    ),
    "only some files": (
        [value("a", FILE)],
        [value("a", FILE, props={"file_types": ["image"]})],
        [("parameter-narrowed", "breaking")],
    ),
    "any file in other words": (
        [value("a", FILE, props={"file_types": ["image"]})],
        [value("a", FILE, props={"file_types": ["file"]})],
        [("parameter-widened", "compatible")],
    ),
    "all kinds of files": (
        [value("a", FILE, props={"file_types": [".png"]})],
        [value("a", FILE)],
        [("parameter-widened", "compatible")],
    ),
    "label": ([value("a", label="A")], [value("a", label="B")], [("parameter-words", "cosmetic")]),
    "explanation": ([value("a")], [value("a", props={"info": "Say"})], [("parameter-words", "cosmetic")]),
    "example": (
        [value("a", example_input="#fff")],
        [value("a", example_input="#000")],
        [("parameter-words", "cosmetic")],
    ),
    "step": ([value("a", props={"step": 2})], [value("a", props={"step": 3})], [("parameter-words", "cosmetic")]),
    "columns": (
        [value("a", {}, component="Dataframe", props={"headers": ["a"]})],
        [value("a", {}, component="Dataframe", props={"headers": ["b"]})],
        [("parameter-words", "cosmetic")],
    ),
    "labels for choices": (
        [value("a", {"enum": ["x"]}, props={"choices": [["A", "x"]]})],
        [value("a", {"enum": ["x"]}, props={"choices": [["B", "x"]]})],
        [("parameter-words", "cosmetic")],
    ),
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_parameters(case: str) -> None:
    old, new, expected = PARAMETERS[case]

    assert verdicts(inputs(*old), inputs(*new)) == [("/run", kind, level) for kind, level in expected]


OUTPUTS: dict[str, tuple[list[Json], list[Json], list[tuple[str, str]]]] = {
    "same": ([value()], [value()], []),
    "first one": ([], [value()], [("output-added", "breaking")]),
    "second one": ([value()], [value(), value(label="b")], [("output-added", "breaking")]),
    "third one": (
        [value(label="a"), value(label="b")],
        [value(label="a"), value(label="b"), value(label="c")],
        [("output-added", "breaking")],
    ),
    "only one left": ([value(label="a"), value(label="b")], [value(label="a")], [("output-removed", "breaking")]),
    "none left": ([value()], [], [("output-removed", "breaking")]),
    "one of three gone": (
        [value(label="a"), value(label="b"), value(label="c")],
        [value(label="a"), value(label="c")],
        [("output-removed", "breaking")],
    ),
    "label of the only one": ([value(label="a")], [value(label="b")], [("output-words", "cosmetic")]),
    "label of one of several": (
        [value(label="a"), value(label="b")],
        [value(label="a"), value(label="c")],
        [("output-renamed", "breaking"), ("output-words", "cosmetic")],
    ),
    "label in other letters": (
        [value(label="a"), value(label="b")],
        [value(label="A"), value(label="b")],
        [("output-words", "cosmetic")],
    ),
    "places changed": (
        [value(label="a"), value(label="b")],
        [value(label="b"), value(label="a")],
        [("output-moved", "breaking")],
    ),
    "retyped": ([value()], [value(schema=NUMBER)], [("output-retyped", "breaking")]),
    "widened": ([value()], [value(schema={"anyOf": [STRING, NULL]})], [("output-retyped", "breaking")]),
    "narrowed": ([value(schema={"anyOf": [STRING, NULL]})], [value()], [("output-narrowed", "compatible")]),
    "one more choice": (
        [value(schema=enum("x"))],
        [value(schema=enum("x", "y"))],
        [("output-choices", "compatible")],
    ),
    "one more choice in a list that may be null": (
        [value(schema={"anyOf": [many(enum("x")), NULL]})],
        [value(schema={"anyOf": [many(enum("x", "y")), NULL]})],
        [("output-choices", "compatible")],
    ),
    "one choice for another": (
        [value(schema=enum("x"))],
        [value(schema=enum("y"))],
        [("output-retyped", "breaking")],
    ),
    "one choice less": (
        [value(schema=enum("x", "y"))],
        [value(schema=enum("x"))],
        [("output-narrowed", "compatible")],
    ),
    "choices opened": (
        [value(schema=enum("x"))],
        [value(schema=enum("x"), props={"allow_custom_value": True})],
        [("output-retyped", "breaking")],
    ),
    "numbers to integers": ([value(schema=NUMBER)], [value(schema=INTEGER)], [("output-narrowed", "compatible")]),
    "a list of numbers is no list of integers": (
        [value(schema=many(NUMBER))],
        [value(schema=many(INTEGER))],
        [("output-retyped", "breaking")],
    ),
    "no longer anything": ([value(schema=ANYTHING)], [value()], [("output-retyped", "breaking")]),
    "anything": ([value()], [value(schema=ANYTHING)], [("output-retyped", "breaking")]),
    "one of several retyped": (
        [value(label="a"), value(label="b")],
        [value(label="a"), value(schema=NUMBER, label="b")],
        [("output-retyped", "breaking")],
    ),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_outputs(case: str) -> None:
    old, new, expected = OUTPUTS[case]

    assert verdicts(outputs(*old), outputs(*new)) == [("/run", kind, level) for kind, level in expected]


MODELS: dict[str, tuple[Json, Json, str, list[tuple[str, str]]]] = {
    "field gone": (
        message(a=STRING, b=STRING),
        message(a=STRING),
        "both",
        [("model-field-removed", "breaking")],
    ),
    "field added, to read": (
        message(a=STRING),
        message(a=STRING, b=STRING),
        "out",
        [("model-field-added", "compatible")],
    ),
    "field added, to give": (
        message(a=STRING),
        message(a=STRING, b=STRING),
        "in",
        [("model-field-added", "breaking")],
    ),
    "optional field added": (
        message(a=STRING),
        message(a=STRING, b={**STRING, "optional": True}),
        "in",
        [("model-field-added", "compatible")],
    ),
    "must be given": (
        message(a=STRING, b={**STRING, "optional": True}),
        message(a=STRING, b=STRING),
        "in",
        [("model-field-required", "breaking"), ("model-field-retyped", "breaking")],
    ),
    "may be missing": (
        message(a=STRING, b=STRING),
        message(a=STRING, b={**STRING, "optional": True}),
        "out",
        [("model-field-retyped", "breaking")],
    ),
    "more to give": (
        message(a=INTEGER),
        message(a=NUMBER),
        "in",
        [("model-field-retyped", "compatible")],
    ),
    "more to read": (message(a=INTEGER), message(a=NUMBER), "out", [("model-field-retyped", "breaking")]),
    "an attribute of another name": (
        message(x=STRING),
        message(_x={**STRING, "optional": True}, x=STRING),
        "out",
        [("model-field-renamed", "breaking"), ("model-field-added", "compatible")],
    ),
    "another object inside": (
        message(a=message("Inner", x=STRING)),
        message(a=message("Inner", x=NUMBER)),
        "out",
        [("model-field-retyped", "breaking")],
    ),
}


@pytest.mark.parametrize("case", MODELS)
def test_models(case: str) -> None:
    old, new, side, expected = MODELS[case]

    def app(schema: Json) -> list[Json]:
        schema = json.loads(json.dumps(schema))
        takes = [value("x", schema)] if side in ("in", "both") else []
        return [endpoint("run", takes, [value(schema=schema)] if side in ("out", "both") else [])]

    assert verdicts(app(old), app(new)) == [(None, kind, level) for kind, level in expected]


def test_endpoints_in_another_order_are_a_change_of_the_text() -> None:
    one, other = endpoint("one"), endpoint("other")

    assert verdicts([one, other], [other, one]) == [(None, "space-order", "cosmetic")]
    assert verdicts([one, other], [one, other]) == []


def test_a_model_of_another_name_is_another_type() -> None:
    old, new = inputs(value("x", message(a=STRING))), inputs(value("x", message("Note", a=STRING)))

    assert verdicts(old, new) == [("/run", "parameter-narrowed", "breaking")]


def test_endpoints_come_and_go_with_a_guess_at_what_was_meant() -> None:
    old = [endpoint("translate", [value("text")], [value()]), endpoint("other")]
    new = [endpoint("translate_text", [value("text")], [value()]), endpoint("other")]

    [gone, added] = changes(old, new)

    assert (gone.endpoint, gone.kind, gone.level, gone.did_you_mean) == (
        *("/translate", "endpoint-removed", "breaking"),
        "/translate_text",
    )
    assert (added.endpoint, added.kind, added.level) == ("/translate_text", "endpoint-added", "compatible")


def test_a_guess_needs_a_reason() -> None:
    [gone, _] = changes([endpoint("translate", [value("text")], [value()])], [endpoint("ping", [], [value()])])

    assert gone.did_you_mean is None


def test_an_endpoint_that_is_only_left_out_of_the_page_is_not_called_gone() -> None:
    both, one = snapshot(read(endpoint("a"), endpoint("b"))), snapshot(read(endpoint("a")))

    [change] = compare(both, one, unlisted={"/b"})

    assert (change.endpoint, change.kind, change.level) == ("/b", "endpoint-undocumented", "breaking")
    assert "--undocumented" in change.message


def lambdas(*labels: str) -> list[Json]:
    """Events without a name of their own, told apart by what they are about."""
    names = ["lambda", *(f"lambda_{n}" for n in range(1, len(labels)))]
    return [
        endpoint(name, [value("x", label=label)], [value()]) for name, label in zip(names, labels, strict=True)
    ]


def test_renumbered_events_are_recognised() -> None:
    found = changes(lambdas("a", "b", "c"), lambdas("a", "new", "b", "c"))

    assert [(c.endpoint, c.kind, c.did_you_mean) for c in found] == [
        ("/lambda_1", "endpoint-moved", "/lambda_2"),
        ("/lambda_2", "endpoint-moved", "/lambda_3"),
        ("/lambda_1", "endpoint-added", None),
    ]
    assert "belongs to another endpoint" in found[0].message
    assert worst(found) == "breaking"


def test_the_last_of_renumbered_events_has_no_name_left() -> None:
    [gone, moved] = changes(lambdas("a", "b"), lambdas("b"))

    assert (gone.endpoint, gone.kind) == ("/lambda", "endpoint-removed")
    assert (moved.endpoint, moved.kind, moved.did_you_mean) == ("/lambda_1", "endpoint-moved", "/lambda")
    assert "no endpoint has its old name" in moved.message


def test_an_event_that_changed_in_its_place_has_not_moved() -> None:
    assert verdicts(lambdas("a", "b"), lambdas("a", "B")) == [("/lambda_1", "parameter-words", "cosmetic")]


def test_what_changed_among_those_that_moved_may_be_another_now() -> None:
    found = changes(lambdas("a", "b"), lambdas("new", "A", "b"))

    assert [(c.endpoint, c.kind, c.level) for c in found] == [
        ("/lambda", "endpoint-doubtful", "breaking"),
        ("/lambda_1", "endpoint-moved", "breaking"),
        ("/lambda_1", "endpoint-added", "compatible"),
        ("/lambda", "parameter-words", "cosmetic"),
    ]


def test_other_names_are_not_in_doubt() -> None:
    other = endpoint("run", [value("x", label="a")], [value()])
    relabelled = endpoint("run", [value("x", label="b")], [value()])

    found = changes([other, *lambdas("a", "b")], [relabelled, *lambdas("new", "a", "b")])

    assert [c.kind for c in found if c.endpoint == "/run"] == ["parameter-words"]


def test_twins_keep_their_names() -> None:
    old = lambdas("same", "same", "same")

    assert verdicts(old, lambdas("same", "same")) == [("/lambda_2", "endpoint-removed", "breaking")]


def test_what_callers_do_not_see_is_compatible() -> None:
    old = [endpoint("run", [value("x")], [value()])]
    new = [
        endpoint(
            "run",
            [state(), value("x")],
            [value()],
            queue=False,
            said={"description": "Run it.", "oauth_token": "required"},
        )
    ]

    found = changes(old, new, api_prefix="/api", protocol="sse_v2", version="6.32.0", title="Run")

    assert [(c.kind, c.level, c.outdated) for c in found] == [
        ("endpoint-state", "compatible", True),
        ("endpoint-queue", "compatible", True),
        ("endpoint-token", "compatible", True),
        ("endpoint-hidden", "compatible", True),
        ("space-prefix", "compatible", True),
        ("space-protocol", "compatible", True),
        ("endpoint-words", "cosmetic", False),
        ("space-gradio", "cosmetic", False),
        ("space-title", "cosmetic", False),
    ]
    assert worst(found) == "compatible"
    assert worst(()) == "same"


def test_who_starts_to_stream_breaks_nobody() -> None:
    streaming = endpoint("run", [value("x")], [value()], types={"generator": True})

    assert verdicts([endpoint("run", [value("x")], [value()])], [streaming]) == [
        ("/run", "endpoint-stream", "compatible")
    ]


def test_a_function_can_lose_its_name_to_another() -> None:
    one, other = endpoint("a b", [value("x")], [value()]), endpoint("a_b", [value("y")], [value()])

    [renamed, added] = changes([other], [one, other])

    assert (renamed.kind, renamed.level, renamed.did_you_mean) == ("function-renamed", "breaking", "a_b_2")
    assert added.kind == "endpoint-added"


def test_a_twin_that_is_none_any_more_returns_another_class() -> None:
    results = [value(label="A"), value(label="B")]
    old = [endpoint(name, [value("x")], results) for name in ("run", "run_1")]
    new = [old[0], endpoint("run_1", [value("x"), value("y", default="")], results)]

    assert [(c.endpoint, c.kind, c.level, c.did_you_mean) for c in changes(old, new)] == [
        ("/run_1", "result-renamed", "breaking", "Run1Result"),
        ("/run_1", "parameter-added", "compatible", None),
    ]


def test_a_manifest_without_classes_of_results_can_be_compared() -> None:
    space = read(endpoint("run", [value("x")], [value(label="A"), value(label="B")]))
    raw = json.loads(manifest_text(space, {}, source="a/b", options={}, version="1"))
    assert raw["endpoints"]["/run"].pop("result") == "RunResult"

    assert compare(read_manifest(json.dumps(raw)).space, snapshot(space)) == ()


def typed(endpoint: ir.Endpoint) -> Sequence[object]:
    return [(p.argument, p.type) for p in endpoint.parameters] + [(o.field, o.type) for o in endpoint.outputs]


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_read_back_is_what_was_written(path: Path) -> None:
    space, _ = parse(fetch(str(path)), PackageName("app"))
    back = snapshot(space)

    assert back.models == space.models
    for before, after in zip(space.endpoints, back.endpoints, strict=True):
        assert [(p.argument, p.type) for p in before.parameters] == [
            (p.argument, p.type) for p in after.parameters
        ]
        assert [(o.field, o.type) for o in before.outputs] == [(o.field, o.type) for o in after.outputs]
        assert (before.key, before.function, before.identity) == (after.key, after.function, after.identity)
        assert before.result == after.result
    assert compare(back, back) == ()


def test_any_two_apps_can_be_compared() -> None:
    spaces = [snapshot(parse(fetch(str(path)), PackageName("app"))[0]) for path in sorted(SPECS.glob("*.json"))]

    for old in spaces:
        for new in spaces:
            assert (worst(compare(old, new)) == "same") == (old is new)


def manifest() -> Json:
    written = json.loads(manifest_text(read(*inputs(value("a"))), {}, source="a/b", options={}, version="1"))
    assert isinstance(written, dict)
    return written


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw.pop("endpoints"),
        lambda raw: raw.update(endpoints=[]),
        lambda raw: raw.update(format=2),
        lambda raw: raw.update(source=None),
        lambda raw: raw["space"].update(prefix=3),
        lambda raw: raw["endpoints"]["/run"].pop("parameters"),
        lambda raw: raw["endpoints"]["/run"]["parameters"].append(None),
        lambda raw: raw["endpoints"]["/run"]["parameters"][0].update(type={"type": "array"}),
        lambda raw: raw["endpoints"]["/run"]["parameters"][0].update(type={"properties": 3}),
        lambda raw: raw["endpoints"].update({"x": None}),
    ],
)
def test_a_damaged_manifest_is_one_error(damage: Any) -> None:
    raw = manifest()
    damage(raw)

    with pytest.raises(ManifestError):
        read_manifest(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "<<<<<<< HEAD", "[" * 100_000, b"\xff\xfe"])
def test_what_is_no_manifest_is_one_error(text: str | bytes) -> None:
    with pytest.raises(ManifestError):
        read_manifest(text)


NODES = [
    *(ir.Text(), ir.Whole(), ir.Real(), ir.Flag(), ir.Nothing(), ir.Anything(), ir.File()),
    *(ir.Choice(("a",)), ir.Choice((1, True)), ir.ListOf(ir.Text()), ir.DictOf(ir.Real())),
    ir.TupleOf((ir.Text(), ir.Real())),
    ir.AnyOf((ir.Text(), ir.Nothing())),
]


@pytest.mark.parametrize("node", NODES, ids=repr)
def test_every_type_may_stand_for_itself(node: ir.TypeNode) -> None:
    assert takes(node, node)
    assert gives(node, node)
    assert same(node, node)
    assert takes(ir.Anything(), node)


def test_choices_may_be_spread_over_a_union() -> None:
    both = ir.Choice(("a", 1))

    assert takes(ir.AnyOf((ir.Text(), ir.Whole())), both)
    assert takes(ir.AnyOf((ir.Choice(("a", "b")), ir.Real())), both)
    assert not takes(ir.AnyOf((ir.Choice(("b",)), ir.Real())), both)
    assert gives(both, ir.AnyOf((ir.Text(), ir.Real())))
