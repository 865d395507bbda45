"""Conversations: messages, state that lives as long as a session, and messages with files."""

from pathlib import Path

import gradio as gr
from _serve import options_of, serve

MESSAGES = options_of(gr.Chatbot, type="messages")
AS_MESSAGES = bool(MESSAGES) or int(gr.__version__.split(".")[0]) >= 6


def talk(message, history, temperature):
    """Answer with the message and how long the conversation is."""
    return f"{message} (after {len(history)}, at {temperature})"


def reply(message, history):
    """Add the message and an answer to the conversation."""
    if not AS_MESSAGES:
        return "", [*(history or []), [message, message.upper()]]
    question = {"role": "user", "content": message}
    answer = {"role": "assistant", "content": message.upper()}
    return "", [*(history or []), question, answer]


def count(state):
    """Count the calls of this session."""
    state = (state or 0) + 1
    return state, state


def remember(word, words, times):
    """Remember a word, so often, and say all words of this session."""
    words = [*(words or []), *[word] * int(times)]
    return " ".join(words), words, len(words)


def look(message):
    """Say what the message holds."""
    sizes = [Path(file).stat().st_size for file in message["files"]]
    return f"{message['text']}: {sizes}"


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Chat") as demo:
        gr.ChatInterface(
            talk,
            additional_inputs=[gr.Slider(0, 1, value=0.5, label="Temperature")],
            **options_of(gr.ChatInterface, type="messages", api_name="talk"),
        )
        message = gr.Textbox(label="Message")
        history = gr.Chatbot(label="History", **MESSAGES)
        message.submit(reply, [message, history], [message, history], api_name="reply")

        counter = gr.State(0)
        gr.Button("count").click(count, counter, [counter, gr.Number(label="Calls")], api_name="count")
        words = gr.State([])
        inputs = [gr.Textbox(label="Word"), words, gr.Number(1, label="Times")]
        outputs = [gr.Textbox(label="Words"), words, gr.Number(label="How many")]
        gr.Button("remember").click(remember, inputs, outputs, api_name="remember")

        if hasattr(gr, "MultimodalTextbox"):
            several = options_of(gr.MultimodalTextbox, file_count="multiple")
            multimodal = gr.MultimodalTextbox(label="Message", **several)
            multimodal.submit(look, multimodal, gr.Textbox(label="Seen"), api_name="look")
    return demo


if __name__ == "__main__":
    serve(build)
