"""Text, numbers and choices: every kind of parameter, default and result that needs no file."""

import gradio as gr
from _serve import endpoint, serve


def echo(text):
    """Give the text back as it came.

    A second paragraph, which Gradio keeps to itself.
    """
    return text


def greet(name, excited, celsius):
    """Greet a person."""
    return f"Hello, {name}{'!' if excited else '.'}", celsius * 1.8 + 32


def order(size, count, extras):
    """Say what was ordered."""
    return f"{count + 0} x {size} with {', '.join(extras) or 'nothing'}"


def defaults(text, lines, number, whole, flag, size, amount, toppings):
    """Give every value back as it arrived."""
    return [text, lines, number, whole, flag, size, amount, toppings]


def add(a, b):
    """Add two numbers."""
    return a + b


def swap(first, second):
    """Give both values back in the other order."""
    return second, first


def forget(text):
    """Take a text and answer nothing."""


def hello():
    """Say hello without being asked anything."""
    return "hello"


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Text") as demo:
        text = gr.Textbox(label="Text")
        endpoint(echo, text, gr.Textbox(label="Echo"))
        endpoint(echo, text, gr.Textbox(label="Echo"), api_name="fast", queue=False)

        name = gr.Textbox(label="Name", info="Who is greeted", placeholder="Ada")
        excited = gr.Checkbox(label="Excited")
        celsius = gr.Slider(-20, 40, value=5, step=1, label="Celsius")
        results = [gr.Textbox(label="Greeting"), gr.Number(label="Fahrenheit")]
        endpoint(greet, [name, excited, celsius], results)

        size = gr.Radio(["small", "large"], label="Size")
        count = gr.Dropdown([1, 2, 3], label="Count", value=1)
        extras = gr.CheckboxGroup(["milk", "sugar"], label="Extras")
        endpoint(order, [size, count, extras], gr.Textbox(label="Order"))

        kinds = [
            gr.Textbox("plain", label="Line"),
            gr.Textbox("one\ntwo", lines=2, label="Lines"),
            gr.Number(1.5, label="Number"),
            gr.Number(7, precision=0, minimum=0, maximum=10, label="Whole"),
            gr.Checkbox(True, label="Flag"),
            gr.Radio(["small", "large"], value="large", label="Size"),
            gr.Slider(0, 1, value=0.25, label="Amount"),
            gr.Dropdown(["salt", "pepper"], value=["salt"], multiselect=True, label="Toppings"),
        ]
        endpoint(defaults, kinds, gr.JSON(label="Values"))

        a, b = gr.Number(label="A"), gr.Number(label="B", value=1)
        endpoint(add, [a, b], gr.Number(label="Sum"))
        endpoint(swap, [name, excited], [gr.Checkbox(label="First"), gr.Textbox(label="Second")])
        endpoint(forget, text, None)
        endpoint(hello, None, gr.Textbox(label="Hello"))
    return demo


if __name__ == "__main__":
    serve(build)
