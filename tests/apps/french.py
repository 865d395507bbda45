"""What the README's first example stands for: a Space that translates."""

import gradio as gr
from _serve import endpoint, serve

FRENCH = {"Hello": "Bonjour", "Thank you": "Merci"}


def predict(text):
    """Translate English to French."""
    return FRENCH[text]


def build():
    """The app."""
    with gr.Blocks(title="French") as demo:
        endpoint(predict, gr.Textbox(label="English"), gr.Textbox(label="French"))
    return demo


if __name__ == "__main__":
    serve(build)
