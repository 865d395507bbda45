"""An app of several pages, with components made at run time, and endpoints that it does not show."""

import gradio as gr
from _serve import VERSION, options_of, serve


def visit(name, times=2):
    """Greet somebody on the first page."""
    return f"Hello, {name}! " * int(times)


def count(text):
    """Count letters and words, on the second page."""
    return len(text), len(text.split())


def quietly(secret, *, loud=False):
    """Not on the API page, but there for who knows its name."""
    return secret.upper() if loud else secret


def selected(text, event: gr.SelectData):
    """Say which words of the text are selected."""
    return f"{event.value!r} in {text!r}"


def hide():
    """What keeps an endpoint off the API page: the option is called otherwise since 6.0."""
    return {"api_visibility": "undocumented"} if VERSION >= (6, 0) else {"show_api": False}


def first():
    """The first page: one endpoint to see, one that is not shown, and boxes made while the app runs."""
    name, times = gr.Textbox(label="Name"), gr.Number(2, label="Times")
    said = gr.Textbox(label="Said")
    gr.Button("Visit").click(visit, [name, times], said, api_name="visit")
    gr.Button("Quietly").click(quietly, name, said, api_name="quietly", **hide())
    made = gr.Slider(1, 3, value=1, step=1, label="Boxes")

    @gr.render(inputs=made)
    def boxes(number):
        for place in range(int(number)):
            box = gr.Textbox(label=f"Box {place}")
            box.submit(str.upper, box, box, api_name=f"box_{place}")


def second():
    """The second page."""
    text = gr.Textbox(label="Text")
    text.select(selected, text, gr.Textbox(label="Words"), api_name="selected")
    gr.Button("Count").click(count, text, [gr.Number(label="Letters"), gr.Number(label="Words")], api_name="count")


def build():
    with gr.Blocks(title="Pages") as demo:
        first()
    if hasattr(demo, "route"):  # since 5.20
        with demo.route("Second", **options_of(demo.route, path="second")):
            second()
    return demo


if __name__ == "__main__":
    serve(build)
