"""An app with a page and no endpoints."""

import gradio as gr
from _serve import serve


def build():
    with gr.Blocks(title="Silent") as demo:
        gr.Markdown("Nothing to call.")
    return demo


if __name__ == "__main__":
    serve(build)
