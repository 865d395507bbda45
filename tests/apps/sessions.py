"""What an app keeps for a visitor: by session hash, in gr.State, and in components that it changes."""

import tempfile
import time
from pathlib import Path

import gradio as gr
from _serve import VERSION, endpoint, serve

TOWNS = {"France": ["Paris", "Lyon"], "Italy": ["Rome", "Turin"]}
NOTES: dict[str, list[str]] = {}
ENDED: list[str] = []


def visitor(request: gr.Request):
    """Give the session hash."""
    return request.session_hash


def note(text, request: gr.Request):
    """Take a note and give all of the visitor's."""
    NOTES.setdefault(request.session_hash, []).append(text)
    return " | ".join(NOTES[request.session_hash])


def towns(country):
    """Refill another component."""
    return country, gr.update(choices=TOWNS[country], value=TOWNS[country][0])


def towns_meanwhile(country):
    """Refill another component on the way to a result without any update."""
    yield country, gr.update(choices=TOWNS[country], value=TOWNS[country][0])
    yield country, TOWNS[country][0]


def trip(town):
    """Say where to go."""
    return f"to {town}"


def refuse(text):
    """Refuse."""
    raise gr.Error(text)


def drawing(text, request: gr.Request):
    """Write a file that belongs to the visitor."""
    path = Path(tempfile.gettempdir()) / f"{request.session_hash}.txt"
    path.write_text(text)
    return str(path)


def begin(steps, state):
    """Count as long as nobody stops it."""
    state["runs"] = True
    for number in range(int(steps)):
        if not state["runs"]:
            yield "stopped", state
            return
        time.sleep(0.05)
        yield str(number), state


def stop(state):
    """Stop what this visitor has begun."""
    state["runs"] = False
    return "stops", state


def keep(text, state):
    """Keep a text in the state of the session."""
    return text, {**state, "kept": text}


def ended():
    """Say which sessions have ended so far."""
    return "\n".join(ENDED)


def leave(request: gr.Request):
    """The page of a visitor was closed."""
    ENDED.append(request.session_hash)


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Sessions") as demo:
        text, said = gr.Textbox(label="Text"), gr.Textbox(label="Said")
        endpoint(visitor, None, said)
        endpoint(note, text, said)
        country = gr.Radio(list(TOWNS), value="France", label="Country")
        town = gr.Dropdown(TOWNS["France"], value="Paris", label="Town")
        endpoint(towns, country, [said, town])
        endpoint(towns_meanwhile, country, [said, town])
        endpoint(trip, town, said)
        endpoint(refuse, text, said)
        endpoint(drawing, text, gr.File(label="Drawing"))
        steps = gr.Number(label="Steps", value=3, precision=0)
        state = gr.State({"runs": False})
        endpoint(begin, [steps, state], [said, state])
        endpoint(stop, state, [said, state])
        endpoint(stop, state, [said, state], api_name="stop_at_once", queue=False)
        endpoint(keep, [text, state], [said, state])
        endpoint(ended, None, said)
        if VERSION >= (4, 44):
            demo.unload(leave)
    return demo


if __name__ == "__main__":
    serve(build)
