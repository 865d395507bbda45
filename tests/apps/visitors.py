"""Who calls, and what happened: the request, the caller's own Hugging Face token, and the event of a page."""

from pathlib import Path

import gradio as gr
from _serve import endpoint, serve


def headers(request: gr.Request):
    """Give the headers that came, in lower case."""
    return {name.lower(): value for name, value in dict(request.headers).items()}


def user(request: gr.Request):
    """Give the name under which the caller has logged in."""
    return request.username


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Visitors") as demo:
        endpoint(headers, None, gr.JSON(label="Headers"))
        endpoint(user, None, gr.Textbox(label="User"))
        if hasattr(gr, "OAuthToken"):
            _with_tokens(gr.Textbox(label="Text"))
        _with_events()
    return demo


def picked(text, event: gr.SelectData):
    """Say which part of the text was selected."""
    return f"{event.value} at {event.index} of {text}, selected: {event.selected}, in {event.target.label}"


def picks(text, event: gr.SelectData):
    """Say it bit by bit."""
    yield f"{text}:"
    yield f"{text}: {event.value}"


def liked(event: gr.LikeData):
    """Say what was liked."""
    return f"{event.value} at {event.index}: {event.liked}"


def pressed(event: gr.EventData):
    """Say what was pressed."""
    return f"{event.target.value} {event._data}"


def removed(event: getattr(gr, "DeletedFileData", None)):
    """Say how long the file is that was taken away."""
    return len(Path(event.file.path).read_bytes())


def _with_events():
    text, said = gr.Textbox(None, label="Words"), gr.Textbox(label="Said")
    text.select(picked, text, said, api_name="picked")
    text.select(picks, text, said, api_name="picks")
    text.select(picked, text, said, api_name="picked_at_once", queue=False)
    gr.Chatbot(label="Chat").like(liked, None, said, api_name="liked")
    gr.Button("press").click(pressed, None, said, api_name="pressed")
    if hasattr(gr, "DeletedFileData"):
        gr.File(label="Files", file_count="multiple").delete(
            removed, None, gr.Number(label="Length"), api_name="removed"
        )


def _with_tokens(text):
    def act(text: str, token: gr.OAuthToken):
        """Act with the caller's token."""
        return f"{text} as {token.token}"

    def act_perhaps(text: str, token: gr.OAuthToken | None):
        """Act with the caller's token where there is one."""
        return f"{text} as {token.token if token else 'nobody'}"

    endpoint(act, text, gr.Textbox(label="Done"))
    endpoint(act_perhaps, text, gr.Textbox(label="Done"))


if __name__ == "__main__":
    serve(build)
