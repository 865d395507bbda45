"""Tool descriptions keep to each vendor's rules, and say just what the arguments' reader takes."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast, get_type_hints

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError
from spacegen.ir.types import PackageName
from spacegen.reading.parse import parse
from spacegen_runtime import FileData
from spacegen_runtime.errors import ConfigurationError
from spacegen_runtime.tools import tool, tools
from spacegen_runtime.tools._arguments import Wrong, WrongArguments, _chosen, read
from spacegen_runtime.tools._known import known
from support.drawn import examples
from support.tool_schemas import anything, as_tools, endpoints_of, example_endpoints, values

ENDPOINTS = example_endpoints()
FORMATS = ("json", "mcp", "openai", "openai-chat", "anthropic")
PLAIN = {"type", "description", "properties", "required", "additionalProperties", "enum", "anyOf", "items"}
STRICT_KEYWORDS = {
    "openai": PLAIN | {"minimum", "maximum", "minItems", "maxItems"},
    "anthropic": PLAIN | {"default"},
}


def parts(schema: Any, depth: int = 0) -> Any:
    yield depth, schema
    for one in schema.get("anyOf", ()):
        yield from parts(one, depth)
    for one in [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]:
        yield from parts(one, depth + 1)


def check_strict(schema: dict[str, Any], vendor: str) -> None:
    """The rules of a strict mode, written down from the vendors' pages a second time."""
    assert schema["type"] == "object"
    for depth, part in parts(schema):
        assert depth <= 10
        assert part.keys() <= STRICT_KEYWORDS[vendor]
        assert "type" in part or "anyOf" in part
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            if vendor == "openai":
                assert [*part["properties"]] == part["required"]
        if part.get("type") == "array":
            assert "items" in part
        if "enum" in part:
            assert part["enum"]
            assert all(value is None or isinstance(value, (str, int, float)) for value in part["enum"])


def check_tool(endpoint: Any, draft: Any = None) -> None:
    for format in FORMATS:
        made: dict[str, Any] = tool(endpoint, cast(Any, format))
        json.dumps(made, allow_nan=False).encode()
        inner = made["function"] if format == "openai-chat" else made
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", inner["name"])
        assert 0 < len(inner["description"]) <= (1024 if format.startswith("openai") else 4000)
        takes = inner.get("parameters") or inner.get("input_schema") or inner["inputSchema"]
        assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", key) for key in takes["properties"])
        assert takes["type"] == "object"
        if inner.get("strict"):
            check_strict(takes, "anthropic" if format == "anthropic" else "openai")
        if draft is not None and (inner.get("strict") or format == "mcp"):
            draft.check_schema(takes)  # Anthropic refuses what is not of this draft
            draft.check_schema(inner.get("outputSchema", {}))
        for _, part in parts(takes):
            choices = [(type(one), one) for one in part.get("enum", ())]
            assert len(choices) == len(set(choices))
            assert part.get("type") != "array" or "items" in part  # which OpenAI refuses in any mode


def test_tools_keep_to_the_rules_of_all_vendors() -> None:
    for endpoint in ENDPOINTS:
        check_tool(endpoint)


def test_tools_of_real_apps_keep_to_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.test_corpus import found, load

    draft = pytest.importorskip("jsonschema", reason="jsonschema comes with spacegen[mcp]").Draft202012Validator
    if not os.environ.get("SPACEGEN_DOCUMENTS"):
        pytest.skip("SPACEGEN_DOCUMENTS names no folders of documents")
    count: Counter[str] = Counter()
    for path in found():
        space, _ = parse(load(path), PackageName("unwritten"))
        with as_tools(space, monkeypatch) as endpoints:
            count["documents"] += 1
            check_request({f"tool_{place}": endpoint for place, endpoint in enumerate(endpoints)})
            for endpoint in endpoints:
                check_tool(endpoint, draft)
                is_taken(endpoint)
                count["endpoints"] += 1
                count["strict at OpenAI"] += tool(endpoint, "openai")["strict"]
                count["strict at Anthropic"] += tool(endpoint, "anthropic").get("strict", False)
    print("", *(f"{number} {what}" for what, number in count.items()), sep="\n")


def is_taken(endpoint: Any) -> None:
    """What a few draws of an endpoint's schema are to its reader."""

    @settings(max_examples=examples(5), phases=[Phase.generate])
    @given(data=st.data())
    def drawn(data: st.DataObject) -> None:
        check_arguments(endpoint, data)

    drawn()


def check_request(endpoints: Mapping[str, Any]) -> None:
    """What Anthropic takes of strict tools in one request."""
    made = [one["input_schema"] for one in tools(endpoints, "anthropic") if one.get("strict")]
    nodes = [part for schema in made for _, part in parts(schema)]
    assert len(made) <= 20
    assert (
        sum(len(part["properties"].keys() - {*part["required"]}) for part in nodes if "properties" in part) <= 24
    )
    assert sum("anyOf" in part or isinstance(part.get("type"), list) for part in nodes) <= 16


