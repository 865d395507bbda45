"""Docstrings say what the Space says, and nothing a Space says can end one."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacegen.quoting import literal, quoted
from spacegen.rendering.docstrings import endpoint_docstring, parameter_line
from spacegen.rendering.format import by_black
from spacegen.text import STRAY_SELECTORS, is_printable
from support.documents import FILE, NUMBER, STRING, endpoint, read, state, value


def test_a_docstring_in_full() -> None:
    [run] = read(
        endpoint(
            "run",
            [
                value("text", label="Your text:", example_input="Hi"),
                state(),
                value(
                    "n",
                    NUMBER,
                    component="Slider",
                    label="How many",
                    props={"minimum": 0, "maximum": 1, "step": 0.1},
                ),
            ],
            [value(label="Answer"), value(label="A picture", component="Image")],
            said={"description": "Answer a question"},
            types={"generator": True},
        )
    ).endpoints

    assert (
        endpoint_docstring(run)
        == """\
Answer a question.

Yields several values: `.stream()` gives each, a call the last.

Keeps state on the server: `with space.session():` carries it from call to call.

Args:
    text: Your text. Example: "Hi".
    n: How many. From 0 to 1, in steps of 0.1.

Returns:
    a_picture: Image."""
    )


@pytest.mark.parametrize(
    ("schema", "more", "said"),
    [
        ({"enum": ["a", "b"]}, {}, ""),
        ({"enum": ["a", "b"]}, {"props": {"choices": [["A", "a"], ["B", "b"]]}}, 'One of "a" (A), "b" (B).'),
        ({"enum": ["a", "b"]}, {"props": {"allow_custom_value": True}}, 'For example "a", "b".'),
        ({"enum": [1.5, 2.5]}, {}, "One of 1.5, 2.5."),
        ({"enum": list(range(1000))}, {}, "10, 11, …."),
        (STRING, {"default": {"k": 1}}, 'Default: {"k": 1}.'),
        (STRING, {"default": "x" * 100}, "The default is the Space's own."),
        (STRING, {"props": {"file_types": [".png", "audio"]}}, "File types: .png, audio."),
        (NUMBER, {"props": {"minimum": 1}}, "At least 1."),
        (NUMBER, {"props": {"maximum": 1.5, "step": 1}}, "At most 1.5."),
        (STRING, {"example_input": "#ff0000"}, 'Example: "#ff0000".'),
        (STRING, {"example_input": "Hello!!"}, ""),
        (STRING, {"example_input": "..."}, ""),
        (FILE, {"example_input": {"path": "https://example.org/a.png"}}, "Textbox."),
        (STRING, {"props": {"info": "What to <b>say</b>"}}, "What to say."),
        (STRING, {"props": {"info": {"no": "text"}}}, ""),
        ({"type": "array", "items": STRING}, {"example_input": ["a"]}, 'Example: ["a"].'),
        ({"type": "array", "items": STRING}, {"example_input": [["a", "b"]]}, "Textbox."),
    ],
)
def test_lines_of_parameters(schema: object, more: dict[str, object], said: str) -> None:
    [run] = read(endpoint("run", [value("x", schema, label="X", **more)])).endpoints  # type: ignore[arg-type]  # props and the like

    line = parameter_line(run.parameters[0])
    assert line.endswith(said) if said else line == ""


@pytest.mark.parametrize(
    ("name", "label", "component", "schema", "said"),
    [
        ("title", "Title", "Textbox", STRING, ""),
        ("text", "Title:", "Textbox", STRING, "Title."),
        ("your_image", "Your image", "Image", FILE, "Image."),
        ("image", "Image", "Image", FILE, ""),
        ("image", "Photo", "Image", FILE, "Photo (Image)."),
        ("code", "Code", "Code", STRING, ""),
        ("source", "Code", "Code", STRING, "Code."),
        ("n", "N", "Slider", NUMBER, ""),
        ("n", "N", "Slider", STRING, "Slider."),
    ],
)
def test_nothing_is_said_twice(name: str, label: str, component: str, schema: object, said: str) -> None:
    [run] = read(endpoint("run", [value(name, schema, label=label, component=component)])).endpoints

    assert parameter_line(run.parameters[0]) == said


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (["Name", "Age (years)"], "Columns: Name, Age (years)."),
        (["1", "2", "3"], ""),
        ([f"c{n}" for n in range(30)], "c19 and 10 more."),
        (["a", 2], ""),
        ("ab", ""),
        (['a\n"""import os'], 'Columns: a """import os.'),
    ],
)
def test_tables_say_what_their_columns_are(headers: object, said: str) -> None:
    table = {"component": "Dataframe", "props": {"headers": headers}}
    [run] = read(endpoint("run", [value("x", {}, label="X", **table)], [value(schema={}, **table)])).endpoints  # type: ignore[arg-type]  # props and the like

    assert parameter_line(run.parameters[0]).endswith(said)
    assert ("Columns" in endpoint_docstring(run).partition("Returns:")[2]) == bool(said)


def test_where_nothing_has_a_label_the_signature_says_it_all() -> None:
    """Functions behind `gr.api` have no components, and so no labels."""
    inputs = [value(name, label="1st", component="Api") for name in "ab"]
    outputs = [value(label="1st", component="Api"), value(label="2nd", component="Api")]
    bare, spoken = read(
        endpoint("bare", inputs, outputs),
        endpoint("spoken", [*inputs, value("c", label="Third")], outputs[:1]),
    ).endpoints

    assert endpoint_docstring(bare) == "Call `/bare`."
    assert [output.field for output in bare.outputs] == ["value", "value_2"]
    assert endpoint_docstring(spoken) == "Call `/spoken`.\n\nArgs:\n    c: Third."


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1))
def test_quoted_text_reads_back(text: str) -> None:
    [statement] = ast.parse(quoted(text, "")).body

    assert isinstance(statement, ast.Expr)
    assert ast.literal_eval(statement.value) == text


HIDDEN_AND_SEEN = st.text(
    st.sampled_from("a\u2764\ufe0e\ufe0f\u200d\u180b\u3164\ufe00\U000e0100\U000e0041"), max_size=12
)


@given(
    st.one_of(st.text(), HIDDEN_AND_SEEN, st.integers(), st.booleans(), st.none(), st.lists(st.text()).map(tuple))
)
def test_literals_read_back(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value
    assert is_printable(literal(value))
    assert STRAY_SELECTORS.search(literal(value)) is None


@given(st.text(st.sampled_from("a'\"\\\n\u202e\U0001fae8")))
def test_a_literal_is_quoted_as_black_quotes(text: str) -> None:
    statement = f"x = {literal(text)}\n"

    assert by_black(statement) == statement
