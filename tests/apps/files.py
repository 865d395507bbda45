"""Files in and out: images, audio, plain files, galleries, awkward names and remote addresses."""

import hashlib
import json
import tempfile
from pathlib import Path

import gradio as gr
from _serve import endpoint, options_of, serve

AWKWARD_NAME = "a #1%.txt"


def flip(image):
    """Turn an image upside down."""
    return image.transpose(1)


def pixels(image):
    """Say how large an image is; no image has no pixels."""
    return "none" if image is None else f"{image.width}x{image.height}"


def backwards(audio):
    """Play a sound backwards."""
    rate, samples = audio
    return rate, samples[::-1]


def shout(file):
    """Write the file's text in capitals into a new file."""
    return _write("shout.txt", _path(file).read_text().upper().encode())


def measure(file):
    """Give the size and the SHA-256 of a file."""
    digest = hashlib.sha256()
    with _path(file).open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return _path(file).stat().st_size, digest.hexdigest()


def join(files, separator):
    """Put the texts of several files one after the other."""
    return separator.join(_path(file).read_text() for file in files or [])


def split(text):
    """Write every word into a file of its own."""
    return [_write(f"{number}.txt", word.encode()) for number, word in enumerate(text.split())]


def hang(pictures):
    """Give a gallery back with its captions numbered."""
    return [(path, f"{number}: {caption}") for number, (path, caption) in enumerate(pictures)]


def awkward(text):
    """Write the text into a file whose name needs quoting."""
    return _write(AWKWARD_NAME, text.encode())


def produce(megabytes):
    """Write a file of so many megabytes of zeros."""
    path = Path(tempfile.mkdtemp()) / "zeros.bin"
    with path.open("wb") as file:
        file.truncate(int(megabytes) << 20)
    return str(path)


def remote(url):
    """Answer with an image that lies on another server and stays there."""
    return [url]  # only a gallery passes an address on; other components fetch it first


def either(file, image):
    """Take a file, an image, both or none; say what came."""
    return json.dumps([_path(file).name if file else None, bool(image)])


def _path(file):
    """3.50 gives an open file, later versions a str that has a name as well."""
    return Path(file.name)


def _write(name, content):
    path = Path(tempfile.mkdtemp()) / name
    path.write_bytes(content)
    return str(path)


def build():
    """All endpoints of this app."""
    png = options_of(gr.Image, format="png")
    with gr.Blocks(title="Files") as demo:
        picture = gr.Image(type="pil", label="Picture")
        file = gr.File(label="File")
        text = gr.Textbox(label="Text")

        endpoint(flip, picture, gr.Image(label="Flipped", **png))
        endpoint(pixels, picture, gr.Textbox(label="Size"))
        endpoint(backwards, gr.Audio(label="Sound"), gr.Audio(label="Backwards"))
        endpoint(shout, file, gr.File(label="Capitals"))
        endpoint(measure, file, [gr.Number(label="Bytes", precision=0), gr.Textbox(label="SHA-256")])
        endpoint(join, [gr.File(file_count="multiple", label="Parts"), text], gr.Textbox(label="Whole"))
        endpoint(split, text, gr.File(file_count="multiple", label="Words"))
        gallery = gr.Gallery(label="Pictures", **options_of(gr.Gallery, interactive=True, type="filepath"))
        endpoint(hang, gallery, gr.Gallery(label="Wall"))
        endpoint(awkward, text, gr.File(label="Awkward"))
        endpoint(produce, gr.Number(label="Megabytes", value=1), gr.File(label="Zeros"))
        endpoint(remote, text, gr.Gallery(label="Remote"))
        endpoint(either, [file, gr.Image(label="Image", type="filepath")], gr.Textbox(label="Came"))
    return demo


if __name__ == "__main__":
    serve(build)
