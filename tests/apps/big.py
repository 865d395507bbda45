"""A large app: 390 components and 150 endpoints, on which the server needs long for a new session."""

import gradio as gr
from _serve import serve

GROUPS = 130
SUBMITS = 20


def echo(text):
    """Give the text back."""
    return text


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Big") as demo:
        for number in range(GROUPS):
            text = gr.Textbox(label=f"Text {number}")
            result = gr.Textbox(label=f"Result {number}")
            gr.Button(f"Run {number}").click(echo, text, result, api_name=f"echo_{number}")
            if number < SUBMITS:
                text.submit(echo, text, result, api_name=f"submit_{number}")
    return demo


if __name__ == "__main__":
    serve(build)
