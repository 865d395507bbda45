"""The app behind `spacegen demo`: small, real, and the same every time.

Run as a program, it serves on a free loopback port, prints its address as one line, and ends when its standard
input closes, so that it never outlives the command that started it.
"""

from __future__ import annotations

import csv
import os
import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TITLE = "spacegen demo"
_METRES = {"millimetre": 0.001, "metre": 1.0, "kilometre": 1000.0, "inch": 0.0254, "mile": 1609.344}
_STORY = (
    "Once upon a time, {hero} found a Space with no client.",
    "There was a form to fill in by hand, and the night was short.",
    "So {hero} typed one command, and the Space became a function.",
    "And every argument had a type, happily ever after.",
)


def slugify(title: str) -> str:
    """Turn a title into the last part of a web address."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def split_bill(total: float, people: float = 2, tip: float = 10) -> tuple[float, float]:
    """Split a restaurant bill: what each one pays, and the tip in it."""
    extra = round(total * tip / 100, 2)
    return round((total + extra) / people, 2), extra


def convert(length: float, unit: str, to: str) -> float:
    """Convert a length from one unit to another."""
    return round(length * _METRES[unit] / _METRES[to], 6)


def count_words(text: str) -> str:
    """Count the words of a text file; the answer is a CSV file."""
    words = Counter(re.findall(r"[^\W\d_]+", Path(text).read_text("utf-8", "replace").lower()))
    rows = sorted(words.items(), key=lambda row: (-row[1], row[0]))
    table = Path(tempfile.mkdtemp(dir=os.environ.get("GRADIO_TEMP_DIR"))) / "words.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("word", "count"))
        writer.writerows(rows)
    return str(table)


def tell_story(hero: str) -> Iterator[str]:
    """Tell a story, one word after the other."""
    told = ""
    for word in " ".join(_STORY).format(hero=hero).split():
        time.sleep(0.03)  # as a model would take its time
        told = f"{told} {word}".strip()
        yield told


def build() -> Any:
    """Return the app as a `gradio.Blocks`."""
    import gradio as gr

    units = list(_METRES)
    with gr.Blocks(title=TITLE, analytics_enabled=False) as app:
        gr.Markdown(f"# {TITLE}\nEvery tab is one function of the package `spacegen_demo`.")
        with gr.Tab("Slug"):
            title, slug = gr.Textbox(label="Title"), gr.Textbox(label="Slug")
            gr.Button("Slugify").click(slugify, title, slug, api_name="slugify")
        with gr.Tab("Bill"):
            bill = [
                gr.Number(label="Total"),
                gr.Slider(1, 12, value=2, step=1, label="People"),
                gr.Slider(0, 30, value=10, step=1, label="Tip in percent"),
            ]
            shares = [gr.Number(label="Each pays"), gr.Number(label="Tip")]
            gr.Button("Split").click(split_bill, bill, shares, api_name="split_bill")
        with gr.Tab("Length"):
            lengths = [
                gr.Number(label="Length"),
                gr.Radio(units, label="Unit", value="mile"),
                gr.Radio(units, label="To", value="kilometre"),
            ]
            gr.Button("Convert").click(convert, lengths, gr.Number(label="Converted"), api_name="convert")
        with gr.Tab("Words"):
            text, counts = gr.File(label="Text", file_types=["text"]), gr.File(label="Counts")
            gr.Button("Count").click(count_words, text, counts, api_name="count_words")
        with gr.Tab("Story"):
            hero, story = gr.Textbox(label="Hero"), gr.Textbox(label="Story", lines=4)
            gr.Button("Tell").click(tell_story, hero, story, api_name="tell_story")
    return app


def serve() -> None:
    """Serve until standard input closes."""
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", GRADIO_SSR_MODE="False")
    answer = sys.stdout
    sys.stdout = sys.stderr  # Gradio prints other lines; only the address is needed
    _, url, _ = build().launch(
        server_name="127.0.0.1", server_port=_free_port(), prevent_thread_lock=True, quiet=True, share=False
    )
    answer.write(f"{url.rstrip('/')}\n")
    answer.flush()
    sys.stdin.read()
    os._exit(0)  # Gradio's own threads would keep the process alive


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    serve()
