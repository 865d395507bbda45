"""Other people's tools take every function of every example package, in every mode that makes sense for them.

Each tool is called for real, as its own documentation does it.
The heavy ones are in the dependency group `ecosystem`; `pip install --group ecosystem` brings them.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import json
import pickle
import pydoc
import typing
from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest
from pydantic import TypeAdapter, create_model, validate_call
from pydantic_core import to_json
from spacegen_runtime import Endpoint, FileData

EXAMPLES = sorted(path.parent.name for path in Path("generated_examples").glob("*/endpoints.py"))
MODES = ("", "__call__", "aio", "stream", "astream", "submit", "asubmit")
SERVED = ("", "__call__", "aio")  # what gives a value, and no job and no generator
Shown = tuple[str, Callable[..., Any], Endpoint[..., Any]]


@functools.cache
def functions() -> list[Endpoint[..., Any]]:
    """Functions of the example packages in which each type of an argument or a result comes up, and all twins."""
    seen: set[str] = set()
    found: list[Endpoint[..., Any]] = []
    for package in map(importlib.import_module, EXAMPLES):
        for one in map(vars(package).get, package.__all__):
            if isinstance(one, Endpoint):
                types = set(map(str, one.__annotations__.values()))
                if types - seen or not one.__annotations__ or one._key is not None:
                    found.append(one)
                seen |= types
    return found


def modes(names: tuple[str, ...] = MODES) -> Iterator[Shown]:
    for function in functions():
        for name in names:
            yield name, getattr(function, name) if name else function, function


def parameters(function: Endpoint[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_every_mode_shows_the_name_signature_types_and_words_of_its_function() -> None:
    for mode, shown, function in modes():
        assert shown.__name__ == function.__name__
        assert shown.__module__ == function.__module__
        assert shown.__qualname__ == f"{function.__name__}.{mode}".rstrip(".")
        assert inspect.signature(shown).parameters == inspect.signature(function).parameters
        hints = typing.get_type_hints(shown)
        assert [*hints] == [*parameters(function), "return"]
        assert (
            inspect.signature(shown).return_annotation
            == typing.get_type_hints(shown, include_extras=True)["return"]
        )
        assert inspect.getdoc(shown) == inspect.getdoc(function)
        assert "__endpoint" not in str(inspect.signature(functools.wraps(shown)(lambda *given, **named: None)))
        assert inspect.iscoroutinefunction(shown) == (mode in ("aio", "asubmit"))


def test_every_mode_pickles_and_can_be_copied() -> None:
    for mode, shown, function in modes():
        assert repr(pickle.loads(pickle.dumps(shown))) == repr(shown)
        assert repr(copy(shown)) == repr(deepcopy(shown)) == repr(shown)
        if mode:
            changed = getattr(function.with_options(timeout=3), mode)
            again = pickle.loads(pickle.dumps(changed))
            assert again.__func__ is changed.__func__
            assert again.__self__._changes == ({"timeout": 3},)


def test_help_says_what_a_function_takes() -> None:
    for _, shown, function in modes():
        text = pydoc.plain(pydoc.render_doc(shown))
        head = next(line for line in text.splitlines() if f"{function.__name__}(" in line)
        assert all(f"{name}: " in head for name in parameters(function))
        assert (function.__doc__ or "").strip().splitlines()[0].strip() in text


def test_a_mock_refuses_what_a_function_refuses() -> None:
    for function in functions():
        stand_in = mock.create_autospec(function)
        for mode in MODES[1:]:
            fake = stand_in if mode == "__call__" else getattr(stand_in, mode)
            with pytest.raises(TypeError):
                fake(no_such_argument=1)
        stand_in(**dict.fromkeys(parameters(function)))


def test_pydantic_checks_arguments_and_writes_a_schema_without_a_warning() -> None:
    for mode, shown, function in modes():
        schema = TypeAdapter(cast(Any, shown)).json_schema() if mode else None
        assert schema is None or schema["type"] in ("object", "array")
        if mode:
            validate_call(shown)
        given = inspect.signature(function).parameters.values()
        fields: dict[str, Any] = {
            f"x_{one.name}": (one.annotation, ... if one.default is one.empty else one.default) for one in given
        }
        create_model("Arguments", **fields).model_json_schema()


def _route(mode: str, function: Endpoint[..., Any]) -> str:
    return f"/{function.__module__}/{function.__name__}/{mode or 'plain'}"


def test_fastapi_serves_every_function() -> None:
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()
    for mode, shown, function in modes(SERVED):
        app.post(_route(mode, function))(shown)
    document = app.openapi()
    json.dumps(document)
    for mode, _, function in modes(SERVED):
        operation = document["paths"][_route(mode, function)]["post"]
        assert operation["operationId"].startswith(function.__name__)
        assert operation["description"].startswith((function.__doc__ or "").strip().splitlines()[0][:40])


TYPER_TAKES_NO = ("Typer currently doesn't support Union types", "Type not yet supported")


def test_typer_takes_what_a_command_line_can_say() -> None:
    typer = pytest.importorskip("typer")
    for mode, shown, function in modes(SERVED):
        app = typer.Typer()
        app.command()(shown)
        try:
            typer.main.get_command(app)
        except (AssertionError, RuntimeError) as error:
            assert str(error).startswith(TYPER_TAKES_NO), (mode, function)  # noqa: PT017 # only some raise


def test_beartype_takes_every_mode() -> None:
    beartype = pytest.importorskip("beartype")
    for _, shown, _ in modes():
        beartype.beartype(shown)


def test_jedi_completes_arguments() -> None:
    jedi = pytest.importorskip("jedi")
    module = importlib.import_module("text_app")
    for code in ("greet(", "greet.aio(", "greet.submit("):
        found = jedi.Interpreter(code, [{"greet": module.greet}]).get_signatures()
        assert [one.name for one in found[0].params] == ["name", "excited", "celsius"]


@pytest.mark.filterwarnings("ignore:Field name .* shadows an attribute")  # the example has an argument `json`
def test_langchain_makes_a_tool_of_every_mode() -> None:
    tools = pytest.importorskip("langchain_core.tools")
    for _, shown, function in modes():
        by = "coroutine" if inspect.iscoroutinefunction(shown) else "func"
        tool = tools.StructuredTool.from_function(**{by: shown})
        assert tool.name == function.__name__
        assert list(tool.args) == parameters(function)


@pytest.mark.filterwarnings("ignore:Could not generate return schema")  # of jobs and generators
def test_pydantic_ai_makes_a_tool_of_every_mode() -> None:
    ai = pytest.importorskip("pydantic_ai")
    for _, shown, function in modes():
        tool = ai.Tool(shown, takes_ctx=False)
        assert tool.name == function.__name__
        assert tool.function_schema.json_schema["type"] == "object"


@pytest.mark.filterwarnings("ignore:Field name .* shadows an attribute")
def test_openai_makes_a_tool_of_every_mode() -> None:
    agents = pytest.importorskip("agents")
    for _, shown, function in modes():
        tool = agents.function_tool(shown, strict_mode=False)
        assert list(tool.params_json_schema["properties"]) == parameters(function)
        assert tool.name == function.__name__


def test_anthropic_makes_a_tool_of_every_mode() -> None:
    anthropic = pytest.importorskip("anthropic")
    for _, shown, function in modes(MODES[1:]):
        make = anthropic.beta_async_tool if inspect.iscoroutinefunction(shown) else anthropic.beta_tool
        tool = make(shown)
        assert tool.name == function.__name__
        assert list(tool.input_schema["properties"]) == parameters(function)


def test_an_mcp_server_offers_every_function() -> None:
    pytest.importorskip("mcp")
    try:
        server_module = importlib.import_module("mcp.server.mcpserver")
        make = server_module.MCPServer
    except ImportError:
        make = importlib.import_module("mcp.server.fastmcp").FastMCP
    for _, shown, function in modes(SERVED):
        server = make("spaces", log_level="ERROR")
        server.add_tool(shown)
        assert [tool.name for tool in asyncio.run(server.list_tools())] == [function.__name__]


def test_a_result_is_a_file_for_pydantic_and_tells_no_place() -> None:
    file = FileData("/tmp/gradio/0123/cat.png", url="https://up.example/cat.png", orig_name="cat.png", size=3)
    schema = TypeAdapter(FileData)

    assert schema.dump_python(file) is file
    assert schema.dump_python(file, mode="json") == {"orig_name": "cat.png", "size": 3, "is_stream": False}
    assert json.loads(to_json({"a": [file]})) == {"a": [{"orig_name": "cat.png", "size": 3, "is_stream": False}]}
    assert schema.validate_json(schema.dump_json(file, context={"with_paths": True})) == file
    assert schema.validate_json(schema.dump_json(file)).orig_name == "cat.png"
    assert schema.json_schema()["type"] == "string"
    assert schema.json_schema(mode="serialization")["type"] == "object"
