"""Names, labels, texts and types that break careless generators."""

import enum
import functools
from typing import Any, Literal, TypedDict

import gradio as gr
from _serve import VERSION, options_of, serve

HOSTILE = [
    'quotes " and \' and \\ and """ and \'\'\' at the end "',
    "two\nlines\r\nand\ttab",
    "<script>alert(1)</script> & <b>bold</b>",
    "{{ 7 * 7 }} {% raw %} {# note #} {0} %s $x",
    '"""\nimport os\nos.abort()\n"""',
    "\\N{BULLET} \\x00 \\",
    "right\u202eleft \u2066 \u200b \ufeff zero",
    "# not a comment",
    "",
    " ",
    "déjà vu 東京 🚀",
]
NAMES = [
    "class",
    "lambda",
    "None",
    "print",
    "space",
    "endpoint",
    "two words",
    "with-dash",
    "with.dot",
    "with/slash",
    "per%cent",
    "what?",
    "UPPER",
    "upper",
    "東京",
    "1st",
    "__dunder__",
    "_private",
    "a" * 120,
]


def echo(text):
    return text


def keywords(self, print, type, data, event_id, result_callbacks, api_name):
    """Take parameters whose names mean something elsewhere."""
    return [self, print, type, data, event_id, result_callbacks, api_name]


def documented(text):
    """Ends with a quote" and a backslash \\

    :param text: `{{ text }}`
    """
    return text


class Callable:
    """Not a function."""

    def __call__(self, text):
        return text

    def method(self, text):
        """Belongs to an object."""
        return text


def build():
    """All endpoints of this app."""
    with gr.Blocks(title='Awkward """ \\ {{ title }}') as demo:
        for name in NAMES:
            _endpoint(echo, gr.Textbox(label="Text"), api_name=name)
        for _ in range(2):
            _endpoint(echo, gr.Textbox(label="Text"), api_name="twice")
        for number, label in enumerate(HOSTILE):
            text = gr.Textbox(label=label, value=label, info=label, placeholder=label)
            _endpoint(echo, text, api_name=f"hostile_{number}")
        choices = gr.Radio(HOSTILE[:7], label="Choice", value=HOSTILE[0])
        _endpoint(echo, choices, api_name="hostile_choices")
        same = [gr.Textbox(label=label) for label in ("Same", "Same", "same", "SAME!", "None", "class")]
        _endpoint(lambda *values: len(values), same, api_name="same_labels")
        _endpoint(keywords, [gr.Textbox() for _ in range(7)], api_name="keywords")
        _endpoint(documented, gr.Textbox(), api_name="documented")
        described = options_of(demo.load, api_description=HOSTILE[4])
        _endpoint(echo, gr.Textbox(), api_name="described", **described)
        _unnamed()
        _hidden()
        if hasattr(gr, "api"):
            _typed()
    return demo


def _endpoint(function, inputs, **options):
    click = gr.Button("go").click
    click(function, inputs, gr.JSON(), **options_of(click, **options))


def _unnamed():
    """Endpoints that Gradio names after their function."""
    _endpoint(echo, gr.Textbox())
    _endpoint(lambda text: text, gr.Textbox())
    _endpoint(functools.partial(keywords, 1, 2, 3, 4, 5, 6), gr.Textbox())
    _endpoint(Callable(), gr.Textbox())
    _endpoint(Callable().method, gr.Textbox())


def _hidden():
    """Endpoints that the documents of the app leave out."""
    _endpoint(echo, gr.Textbox(), api_name=False)
    if VERSION >= (6, 0):
        _endpoint(echo, gr.Textbox(), api_name="undocumented", api_visibility="undocumented")
        _endpoint(echo, gr.Textbox(), api_name="private", api_visibility="private")
    else:
        _endpoint(echo, gr.Textbox(), api_name="undocumented", show_api=False)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(TypedDict):
    x: float
    y: float
    label: str


class Shape(TypedDict, total=False):
    points: list[Point]
    colour: Literal["red", "blue"]
    class_: str


def literal(size: Literal[1, 2, 3], name: Literal["a", "b"] = "a") -> str:
    """Take one of three numbers and one of two texts."""
    return f"{size!r} {name!r}"


def pair(value: tuple[int, str]) -> tuple[int, str]:
    """Take and give a pair."""
    return value


def draw(shape: Shape, at: Point) -> Shape:
    """Take objects inside objects."""
    return {**shape, "points": [*shape.get("points", []), at]}


def mapping(counts: dict[str, int], names: list[str]) -> dict[str, list[str]]:
    """Take a mapping and a list."""
    return {name: [name] * counts.get(name, 0) for name in names}


def either(value: int | str) -> int | str:
    """Take a number or a text."""
    return value


def perhaps(value: float | None = None) -> float | None:
    """Take a number or nothing."""
    return value


def colour(value: Colour) -> str:
    """Take a member of an enumeration."""
    return str(value)


def anything(value: Any) -> Any:
    """Take what comes, and say nothing about it."""
    return value


def numbers(count: int = 3) -> list[float]:
    """Give so many numbers."""
    return [number / 2 for number in range(count)]


def _typed():
    """Endpoints whose types come from annotations."""
    for function in (literal, pair, draw, mapping, numbers):
        gr.api(function, api_name=f"typed_{function.__name__}")
    if VERSION >= (5, 40):  # earlier, any of these makes the app refuse to start
        for function in (either, perhaps, colour, anything):
            gr.api(function, api_name=f"typed_{function.__name__}")


if __name__ == "__main__":
    serve(build)
