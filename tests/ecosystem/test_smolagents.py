"""Every function of every example package is a tool that agents of smolagents can use."""

from __future__ import annotations

import importlib
import json
import keyword
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import files_app
import kitchen_app
import pytest
import text_app
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from spacegen_runtime import FileData, errors
from spacegen_runtime.testing import fake_space
from spacegen_runtime.tools import Files, call_tool, smolagents_tool, tool
from spacegen_runtime.tools._known import plain_name
from support.drawn import examples
from support.tool_schemas import endpoints_of, example_endpoints, values

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    smolagents: Any = pytest.importorskip("smolagents", reason="smolagents is not installed (group ecosystem)")

    get_tool_json_schema = importlib.import_module("smolagents.models").get_tool_json_schema
    validate_tool_arguments = importlib.import_module("smolagents.tools").validate_tool_arguments

ENDPOINTS = example_endpoints()


class AnyFile(Files):
    """Whatever a model names is there."""

    def open(self, named: str, closing: ExitStack) -> FileData:
        return FileData.of(b"content", "cat.png")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What smolagents has to say about itself is not ours to judge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def spaces() -> Iterator[None]:
    with ExitStack() as stack:
        for package in {str(one.plan.package) for one in ENDPOINTS}:
            stack.enter_context(fake_space(importlib.import_module(package)))
        yield


