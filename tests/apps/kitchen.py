"""One endpoint for each kind of component: what goes in comes out."""

import gradio as gr
import pandas as pd
from _serve import endpoint, options_of, serve

CHOICES = ["red", "green", "blue"]
POINTS = pd.DataFrame({"x": [1, 2, 3], "y": [2.5, 3.5, 1.5], "kind": ["a", "b", "a"]})


def same(value):
    """Give the value back."""
    return value


def spans(marked):
    """Give the marked text back."""
    return [(span["token"], span["class_or_confidence"]) for span in marked]


def components():
    """Name of the endpoint, component class, its arguments; twice the same class under different names."""
    yield "annotations", "HighlightedText", {"value": [("a", "letter"), (" ", None), ("1", "digit")]}
    yield "book", "Dataframe", {"headers": ["title", "pages"], "datatype": ["str", "number"], "row_count": 2}
    yield "checkbox", "Checkbox", {"value": True, "info": "On or off"}
    yield "checkboxes", "CheckboxGroup", {"choices": CHOICES, "value": ["red"]}
    yield "code", "Code", {"language": "python", "value": "print('hello')\n"}
    yield "colour", "ColorPicker", {"value": "#ff0000"}
    yield "custom", "Dropdown", {"choices": CHOICES, "allow_custom_value": True, "value": "green"}
    yield "date", "DateTime", {"type": "string"}
    yield "drawing", "ImageEditor", {"type": "filepath"}
    yield "html", "HTML", {"value": "<b>bold</b>"}
    yield "json", "JSON", {"value": {"a": [1, None, "x"]}}
    yield "labelled", "Dropdown", {"choices": [("One", 1), ("Two", 2)], "value": 2}
    yield "markdown", "Markdown", {"value": "# Title\n\nText"}
    yield "model", "Model3D", {}
    yield "number", "Number", {"minimum": -5, "maximum": 5, "step": 0.5}
    yield "picture", "Image", {"type": "filepath"}
    yield "radio", "Radio", {"choices": [("Low", 1), ("High", 10)], "value": 1}
    yield "several", "Dropdown", {"choices": CHOICES, "multiselect": True, "max_choices": 2}
    yield "slider", "Slider", {"minimum": 0, "maximum": 100, "step": 5, "value": 50}
    yield "sound", "Audio", {"type": "filepath"}
    yield "table", "Dataframe", {"value": POINTS, "interactive": True}
    yield "text", "Textbox", {"lines": 3, "max_length": 500, "placeholder": "Write here"}
    yield "timer", "Timer", {"value": 60}
    yield "upload", "UploadButton", {"file_count": "multiple", "file_types": [".txt"]}
    yield "video", "Video", {}


def annotate(image):
    """Mark a corner of the image."""
    return image, [((0, 0, 1, 1), "corner")]


def classify(text):
    """Say how sure we are."""
    return {"long": 0.75, "short": 0.25} if len(text) > 3 else {"short": 0.9, "long": 0.1}


def colour_words(text):
    """Mark every other word."""
    return [(word, "odd" if number % 2 else None) for number, word in enumerate(text.split())]


def chart(title):
    """Draw three points."""
    return gr.LinePlot(POINTS, x="x", y="y", title=title)


def plot(title):
    """Draw nothing yet."""


def everything(*values):
    """Say how many values came, and which of them were empty."""
    return {
        "count": len(values),
        "empty": [position for position, value in enumerate(values) if value is None],
    }


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Kitchen") as demo:
        plain = [component for component in map(_identity, components()) if component is not None]
        text = gr.Textbox(label="Words")
        image = gr.Image(type="numpy", label="Image")

        endpoint(annotate, image, gr.AnnotatedImage(label="Marked"))
        endpoint(classify, text, gr.Label(label="Class"))
        endpoint(colour_words, text, gr.HighlightedText(label="Coloured"))
        endpoint(chart, text, gr.LinePlot(label="Chart"))
        endpoint(plot, text, gr.Plot(label="Plot"))
        endpoint(everything, plain, gr.JSON(label="Summary"))
    return demo


def _identity(entry):
    """Add an endpoint that gives its component's value back; None where this Gradio has no such component."""
    name, kind, arguments = entry
    if not hasattr(gr, kind):
        return None
    component = getattr(gr, kind)
    options = options_of(component, label=name.capitalize(), **arguments)
    source = component(**options)
    result = component(label=f"{name.capitalize()} again") if "label" in options else component()
    if kind == "Timer":
        result = gr.Number(label="Seconds")
    endpoint(spans if kind == "HighlightedText" else same, source, result, api_name=name)
    return source


if __name__ == "__main__":
    serve(build)
