"""A package's example is the call that a visitor would try first, with arguments that work."""

from __future__ import annotations

from typing import Any

import pytest
from spacegen.fetching.documents import Json
from spacegen.rendering.example import first_call
from support.documents import FILE, NUMBER, STRING, endpoint, read, value

PHOTO = "https://raw.githubusercontent.com/gradio-app/gradio/main/test/test_files/bus.png"
MODEL = {"title": "M", "type": "object", "properties": {"a": STRING}, "required": ["a"]}


def tried(*endpoints: Json) -> str:
    example = first_call(read(*endpoints))
    assert example is not None
    return example[1]


@pytest.mark.parametrize(
    ("aside", "main"),
    [
        (endpoint("clear", [value("a")], [value()]), "greet"),
        (endpoint("lambda_1", [value("a")], [value()]), "greet"),
        (endpoint("on_change", [value("a")], [value()]), "greet"),
        (endpoint("start"), "greet"),
        (endpoint("start", [value("a")]), "greet"),
        (endpoint("start", [], [value()]), "greet"),
        (endpoint("draw", [value("a", MODEL)], [value()]), "greet"),
        (endpoint("see", [value("a", FILE)], [value()]), "greet"),
        (endpoint("cleared", [value("a")], [value()]), "cleared"),
        (endpoint("onward", [value("a")], [value()]), "onward"),
    ],
)
def test_it_is_the_endpoint_that_a_visitor_would_try_first(aside: Json, main: str) -> None:
    assert tried(aside, endpoint("greet", [value("name")], [value()])).startswith(f"{main}(")


def test_there_is_one_wherever_there_is_an_endpoint() -> None:
    assert tried(endpoint("clear")) == "clear()"


@pytest.mark.parametrize(
    ("schema", "more", "argument"),
    [
        (STRING, {"example_input": "Hi"}, '"Hi"'),
        (STRING, {}, '"Hello"'),
        (NUMBER, {"example_input": 3}, "3"),
        (NUMBER, {"example_input": 3, "props": {"minimum": 10}}, "10"),
        (NUMBER, {"example_input": 3, "props": {"maximum": 2, "minimum": 0.5}}, "0.5"),
        ({"enum": ["a", "b"]}, {"example_input": "c"}, '"a"'),
        (FILE, {"example_input": {"path": PHOTO}}, f'"{PHOTO}"'),
        (FILE, {"example_input": {"path": "https://evil.example/a.png"}}, '"path/to/file"'),
        (FILE, {"example_input": {"path": f'{PHOTO}") or f("'}}, '"path/to/file"'),
    ],
)
def test_its_arguments_are_known_to_work(schema: Any, more: dict[str, Any], argument: str) -> None:
    assert tried(endpoint("run", [value("x", schema, **more)], [value()])) == f"run({argument})"
