"""As many different endpoints as ENDPOINTS says (100 when unset), for measuring how long generation takes."""

import os

import gradio as gr
from _serve import endpoint, serve

ENDPOINTS = int(os.environ.get("ENDPOINTS", "100"))


def text(number):
    return [gr.Textbox(label=f"Text {number}", value=f"text {number}")], [gr.Textbox(label="Answer")]


def amount(number):
    inputs = [gr.Number(label="Amount", value=number), gr.Slider(0, number + 1, label="Share")]
    return inputs, [gr.Number(label="Part"), gr.Number(label="Rest")]


def choice(number):
    inputs = [gr.Radio([f"first {number}", "second"], label="Choice"), gr.Checkbox(label="Flag")]
    return inputs, [gr.Label(label="Kind")]


def picture(number):
    return [gr.Image(label=f"Picture {number}"), gr.Textbox(label="Prompt")], [gr.Gallery(label="Pictures")]


def table(number):
    inputs = [gr.Dataframe(headers=["a", f"column {number}"]), gr.Dropdown(["x", "y"], multiselect=True)]
    return inputs, [gr.Dataframe(label="Rows"), gr.File(label="Export")]


SHAPES = (text, amount, choice, picture, table)


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Many") as demo:
        for number in range(ENDPOINTS):
            shape = SHAPES[number % len(SHAPES)]
            inputs, outputs = shape(number)
            endpoint(_function(shape.__name__, number, len(inputs)), inputs, outputs)
    return demo


def _function(name, number, inputs):
    """A function of its own name, words and parameters."""
    parameters = ", ".join(["value", "option"][:inputs])
    made = {}
    exec(f"def {name}_{number}({parameters}):\n    'Do {name} number {number}.'", made)
    return made[f"{name}_{number}"]


if __name__ == "__main__":
    serve(build)
