"""What a model writes ends in values or in words for the model, however large or strange it is."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, cast

import files_app
import kitchen_app
import pytest
import text_app
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen_runtime import FileData
from spacegen_runtime.errors import ConfigurationError
from spacegen_runtime.tools import Files, acall_tool, call_tool, tool, tools
from spacegen_runtime.tools._arguments import WrongArguments, read
from spacegen_runtime.tools._known import known
from support.drawn import examples


def nested(levels: int) -> Any:
    made: Any = []
    for _ in range(levels):
        made = [made]
    return made


STRANGE = st.one_of(
    st.sampled_from(
        [nested(5000), {"a": nested(5000)}, 10**5000, -(10**5000), float("nan"), float("inf"), "\ud800"]
    ),
    st.sampled_from(["x" * 10**6, "\u202e" * 10**5, ["x"] * 10**5, {"uri": {}}, {"uri": "file:///etc/passwd"}]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda one: st.lists(one) | st.dictionaries(st.text(max_size=5), one),
        max_leaves=9,
    ),
)
ENDPOINTS = [text_app.order, text_app.echo, kitchen_app.checkbox, kitchen_app.book]


@settings(max_examples=examples(100))
@given(endpoint=st.sampled_from(ENDPOINTS), data=st.data())
def test_whatever_a_model_writes_is_read_or_refused_in_a_few_words(endpoint: Any, data: st.DataObject) -> None:
    about = known(endpoint)
    names = st.sampled_from([one.key for one in about.parameters] or ["x"]) | st.text(max_size=5)
    arguments = data.draw(st.dictionaries(names, STRANGE, max_size=4))
    said = ""
    try:
        read(about, arguments, lambda _: FileData.of(b""))
    except WrongArguments as error:
        said = str(error)
    assert len(said) < 20_000


@pytest.mark.parametrize(
    "arguments",
    ["[" * 100_000, '{"text":' * 5000, "{" + "9" * 5000 + "}", '{"text": ' + "9" * 5000 + "}", "NaN", "\ud800"],
    ids=["deep list", "deep object", "number as key", "huge number", "NaN", "surrogate"],
)
def test_what_is_no_json_is_told(arguments: str) -> None:
    result = call_tool(text_app.echo, arguments)

    assert result.is_error
    assert "not JSON" in result.text


@pytest.mark.parametrize("arguments", [None, 3, [("text", "x")]], ids=repr)
def test_arguments_of_no_model_are_a_mistake_of_the_program(arguments: Any) -> None:
    with pytest.raises(TypeError, match=r"JSON object as text, or a mapping \(\{\} for none\), not "):
        call_tool(text_app.echo, arguments)
    with pytest.raises(TypeError, match="a mapping"):
        asyncio.run(acall_tool(text_app.echo, arguments))


@pytest.mark.parametrize("mode", ["aio", "submit"])
def test_a_way_of_calling_is_no_tool(mode: str) -> None:
    with pytest.raises(ConfigurationError, match=f"give the endpoint itself: echo, not echo.{mode}$"):
        call_tool(getattr(text_app.echo, mode), {"text": "x"})
    with pytest.raises(ConfigurationError, match="the endpoint itself"):
        tool(getattr(text_app.echo, mode))


def test_only_endpoints_are_tools() -> None:
    several: Any = [text_app.echo, text_app.greet]
    with pytest.raises(ConfigurationError, match="not an endpoint of a package, such as `translate`: <built-in"):
        call_tool(cast(Any, len), {})
    with pytest.raises(ConfigurationError, match=r'names and endpoints, \{"translate": translate\}, not a list$'):
        tools(several, "openai")


def test_only_some_of_many_unknown_arguments_are_told() -> None:
    start = time.process_time()
    with pytest.raises(WrongArguments) as caught:
        read(known(text_app.order), {f"argument number {n}": n for n in range(50_000)}, lambda _: None)

    assert "49980 more arguments are unknown" in caught.value.problems[""]
    assert len(caught.value.problems) < 30
    assert time.process_time() - start < 5  # a tenth of a second; half a minute, where each is compared with all


@pytest.mark.parametrize("name", ["a/" * 100_000, "a" * 10**6, "/" * 10**6, "\ud800", "data:," + "%41" * 10**5])
def test_a_path_of_any_length_is_refused_at_once(name: str, tmp_path: Path) -> None:
    start = time.process_time()
    result = call_tool(
        files_app.join, json.dumps({"files": [name], "separator": ""}), files=Files(tmp_path, largest=1000)
    )

    assert result.is_error
    assert time.process_time() - start < 5


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    files = Files(folder)
    folder.rmdir()

    assert "cannot be read" in call_tool(files_app.join, {"files": ["a.txt"], "separator": ""}, files=files).text
