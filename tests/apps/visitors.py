"""Who calls: what the app sees of a request, and endpoints that act with the caller's own Hugging Face token."""

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
    return demo


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
