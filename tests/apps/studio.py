"""What most programs call through gradio_client: pictures from words, voices, try-ons, all made up here."""

import tempfile
from pathlib import Path

import gradio as gr
from _serve import endpoint, serve
from PIL import Image


def _picture(seed, width, height):
    path = Path(tempfile.mkdtemp()) / "image.png"
    Image.new("RGB", (int(width), int(height)), (int(seed) % 256, 0, 0)).save(path)
    return str(path)


def infer(prompt, seed, randomize_seed, width, height):
    """Draw a picture."""
    return _picture(seed + len(prompt), width, height), seed


def speak(text, voice, speed):
    """Say a text, and how it was said."""
    path = Path(tempfile.mkdtemp()) / "speech.txt"
    path.write_text(f"{voice} x{speed:g}: {text}")
    return f"{len(text)} letters", str(path)


def tryon(person, garment, description):
    """Put a garment on a person."""
    return _picture(len(description), 3, 2), _picture(0, 2, 3)


def caption(image):
    """Say what is in a picture."""
    return "nothing" if image is None else f"{image.width} by {image.height}"


def variations(prompt, count):
    """Draw several pictures."""
    return [(_picture(number, 2, 2), f"{prompt} {number}") for number in range(int(count))]


def classify(text):
    """Sort a text."""
    return {"long": 0.75, "short": 0.25} if len(text) > 5 else {"short": 1.0}


def maybe(prompt):
    """Draw a picture, unless there is nothing to draw."""
    return (_picture(1, 2, 2) if prompt else None), prompt


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Studio") as demo:
        prompt = gr.Textbox(label="Prompt")
        seed = gr.Slider(0, 1000, value=0, step=1, label="Seed")
        randomize = gr.Checkbox(value=False, label="Randomize seed")
        width = gr.Slider(1, 64, value=8, step=1, label="Width")
        height = gr.Slider(1, 64, value=8, step=1, label="Height")
        drawn = [gr.Image(label="Result", format="png"), gr.Slider(0, 1000, label="Seed")]
        endpoint(infer, [prompt, seed, randomize, width, height], drawn)
        voice = gr.Dropdown(["ann", "bob"], value="ann", label="Voice")
        speed = gr.Slider(0.5, 2, value=1, label="Speed")
        endpoint(speak, [prompt, voice, speed], [gr.Textbox(label="Log"), gr.File(label="Speech")])
        person = gr.ImageEditor(type="pil", label="Person")
        garment = gr.Image(type="filepath", label="Garment")
        worn = [gr.Image(label="Worn", format="png"), gr.Image(label="Mask", format="png")]
        endpoint(tryon, [person, garment, prompt], worn)
        endpoint(caption, gr.Image(type="pil", label="Image"), gr.Textbox(label="Caption"))
        gallery = gr.Gallery(label="Variations", format="png")
        endpoint(variations, [prompt, gr.Number(value=2, label="Count")], gallery)
        endpoint(classify, prompt, gr.Label(label="Class"))
        endpoint(maybe, prompt, [gr.Image(label="Picture", format="png"), gr.Textbox(label="Said")])
    return demo


if __name__ == "__main__":
    serve(build)
