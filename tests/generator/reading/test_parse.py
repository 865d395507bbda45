"""Documents become IR: what callers see, what the server wants, and what is worth a warning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacegen import ir
from spacegen.errors import DocumentError
from spacegen.fetching.documents import Documents, Json
from spacegen.ir.unions import kind_of, options_of
from spacegen.naming import class_name
from spacegen.rendering.annotations import parameter_type, result_type
from spacegen.rendering.docstrings import parameter_line
from support.documents import FILE, NUMBER, STRING, documents, endpoint, read, read_with_diagnostics, state, value


def test_an_endpoint_with_everything() -> None:
    space = read(
        endpoint(
            "greet",
            [
                value("name", label="Your name", example_input="Ann"),
                state(),
                value(
                    "times", NUMBER, component="Slider", props={"minimum": 1, "maximum": 9, "step": 2}, default=3
                ),
            ],
            [value(label="Greeting"), state(), value(label="Greeting", schema=NUMBER)],
            said={"description": "Greet <b>someone</b>.", "oauth_token": "required"},
            types={"generator": True},
            queue=False,
        ),
        title="A title",
    )
    [greet] = space.endpoints

    assert (space.title, space.prefix, space.protocol, space.gradio) == (
        "A title",
        "/gradio_api",
        "sse_v3",
        "6.31.0",
    )
    assert (greet.key, greet.function, greet.description) == ("/greet", "greet", "Greet someone .")
    assert greet.hidden_inputs == greet.hidden_outputs == (1,)
    assert greet.stateful
    assert greet.generator
    assert greet.oauth
    assert greet.queued  # a generator outside the queue would give its first value only
    assert greet.result == "GreetResult"
    assert [output.field for output in greet.outputs] == ["greeting", "greeting_2"]
    name, times = greet.parameters
    assert (name.argument, name.label, name.default, name.example) == ("name", "Your name", None, "Ann")
    assert (times.default, times.published) == (ir.Inlined(3), 3)
    assert (times.limits.minimum, times.limits.maximum, times.limits.step) == (1, 9, 2)


@pytest.mark.parametrize(
    ("schema", "default", "written"),
    [
        (STRING, "short", ir.Inlined("short")),
        (STRING, "x" * 100, ir.Published()),
        (STRING, "two\nlines", ir.Inlined("two\nlines")),
        (STRING, "\u202e" * 11, ir.Inlined("\u202e" * 11)),
        (STRING, "\u202e" * 12, ir.Published()),
        (STRING, "\ud800", ir.Published()),
        (STRING, 3, ir.Published()),
        (STRING, None, ir.Inlined(None)),
        (NUMBER, 3, ir.Inlined(3)),
        (NUMBER, float("inf"), ir.Published()),
        (NUMBER, True, ir.Published()),
        ({"type": "array", "items": STRING}, ["a"], ir.Inlined(("a",))),
        ({"type": "array", "items": STRING}, [], ir.Inlined(())),
        ({"type": "array", "items": STRING}, ["x" * 90], ir.Published()),
        ({"enum": ["a"]}, "b", ir.Published()),
        ({}, {"any": "thing"}, ir.Published()),
        (FILE, {"path": "/tmp/cat.png"}, ir.Published()),
    ],
)
def test_defaults(schema: Any, default: Any, written: ir.Default) -> None:
    [endpoint_] = read(endpoint("run", [value("x", schema, default=default)])).endpoints

    assert endpoint_.parameters[0].default == written
    assert endpoint_.parameters[0].published == default


def test_a_default_of_none_makes_the_type_take_none() -> None:
    [run] = read(endpoint("run", [value("x", NUMBER, default=None)])).endpoints

    assert run.parameters[0].type == ir.AnyOf((ir.Real(), ir.Nothing()))


def test_custom_values_widen_choices_in_and_out() -> None:
    schema = {"type": "string", "enum": ["a", "b"]}
    props = {"allow_custom_value": True, "choices": [["A", "a"], ["B", "b"]]}
    [run] = read(endpoint("run", [value("x", schema, props=props)], [value(schema=schema, props=props)])).endpoints

    assert run.parameters[0].type == run.outputs[0].type == ir.Text()
    assert run.parameters[0].limits == ir.Limits(choices=("a", "b"), labels=("A", "B"), custom=True)


@pytest.mark.parametrize("choices", [[1, 7], [True, False], [0.5, 2.5], list(range(100))])
def test_custom_values_are_text_too_whatever_the_choices_are(choices: list[Any]) -> None:
    props = {"allow_custom_value": True, "choices": [[str(one), one] for one in choices]}
    one, several = (
        value("x", schema, component="Dropdown", props={**props, "value": default}, default=default)
        for schema, default in ((STRING, choices[0]), ({"type": "array", "items": STRING}, [choices[0]]))
    )
    [run] = read(
        endpoint("run", [one, several], [value(schema={"enum": choices}, component="Dropdown", props=props)])
    ).endpoints

    expected = ir.AnyOf((kind_of(choices[0]), ir.Text()))
    assert [*(part.type for part in run.parameters), run.outputs[0].type] == [
        expected,
        ir.ListOf(expected),
        expected,
    ]


@pytest.mark.parametrize(
    ("kind", "schema", "choices", "type_"),
    [
        ("Radio", STRING, [["Half", 0.5], ["One", 1]], ir.Real()),
        ("Radio", STRING, ["a", "b"], ir.Choice(("a", "b"))),
        ("Dropdown", STRING, [["Yes", True], ["No", False]], ir.Choice((True, False))),
        ("Dropdown", STRING, [], ir.AnyOf((ir.Text(), ir.Real()))),
        ("Checkboxgroup", {"type": "array", "items": STRING}, [["A", 1]], ir.ListOf(ir.Choice((1,)))),
        ("Textbox", STRING, ["a", "b"], ir.Text()),
        ("Radio", {"enum": ["a"]}, ["a", "b"], ir.Choice(("a",))),
    ],
)
def test_choices_of_gradio_3_are_those_of_the_component(
    kind: str, schema: Json, choices: list[Any], type_: ir.TypeNode
) -> None:
    """Its info calls all choices text; the server wants them as they are."""
    props = {"choices": choices, "value": 0}
    [run] = read(endpoint("run", [value("x", schema, component=kind, props=props)])).endpoints

    assert run.parameters[0].type == type_


def test_images_of_gradio_3_go_in_as_text_and_come_out_as_files() -> None:
    """A server of 3.x takes them as data URLs alone, though its own example is the URL of a file."""
    image = {"type": "string", "description": "base64 representation of an image"}
    picture = value("picture", image, label="X", component="Image", example_input="https://example.org/a.png")
    [run] = read(endpoint("run", [picture], [value(schema=image)])).endpoints

    assert run.parameters[0].type == ir.AnyOf((ir.Text(), ir.Nothing()))
    assert parameter_line(run.parameters[0]) == 'X (Image). A data URL: "data:image/png;base64,…".'
    assert run.outputs[0].type == ir.File()


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("upload", "SketchData | Mapping[str, Any] | None"),
        ("webcam", "SketchData | Mapping[str, Any] | None"),
        ("canvas", "str | None"),
    ],
)
def test_a_sketch_of_gradio_3_goes_in_with_its_mask(source: str, asked: str) -> None:
    """Its info says that it is a text, and its server takes that for a canvas alone (`Image.preprocess`)."""
    image = {"type": "string", "description": "base64 representation of an image"}
    props = {"tool": "sketch", "source": source, "value": None if source == "canvas" else "data:image/png;base64,"}
    picture = value("picture", image, component="Image", props=props)
    del picture["said"]["parameter_has_default"]
    [run] = read(endpoint("run", [picture])).endpoints

    assert str(parameter_type(run.parameters[0].type)) == asked
    assert run.parameters[0].default is None


def test_a_gallery_of_gradio_3_holds_files_with_and_without_captions() -> None:
    """Its info says that all are pairs (`Gallery.postprocess`)."""
    caption = {"anyOf": [STRING, {"type": "null"}]}
    pairs = {"type": "array", "items": {"type": "array", "prefixItems": [FILE, caption]}}
    [run] = read(
        endpoint("run", [value("x", pairs, component="Gallery")], [value(schema=pairs, component="Gallery")])
    ).endpoints

    taken = "Sequence[tuple[FileInput, str | None] | FileInput]"
    assert str(parameter_type(run.parameters[0].type)) == taken
    assert str(result_type(run.outputs[0].type)) == "list[tuple[FileData, str | None] | FileData]"


@pytest.mark.parametrize("target", [0, None])
def test_a_value_that_the_page_draws_is_no_default(target: int | None) -> None:
    """Gradio 6 names the page as the target of such an event, those before it nothing."""
    seed = value("seed", NUMBER, component="Slider", default=3, props={"value": 3})
    fixed = value("steps", NUMBER, component="Slider", default=4, props={"value": 4})
    read_at_load = endpoint("random", [], [value(schema=NUMBER)], targets=[[target, "load"]])
    given = documents(endpoint("run", [seed, fixed]), read_at_load)
    given.config["dependencies"][1]["outputs"] = [0]
    run = read_with_diagnostics(given)[0].endpoints[0]

    assert [one.default for one in run.parameters] == [None, ir.Inlined(4)]
    assert parameter_line(run.parameters[0]) == "No default: the page gets a new value whenever it is opened."
    for changed in ({"inputs": [1]}, {"backend_fn": False}, {"outputs": [0, 1]}, {"targets": [[0, "click"]]}):
        one = documents(endpoint("run", [seed, fixed]), read_at_load)
        one.config["dependencies"][1] |= {"outputs": [0], **changed}
        assert read_with_diagnostics(one)[0].endpoints[0].parameters[0].default == ir.Inlined(3)


def test_a_table_takes_a_data_frame_too() -> None:
    table = {"title": "DataframeData", "type": "object", "properties": {"headers": {}, "data": {}}}
    [run] = read(endpoint("run", [value("x", table, component="Dataframe")])).endpoints

    assert str(parameter_type(run.parameters[0].type)) == "DataframeData | Mapping[str, Any] | FrameInput"


def test_a_drawing_may_stay_empty_as_a_file_may() -> None:
    layers = {"title": "EditorData", "type": "object", "properties": {"layers": {}}}
    inputs = [value("drawing", layers, component="Imageeditor"), value("other", layers, component="Custom")]
    [run] = read(endpoint("run", inputs)).endpoints
    editor = ir.ModelRef(class_name("EditorData", ()))

    assert [p.type for p in run.parameters] == [ir.AnyOf((editor, ir.Nothing())), editor]


@pytest.mark.parametrize(
    ("component", "schema", "blank"),
    [
        ("Number", NUMBER, "null"),
        ("Dropdown", {"type": "string", "enum": ["a", "b"]}, "null"),
        ("Radio", {"type": "string", "enum": ["a", "b"]}, "null"),
        ("Datetime", STRING, "null"),
        ("Video", {"type": "object", "properties": {"video": FILE}, "required": ["video"]}, "null"),
        ("File", FILE, "null"),
        ("Textbox", STRING, '""'),
        ("Slider", NUMBER, "a number"),
        ("Checkbox", {"type": "boolean"}, "false"),
    ],
)
def test_a_parameter_takes_none_where_the_page_sends_null_for_what_nobody_touched(
    component: str, schema: Any, blank: str
) -> None:
    def accepted(props: Json) -> ir.Parameter:
        [made] = read(endpoint("run", [value("x", schema, component=component, props=props)])).endpoints
        return made.parameters[0]

    def takes_none(parameter: ir.Parameter) -> bool:
        return isinstance(parameter.type, ir.AnyOf) and ir.Nothing() in parameter.type.options

    assert takes_none(accepted({})) == takes_none(accepted({"value": None})) == (blank == "null")
    assert accepted({}).default is None  # the first parameter is what the endpoint is about
    assert takes_none(accepted({"value": 1})) == (component == "File")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    ("Number", NUMBER, {"placeholder": "seed"}, None),
                    ("Number", NUMBER, {}, 0),
                    ("Number", {"type": "integer"}, {"minimum": -1, "maximum": 0}, 0),
                    ("Number", NUMBER, {"minimum": 1}, "nothing"),
                    ("Image", FILE, {}, None),
                    ("Pdf", FILE, {}, None),
                    ("File", {"type": "array", "items": FILE}, {}, None),
                    ("Json", {}, {}, None),
                    ("Highlightedtext", {"type": "array", "items": STRING}, {}, None),
                    ("Colorpicker", STRING, {}, "nothing"),
                    ("Imageeditor", {"type": "object", "properties": {"a": FILE}}, {}, "nothing"),
                    ("Textbox", STRING, {}, "nothing"),
                    ("Slider", NUMBER, {}, "nothing"),
                    ("Api", {"anyOf": [NUMBER, {"type": "null"}]}, {}, "nothing"),
                ]
            ),
            st.sampled_from(["nothing", "value", "default", "drawn"]),
        ),
        max_size=5,
    )
)
def test_behind_a_default_what_starts_blank_has_what_the_page_sends_as_its_default(drawn: list[Any]) -> None:
    """`generate(prompt, image)` keeps both; `edit(prompt, *, strength=1, image=None)` need not name the image."""
    inputs, expected, behind = [], [], False
    for place, ((component, schema, props, sent), has) in enumerate(drawn):
        more: Json = {"default": None} if has == "default" else {}
        given_value = {"value": {"path": "x"}} if has == "value" else {}
        inputs.append(value(f"p{place}", schema, component=component, props={**props, **given_value}, **more))
        free = has == "nothing" and sent != "nothing" and behind
        behind = behind or has == "default"
        expected.append(ir.Inlined(None) if has == "default" else ir.Inlined(sent) if free else None)
    of_load = [place for place, (_, has) in enumerate(drawn) if has == "drawn"]
    loads = [endpoint(f"load_{place}", [], [value()], targets=[[None, "load"]]) for place in of_load]
    whole = documents(endpoint("run", inputs), *loads)
    for entry, place in zip(whole.config["dependencies"][1:], of_load, strict=True):
        entry["outputs"] = [place]  # the page asks for it when it is opened
    space, _ = read_with_diagnostics(whole)
    parameters = space.endpoints[0].parameters

    assert [p.default for p in parameters] == expected
    for parameter in parameters:
        if parameter.default == ir.Inlined(None):
            assert ir.Nothing() in options_of(parameter.type) or parameter.type == ir.Anything()
        assert parameter.default in (None, ir.Inlined(parameter.published))


def test_choices_beside_null_are_choices() -> None:
    perhaps = {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}
    [run] = read(endpoint("run", [value("x", perhaps)])).endpoints

    assert run.parameters[0].limits.choices == ("a", "b")


def test_names_that_gradio_made_up_give_way_to_labels() -> None:
    [run] = read(
        endpoint(
            "run",
            [
                value("param_0", label="Top K"),
                value("param_1", label="parameter_17"),
                value("in_2", label="Left image"),
                value("class", label="Class"),
            ],
            [value(label="value_12", component="Image"), value(label="value_13", component="Image")],
        )
    ).endpoints

    assert [(p.name, p.argument) for p in run.parameters] == [
        ("param_0", "top_k"),
        ("param_1", "textbox"),
        ("in_2", "left_image"),
        ("class", "class_"),
    ]
    assert [output.field for output in run.outputs] == ["image", "image_2"]


def test_no_name_that_was_made_up_hides_a_parameter() -> None:
    said = [value("param_1", label="First"), value(component=""), value("param_2", label="")]
    del said[1]["said"]["label"]
    [run] = read(endpoint("run", said)).endpoints

    assert [(p.name, p.argument) for p in run.parameters] == [
        *(("param_1", "first"), ("param_1_2", "param_1")),
        ("param_2", "textbox"),
    ]


def test_before_4_44_names_come_from_labels_and_defaults_from_components() -> None:
    old = {"label": "Your Text", "component": "Textbox", "type": STRING}
    given = documents(endpoint("run", [value("x", props={"value": "preset"}), value("y")]))
    assert given.info
    given.info["named_endpoints"]["/run"]["parameters"] = [old, {**old, "label": "parameter_5"}]
    [run] = read_with_diagnostics(given)[0].endpoints

    assert [(p.name, p.argument, p.default) for p in run.parameters] == [
        ("your_text", "your_text", ir.Inlined("preset")),
        ("textbox", "textbox", None),
    ]


def test_a_result_keeps_its_name_when_another_endpoint_stops_being_a_twin() -> None:
    two = [value(), value()]

    def results(schema: Json) -> dict[str, str | None]:
        run = [endpoint("run", [value("x")], two), endpoint("run_1", [value("x", schema)], two)]
        return {e.function: e.result for e in read(*run, endpoint("run1", [value("y")], two)).endpoints}

    assert results(STRING) == {"run": "RunResult", "run_1": "RunResult", "run1": "Run1Result2"}
    assert results(NUMBER) == {"run": "RunResult", "run_1": "Run1Result", "run1": "Run1Result2"}


def test_many_events_of_one_handler_are_twins() -> None:
    inputs, outputs = [value("x", NUMBER)], [value(label="A"), value(label="B")]
    run, again, other = read(
        endpoint("run", inputs, outputs),
        endpoint("run_1", inputs, outputs),
        endpoint("run_2", [value("x")], outputs),
    ).endpoints

    assert (run.twin_of, again.twin_of, other.twin_of) == (None, "run", None)
    assert (run.result, again.result, other.result) == ("RunResult", "RunResult", "Run2Result")


def test_events_that_share_a_name_are_called_by_number() -> None:
    given = documents(endpoint("first", [value("x")]), endpoint("run", [], [value()]))
    given.config["dependencies"][0]["api_name"] = "run"
    assert given.info
    del given.info["named_endpoints"]["/first"]
    space, diagnostics = read_with_diagnostics(given)

    assert [run.key for run in space.endpoints] == [1]
    assert [d.level for d in diagnostics] == ["note"]


def test_numbers_that_no_float_can_hold_are_no_limits() -> None:
    huge = {"minimum": 10**400, "maximum": -(10**400), "step": 1}
    [run] = read(endpoint("run", [value("x", {"type": "number", **huge}, props=huge, default=10**400)])).endpoints

    assert (run.parameters[0].limits.minimum, run.parameters[0].limits.maximum) == (None, None)
    assert run.parameters[0].default == ir.Published()


def test_streams_of_gradio_3_are_left_out_with_the_reason() -> None:
    given = documents(endpoint("run", types={"generator": True}), endpoint("plain"), protocol="ws")
    space, [diagnostic] = read_with_diagnostics(given)

    assert [one.key for one in space.endpoints] == ["/plain"]
    assert str(diagnostic).endswith(
        "left out: it streams, and Gradio 3 streams over a WebSocket, which is not supported."
    )


@pytest.mark.parametrize(("version", "mixed"), [("4.0.2", 1), ("4.19.2", 1), ("4.20.0", 0), ("6.31.0", 0)])
def test_batches_of_a_gradio_that_mixes_up_their_answers_are_left_out(version: str, mixed: int) -> None:
    given = documents(endpoint("one"), endpoint("many", batch=True), version=version)
    space, diagnostics = read_with_diagnostics(given)

    assert [one.key for one in space.endpoints] == (["/one"] if mixed else ["/one", "/many"])
    assert ["mixes up the answers" in note.message for note in diagnostics] == [True] * mixed


def test_unnamed_endpoints_go_by_number() -> None:
    given = documents(endpoint("run", [value("x")]))
    assert given.info
    given.info["unnamed_endpoints"] = {"0": given.info["named_endpoints"].pop("/run")}
    [run] = read_with_diagnostics(given)[0].endpoints

    assert (run.key, run.function) == (0, "fn_0")


@pytest.mark.parametrize(("mode", "published"), [("blocks", ["/run", 2]), ("interface", ["/run"])])
def test_without_info_gradio_3_publishes_unnamed_endpoints(mode: str, published: list[str | int]) -> None:
    given = documents(endpoint("run", [value("x")]), endpoint("hidden"), endpoint("unnamed"))
    config = {**given.config, "mode": mode}
    for event, name in zip(config["dependencies"], ("run", False, None), strict=True):
        event["api_name"] = name
    space, _ = read_with_diagnostics(Documents(config=config, info=None))

    assert [one.key for one in space.endpoints] == published


@pytest.mark.parametrize("number", ["-1", "1.0", "\u0663", "9" * 5000, ""])
def test_an_unnamed_endpoint_that_has_no_number_is_left_out(number: str) -> None:
    given = documents(endpoint("run"))
    assert given.info
    given.info["unnamed_endpoints"] = {number: {"parameters": [], "returns": []}}
    space, [diagnostic] = read_with_diagnostics(given)

    assert [one.key for one in space.endpoints] == ["/run"]
    assert diagnostic.message == "left out: an endpoint without a name needs a number."


def test_what_cannot_be_called_is_left_out() -> None:
    given = documents(endpoint("browser", backend_fn=False), endpoint("run"))
    assert given.info
    given.info["named_endpoints"]["/False"] = {"parameters": [], "returns": []}

    assert [e.key for e in read_with_diagnostics(given)[0].endpoints] == ["/run"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (None, "its description is not an object"),
        ({"parameters": {}, "returns": []}, "its parameters are not a list of objects"),
        ({"parameters": [], "returns": ["x"]}, "its returns are not a list of objects"),
        ({"parameters": [{}] * 401, "returns": []}, "it has more than 400 parameters"),
    ],
)
def test_a_broken_endpoint_does_not_lose_the_others(broken: Any, reason: str) -> None:
    given = documents(endpoint("bad"), endpoint("good"))
    assert given.info
    given.info["named_endpoints"]["/bad"] = broken
    space, [diagnostic] = read_with_diagnostics(given)

    assert [e.function for e in space.endpoints] == ["good"]
    assert str(diagnostic) == f"/bad: left out: {reason}."


def test_a_type_that_explodes_becomes_anything() -> None:
    deep: dict[str, Any] = STRING
    for _ in range(100):
        deep = {"type": "array", "items": deep}
    space, [diagnostic] = read_with_diagnostics(documents(endpoint("run", [value("x", deep, label="X")])))

    assert space.endpoints[0].parameters[0].type == ir.Anything()
    assert "'X' gets the type Any" in str(diagnostic)


def test_an_endpoint_that_config_does_not_know_is_written_with_a_warning() -> None:
    given = documents(endpoint("run", [value("x")]))
    given.config["dependencies"].clear()
    space, [diagnostic] = read_with_diagnostics(given)

    assert space.endpoints[0].fn_index is None
    assert "config does not know it" in diagnostic.message


def test_config_stands_in_for_info() -> None:
    given = documents(
        endpoint("run", [value("text", label="Your text"), state()], [value(label="Out"), state()]),
        endpoint("private", api_visibility="private"),
        endpoint("hidden", show_api=False),
        endpoint("browser", backend_fn=False),
    )
    body = {"application/json": {"schema": {"properties": {"text": STRING}}}}
    openapi = {"paths": {"/gradio_api/call/v2/run": {"post": {"requestBody": {"content": body}}}}}
    named, labelled = (
        read_with_diagnostics(Documents(config=given.config, openapi=document))[0].endpoints
        for document in (openapi, None)
    )

    assert [e.key for e in named] == ["/run"]
    assert [(p.name, p.argument, p.type) for p in named[0].parameters] == [("text", "text", ir.Text())]
    assert [p.argument for p in labelled[0].parameters] == ["your_text"]
    assert named[0].hidden_inputs == (1,)
    assert [o.field for o in named[0].outputs] == ["out"]


@pytest.mark.parametrize(
    "config", [{}, {"components": {}, "dependencies": []}, {"components": [], "dependencies": 3}]
)
def test_a_config_that_is_none_is_refused(config: Any) -> None:
    with pytest.raises(DocumentError, match="config does not list"):
        read_with_diagnostics(Documents(config=config, info={}))


@pytest.mark.parametrize(
    "info", [{"named_endpoints": ["x"]}, {"named_endpoints": dict.fromkeys(map(str, range(3001)))}]
)
def test_an_info_that_is_none_is_refused(info: Any) -> None:
    with pytest.raises(DocumentError):
        read_with_diagnostics(replace(documents(), info=info))


@pytest.mark.parametrize("prefix", ["//evil.example", "/../x y", "http://evil.example", 7, "/a?b"])
def test_a_prefix_that_is_no_path_is_refused(prefix: Any) -> None:
    with pytest.raises(DocumentError, match="api_prefix is not a path"):
        read(endpoint("run"), api_prefix=prefix)
