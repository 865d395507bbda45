"""Rendered packages: signatures, imports and facts for the runtime."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen import ir
from spacegen.rendering.format import LINE_LENGTH, by_black, format_source
from spacegen.rendering.render import render
from support.documents import FILE, NUMBER, STRING, endpoint, read, state, value
from support.drawn import examples


def rendered(*endpoints: dict[str, object]) -> str:
    return render(read(*endpoints))["endpoints.py"]


@pytest.mark.parametrize(
    ("defaults", "signature"),
    [
        ((None, None), ["a", "b"]),
        ((None, 1), ["a", "*", "b"]),
        ((1, None), ["*", "a", "b"]),
        ((1, 1), ["a", "*", "b"]),
        ((1,), ["a"]),
        ((), []),
    ],
)
def test_what_may_be_passed_by_position(defaults: tuple[int | None, ...], signature: list[str]) -> None:
    names = "ab"[: len(defaults)]
    inputs = [
        value(name, NUMBER) if default is None else value(name, NUMBER, default=default)
        for name, default in zip(names, defaults, strict=True)
    ]
    source = rendered(endpoint("run", inputs))
    parts = source.split("def run(", 1)[1].split(") -> ", 1)[0].split(", ")

    assert [part.split(":")[0] for part in parts if part] == signature


def test_what_fits_is_on_one_line_and_each_argument_has_its_own_where_it_does_not() -> None:
    inputs = [value(f"a_rather_long_name_{number}", NUMBER) for number in range(3)]
    short, long = rendered(endpoint("run", [value("x")])), rendered(endpoint("run", inputs))

    assert "def run(x: str) -> Call[None]:\n" in short
    assert '    return space.call("/run", {"x": x})\n' in short
    assert "def run(\n    a_rather_long_name_0: float,\n    a_rather_long_name_1: float,\n" in long
    assert '        {\n            "a_rather_long_name_0": a_rather_long_name_0,\n' in long


def test_facts_that_the_runtime_needs_are_written_and_no_others() -> None:
    plain = rendered(endpoint("plain", [value("x")], [value()]))
    special = rendered(
        endpoint(
            "special",
            [state(), value("f", FILE)],
            [value(), state()],
            queue=False,
            said={"oauth_token": "optional"},
        )
    )

    assert 'space.call("/plain", {"x": x})' in plain
    assert (
        'files=("f",),\n        hidden_inputs=(0,),\n        hidden_outputs=(1,),\n'
        "        stateful=True,\n        oauth=True,\n        queued=False,\n    )" in special
    )
    assert ("oauth_token=" in plain, "oauth_token=" in special) == (False, True)


def test_imports_are_exactly_those_in_use() -> None:
    assert "from spacegen_runtime import Call, Space, endpoint\n" in rendered(endpoint("run", [value("x")]))
    source = rendered(
        endpoint("run", [value("f", FILE, default={"path": "x"})], [value(), value(schema={"enum": ["a"]})]),
    )
    assert "from spacegen_runtime import PUBLISHED, Call, FileInput, Space, endpoint\n" in source
    assert "from typing import Literal, NamedTuple\n" in source


def test_templates_write_what_black_would() -> None:
    space = read(
        endpoint("run", [value("x"), value("y", NUMBER, default=1.5)], [value(), value()]),
        endpoint("run_1", [value("x"), value("y", NUMBER, default=1.5)], [value(), value()]),
        endpoint("nothing"),
    )

    for source in render(space).values():
        assert by_black(source) == source


TEXTS = st.text(max_size=50) | st.text("a'\"\\\n, ()[]{}#é日🖼", max_size=50)


@settings(max_examples=examples(60))
@given(data=st.data())
def test_short_lines_are_what_black_would_write_whatever_a_space_says(data: st.DataObject) -> None:
    inputs = [
        value(
            f"x{number}",
            data.draw(
                st.sampled_from([STRING, NUMBER, FILE])
                | st.builds(
                    lambda words: {"type": "string", "enum": words}, st.lists(TEXTS, min_size=1, max_size=4)
                )
                | st.builds(
                    lambda title, keys: {
                        "type": "object",
                        "title": title,
                        "properties": {key: {"type": "string", "default": key} for key in keys},
                    },
                    TEXTS,
                    st.lists(TEXTS, min_size=1, max_size=3),
                )
            ),
            label=data.draw(TEXTS),
            **data.draw(st.just({}) | st.fixed_dictionaries({"default": TEXTS})),
        )
        for number in range(data.draw(st.integers(0, 4)))
    ]
    name = data.draw(st.sampled_from(["run", "a_rather_long_name_of_an_endpoint_of_some_app"]))

    for source in render(read(endpoint(name, inputs, inputs[:2]))).values():
        if format_source(source) is source:
            assert by_black(source) == source


def test_a_line_that_is_too_long_is_broken() -> None:
    wide = "x = [" + '"日本語", ' * 10 + "1]\n"  # short in characters, and not on a screen

    assert len(wide) < LINE_LENGTH
    assert format_source(wide) == by_black(wide) != wide


def test_one_changed_label_changes_one_line() -> None:
    before, after = (
        rendered(endpoint("run", [value("x", label=label), value("y")], [value()])).split("\n")
        for label in ("One label", "Other label")
    )

    assert [pair[1].strip() for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        "x: Other label."
    ]


def test_models_come_with_tags_and_aliases() -> None:
    model = {
        "title": "Sent",
        "type": "object",
        "properties": {"class": STRING, "file": FILE, "type": {"const": "file", "default": "file"}},
        "required": ["class"],
    }
    files = render(read(endpoint("run", [value("x", model)])))
    source = by_black(files["models.py"])

    assert "class Sent(Model):" in source
    assert 'class_: Annotated[str, Field(alias="class")]' in source
    assert "file: FileData | None = None" in source
    assert 'type: Literal["file"] = "file"' in source
    assert "from spacegen_runtime import FileData, Model\n" in source
    assert "    from .models import Sent\n" in files["__init__.py"]
    assert "def run(x: models.Sent | Mapping[str, Any]) -> Call[None]:" in files["endpoints.py"]


def test_a_space_may_run_anywhere() -> None:
    space = read(endpoint("run"))

    assert 'url="https://someone-app.hf.space"' in render(space)["endpoints.py"]
    assert isinstance(space, ir.Space)