def test_the_strict_tools_of_one_request_are_not_too_many() -> None:
    for package in {endpoint.plan.package for endpoint in ENDPOINTS}:
        named = {endpoint.__name__: endpoint for endpoint in ENDPOINTS if endpoint.plan.package == package}
        check_request(named)
        assert [one["name"] for one in tools(named, "json")] == [
            tool(named[name], name=name)["name"] for name in named
        ]
    simple = [one for one in ENDPOINTS if tool(one, "anthropic").get("strict") and not known(one).parameters]
    many = tools({f"t{place}": simple[0] for place in range(30)}, "anthropic")
    assert [one.get("strict", False) for one in many] == [True] * 20 + [False] * 10
    assert not any("strict" in one for one in tools({"t": simple[0]}, "anthropic", strict=False))


def test_names_of_tools_tell_endpoints_apart() -> None:
    import awkward_app

    names = [tool(one, "mcp")["name"] for one in endpoints_of("awkward_app")]
    assert len(names) == len(set(names)) > 40
    assert re.fullmatch(r"tool_[0-9a-f]{6}", tool(awkward_app.東京, "openai")["name"])
    assert tool(awkward_app.upper, name="x" * 100)["name"].startswith("xxxx")


def test_there_is_no_other_format() -> None:
    with pytest.raises(ConfigurationError, match="no tool format 'xml'; there are json, mcp"):
        tool(ENDPOINTS[0], "xml")  # type: ignore[arg-type]


def test_what_strict_modes_cannot_say_is_said_plainly() -> None:
    import kitchen_app

    made = tool(kitchen_app.json_, "openai") if hasattr(kitchen_app, "json_") else tool(kitchen_app.book, "openai")
    assert made["strict"] is False
    assert "strict" not in tool(kitchen_app.book, "anthropic")
    assert tool(kitchen_app.checkbox, "openai", strict=False)["strict"] is False


@settings(max_examples=examples(100))
@given(endpoint=st.sampled_from(ENDPOINTS), data=st.data())
def test_what_the_schema_allows_is_taken_and_nothing_else(endpoint: Any, data: st.DataObject) -> None:
    check_arguments(endpoint, data)


def check_arguments(endpoint: Any, data: st.DataObject) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema comes with spacegen[mcp]")
    schema = tool(endpoint)["parameters"]
    about = known(endpoint)
    arguments = data.draw(values(schema))
    read(about, json.dumps(arguments), lambda _: FileData.of(b""))
    if not schema["properties"]:
        return
    name = data.draw(st.sampled_from(sorted(schema["properties"])))
    strange = data.draw(anything(null=False))
    if jsonschema.Draft202012Validator(schema["properties"][name]).is_valid(strange):
        return
    with pytest.raises(WrongArguments) as caught:
        read(about, {**arguments, name: strange}, lambda _: FileData.of(b""))
    assert [*caught.value.problems] == [name]


def test_a_choice_in_other_letters_is_taken_where_it_is_plain_which_one_is_meant() -> None:
    import text_app

    about = known(text_app.order)
    assert read(about, {"size": "LARGE", "count": 2}, lambda _: None)["size"] == "large"
    with pytest.raises(WrongArguments, match='"larg" is not one of'):
        read(about, {"size": "larg", "count": 2}, lambda _: None)
    assert _chosen(["a", "A"], "A") == "A"
    assert _chosen(["Straße", 1], "STRASSE") == "Straße"
    for value in ("AA", 1, True, None, ["a"]):
        with pytest.raises(Wrong):
            _chosen(["aa", "Aa"], value)


@lru_cache
def adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[hint, ...], config=ConfigDict(arbitrary_types_allowed=True))


@settings(max_examples=examples(100))
@given(endpoint=st.sampled_from(ENDPOINTS), data=st.data())
def test_what_the_schema_allows_is_what_the_annotations_say(endpoint: Any, data: st.DataObject) -> None:
    arguments = read(known(endpoint), data.draw(values(tool(endpoint)["parameters"])), lambda _: FileData.of(b""))
    hints = get_type_hints(endpoint)
    for name, value in arguments.items():
        try:
            adapter(hints[name]).validate_python((value,))
        except ValidationError as error:
            raise AssertionError(f"{name}={value!r} is not {hints[name]}") from error


def test_the_sdks_own_types_take_the_tools() -> None:
    pytest.importorskip("openai", reason="the openai package is not installed (group ecosystem)")
    pytest.importorskip("anthropic", reason="the anthropic package is not installed (group ecosystem)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the SDKs, about themselves
        from anthropic.types import ToolParam
        from openai.types.chat import ChatCompletionToolParam
        from openai.types.responses import FunctionToolParam

        adapters: dict[str, TypeAdapter[Any]] = {
            "openai": TypeAdapter(FunctionToolParam),
            "openai-chat": TypeAdapter(ChatCompletionToolParam),
            "anthropic": TypeAdapter(ToolParam),
        }
    for endpoint in ENDPOINTS:
        for format, sdk in adapters.items():
            sdk.validate_python(tool(endpoint, cast(Any, format)))


def test_the_mcp_sdk_takes_the_tools() -> None:
    types = pytest.importorskip("mcp_types", reason="the mcp package is not installed (extra mcp)")
    for endpoint in ENDPOINTS:
        types.Tool.model_validate(tool(endpoint, "mcp"))