def choices_in(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        yield from schema.get("enum", ())
        schema = [*schema.values()]
    for one in schema if isinstance(schema, list) else ():
        yield from choices_in(one)


def test_every_function_is_a_tool_whose_prompts_say_what_it_takes() -> None:
    for endpoint in ENDPOINTS:
        made, takes = smolagents_tool(endpoint), tool(endpoint)["parameters"]
        told = json.dumps(get_tool_json_schema(made))
        prompt = made.to_code_prompt()
        assert len(made.inputs) == len(takes["properties"])
        assert all(one in prompt and json.dumps(one) in told for one in made.inputs)
        for choice in choices_in(takes):
            assert json.dumps(choice, ensure_ascii=False) in prompt


@settings(max_examples=examples(100))
@given(endpoint=st.sampled_from(ENDPOINTS), data=st.data())
def test_what_its_schema_allows_is_called_by_name_and_in_order(
    endpoint: Any, data: st.DataObject, spaces: None
) -> None:
    made = smolagents_tool(endpoint, files=AnyFile())
    asked = data.draw(values(tool(endpoint)["parameters"]))
    renamed = {
        key: shown for shown, key in zip(made.inputs, tool(endpoint)["parameters"]["properties"], strict=True)
    }
    arguments = {renamed[key]: one for key, one in asked.items()}
    if any(isinstance(one, float) and one.is_integer() for one in arguments.values()):
        return  # 1.0, which no model writes for 1
    validate_tool_arguments(made, arguments)
    said = call_tool(endpoint, asked, files=AnyFile())
    assert not said.is_error
    json.dumps(made(**arguments))
    if [*arguments] == [*made.inputs][: len(arguments)] and not isinstance(next(iter(asked.values()), None), dict):
        made(*arguments.values())


@given(st.text(st.characters(categories=("L", "N", "Pc")), min_size=1).filter(str.isidentifier))
def test_a_name_of_python_s_stays_one(name: str) -> None:
    found = plain_name(name, "argument", 64)
    assert found.isidentifier()
    assert found == name or not keyword.iskeyword(found)


def test_names_that_smolagents_has_for_itself_are_others() -> None:
    import awkward_app

    made = smolagents_tool(awkward_app.keywords)
    assert [*made.inputs][:2] == ["self_", "print"]
    given = {**dict.fromkeys(made.inputs, "text"), "self_": "me"}
    with fake_space(awkward_app) as fake:
        made(**given)
        assert fake.calls(awkward_app.keywords)[0]["self"] == "me"


def test_one_output_is_itself_and_several_are_an_object() -> None:
    with fake_space(text_app) as fake:
        fake.on(text_app.greet).returns(text_app.GreetResult("Hello, Ada.", 41))
        fake.on(text_app.hello).returns("Hello.")

        assert smolagents_tool(text_app.greet)("Ada") == {"greeting": "Hello, Ada.", "fahrenheit": 41}
        assert smolagents_tool(text_app.hello)() == "Hello."
        assert smolagents_tool(text_app.forget)("it") == "The call is done; it returns nothing."
    assert smolagents_tool(text_app.greet).output_type == "object"
    assert smolagents_tool(text_app.hello).output_type == "string"


def test_what_goes_wrong_tells_the_model_what_to_correct() -> None:
    made = smolagents_tool(text_app.order)
    with fake_space(text_app) as fake:
        fake.on(text_app.order).raises(errors.AppError("no milk"))
        with pytest.raises(RuntimeError, match='size: "huge" is not one of "small", "large"'):
            made(size="huge")
        with pytest.raises(RuntimeError, match="no milk") as caught:
            made(size="small")
        with pytest.raises(TypeError, match="too many positional arguments"):
            made("small", 1, [], "more")
    assert isinstance(caught.value.__cause__, errors.AppError)


def test_files_and_pictures_go_from_one_tool_to_the_next() -> None:
    files = Files()
    flip, pixels = smolagents_tool(files_app.flip, files=files), smolagents_tool(files_app.pixels, files=files)
    with fake_space(files_app) as fake:
        fake.on(files_app.flip).does(lambda image: image)
        fake.on(files_app.pixels).does(lambda image: str(image and image.image().size))

        turned = flip(Image.new("RGB", (4, 3)))
        assert pixels(image=turned["uri"]) == pixels(turned) == "(4, 3)"
        with pytest.raises(RuntimeError, match="no file of this machine is open to tools"):
            pixels(image="/etc/passwd")


class Scripted(smolagents.Model):  # type: ignore[misc]
    """A model that says what a test wrote down."""

    def __init__(self, *said: Any) -> None:
        super().__init__(model_id="scripted")
        self.said = [*said]

    def generate(self, messages: Any, **options: Any) -> Any:
        said = self.said.pop(0)
        calls = None if isinstance(said, str) else [said]
        return smolagents.ChatMessage("assistant", said if isinstance(said, str) else "", calls)


def test_an_agent_that_writes_code_calls_it() -> None:
    code = 'cup = greet("Ada", excited=True)\nfinal_answer(cup["greeting"])'
    model = Scripted(f"Thought: I greet.\n<code>\n{code}\n</code>")
    agent = smolagents.CodeAgent([smolagents_tool(text_app.greet)], model, verbosity_level=0)
    with fake_space(text_app) as fake:
        fake.on(text_app.greet).returns(text_app.GreetResult("Hello, Ada!", 41))
        assert agent.run("Greet Ada.") == "Hello, Ada!"
        assert fake.calls(text_app.greet)[0]["excited"] is True


def test_an_agent_that_writes_json_calls_it() -> None:
    models = importlib.import_module("smolagents.models")

    def asked(name: str, **arguments: Any) -> Any:
        function = models.ChatMessageToolCallFunction(name=name, arguments=arguments)
        return models.ChatMessageToolCall(function, "1", "function")

    model = Scripted(
        asked("several", value=["blue"]), asked("several", value=["red"]), asked("final_answer", answer="done")
    )
    agent = smolagents.ToolCallingAgent([smolagents_tool(kitchen_app.several)], model, verbosity_level=0)
    with fake_space(kitchen_app) as fake:
        assert agent.run("Choose.") == "done"
        assert [one["value"] for one in fake.calls(kitchen_app.several)] == [["blue"], ["red"]]


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "smolagents", None)

    with pytest.raises(errors.ConfigurationError, match="smolagents_tool needs smolagents: pip install"):
        smolagents_tool(endpoints_of("text_app")[0])
