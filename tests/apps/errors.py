"""Everything that goes wrong, and every answer that is not what its component promises."""

import gradio as gr
from _serve import endpoint, options_of, serve


def refuse(text):
    """Refuse the text with a message for the user."""
    raise gr.Error(f"cannot do '{text}'\nat all")


def refuse_with_title(text):
    """Refuse the text under a title, for three seconds."""
    raise gr.Error("<b>no</b>", **options_of(gr.Error, duration=3, title="Sorry", visible=False))


def crash(text):
    """Fail as a program with a fault does."""
    raise RuntimeError(f"secret about {text}")


def crash_later(text):
    """Give two steps, then fail."""
    yield f"{text} 1"
    yield f"{text} 2"
    raise gr.Error("third step failed")


def update(text):
    """Answer with a change of the component that carries a value."""
    return gr.update(value=text, visible=True)


def update_choices(text):
    """Answer with a change of the component that carries no value."""
    return gr.update(choices=[text])


def skip(text):
    """Leave the component as it is."""
    return gr.skip() if hasattr(gr, "skip") else gr.update()


def nothing(text):
    """Answer with no value."""


def off_schema(text):
    """Answer with a choice that does not exist."""
    return text


def too_few(text):
    """Answer with one value where two are promised."""
    return (text,)


def pick(number, amount):
    """Take one of three numbers and an amount from 0 to 10."""
    return number * amount


def validated(text, number):
    """Take a text of three characters or more, and a number below ten."""
    return f"{text}{number}"


def check(text, number):
    return [
        gr.validate(len(text or "") > 2, "text too short"),
        gr.validate(number is not None and number < 10, "number too big"),
    ]


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Errors") as demo:
        text = gr.Textbox(label="Text")
        result = gr.Textbox(label="Result")

        for function in (refuse, refuse_with_title, crash, crash_later, update, skip, nothing):
            endpoint(function, text, result)
        choices = gr.Radio(["left", "right"], label="Side", value="left")
        endpoint(update_choices, text, choices)
        endpoint(off_schema, text, choices)
        endpoint(too_few, text, [result, gr.Number(label="Length")])
        number = gr.Dropdown([1, 2, 3], label="Number", value=1)
        amount = gr.Slider(0, 10, value=5, label="Amount")
        endpoint(pick, [number, amount], gr.Number(label="Product"))
        if hasattr(gr, "validate"):
            endpoint(validated, [text, gr.Number(label="Number")], result, validator=check)
        endpoint(refuse, text, result, api_name="refuse_unqueued", queue=False)
    return demo


if __name__ == "__main__":
    serve(build)
