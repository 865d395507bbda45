"""A Gradio app that calls another Space in the name of its visitor."""

import gradio as gr
from spacegen_runtime import visitor_headers
from text_app import greet


async def welcome(name: str, request: gr.Request) -> str:
    """Let another Space greet the visitor."""
    call = greet.with_options(headers=visitor_headers(request))
    return (await call.aio(name)).greeting


demo = gr.Interface(welcome, gr.Textbox(label="Name"), gr.Textbox(label="Greeting"), api_name="welcome")

if __name__ == "__main__":
    demo.launch()
