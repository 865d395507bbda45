"""Results that come in steps, take long, report progress or write down that they ran.

Where a parameter is called `mark`, it is the path of a file to which the function adds a line for each thing
that happens to it: `start`, `step N`, `stopped`, `end`. Tests read there what the server really did.
"""

import asyncio
import contextlib
import time
from pathlib import Path

import gradio as gr
from _serve import VERSION, endpoint, options_of, serve


def note(mark, line):
    if mark:
        with Path(mark).open("a") as file:
            file.write(line + "\n")


@contextlib.contextmanager
def noted(mark):
    note(mark, "start")
    try:
        yield
    except BaseException:  # GeneratorExit and CancelledError: the server gave the job up
        note(mark, "stopped")
        raise
    note(mark, "end")


def story(start):
    """Tell a story word by word."""
    words = [start, "upon", "a", "time"]
    for length in range(1, len(words) + 1):
        yield " ".join(words[:length])


async def story_async(start):
    """Tell a story word by word, without a thread."""
    for part in story(start):
        await asyncio.sleep(0)
        yield part


def count(steps):
    """Count up to a number, one step each."""
    yield from range(int(steps))


def countdown(steps):
    """Give a list that gets shorter, and how long it is."""
    for left in range(int(steps), -1, -1):
        yield {"left": list(range(left))}, left


def slow(steps, seconds, mark):
    """Take so many steps of so many seconds each."""
    with noted(mark):
        for number in range(int(steps)):
            time.sleep(seconds)
            note(mark, f"step {number}")
            yield number


async def slow_async(steps, seconds, mark):
    """Take so many steps of so many seconds each, without a thread."""
    with noted(mark):
        for number in range(int(steps)):
            await asyncio.sleep(seconds)
            note(mark, f"step {number}")
            yield number


def sleep(seconds, mark):
    """Sleep, then say for how long."""
    with noted(mark):
        time.sleep(seconds)
    return f"slept {seconds}"


async def sleep_async(seconds, mark):
    """Sleep without a thread, then say for how long."""
    with noted(mark):
        await asyncio.sleep(seconds)
    return f"slept {seconds}"


def alone(seconds, mark):
    """Sleep while every other call of this endpoint waits."""
    return sleep(seconds, mark)


def progress(steps, progress=gr.Progress()):  # noqa: B008 - how Gradio wants it
    """Report every step."""
    progress(0, desc="Starting")
    for number in range(int(steps)):
        progress((number + 1, int(steps)), desc=f"Step {number + 1}", unit="steps")
        time.sleep(0.15)  # the server looks for progress every 50 ms and drops what came in between
    return f"{int(steps)} steps"


def log(text):
    """Say something to the side before answering."""
    gr.Info(f"about {text}")
    gr.Warning(f"careful with {text}")
    return text


def batched(words):
    """Answer several calls at once."""
    return [[word.upper() for word in words]]


def separators(text):
    """Put characters around the text that some readers take for line ends."""
    return f"\u2028{text}\u2029\x85\x0b\x0c\x1c\r\n\0\U0001f600"


def nothing_is_a_number():
    """Give numbers that JSON does not know."""
    return {"nan": float("nan"), "infinity": float("inf")}


def large(kilobytes):
    """Give a text of so many kilobytes."""
    return "0123456789abcdef" * (int(kilobytes) * 64)


def frame(image):
    """Answer every frame of a running camera."""
    return image


def live(chunks):
    """Play a sound while it is made."""
    for number in range(int(chunks)):
        yield f"chunk {number};".encode()


async def _as_it_is(self, value, output_id, first_chunk):
    """Send a chunk on as it is; Gradio 5 and later encode it, for which they want ffmpeg."""
    where = {"path": output_id, "is_stream": True, "orig_name": "sound.mp3", "meta": {"_type": "gradio.FileData"}}
    return value and {"data": value, "duration": 1.0, "extension": ".aac"}, where


if VERSION >= (5, 0):
    gr.Audio.stream_output = _as_it_is


def build():
    """All endpoints of this app."""
    with gr.Blocks(title="Streaming") as demo:
        start = gr.Textbox(label="Start", value="Once")
        steps = gr.Number(label="Steps", value=3, precision=0)
        seconds = gr.Number(label="Seconds", value=0.1)
        mark = gr.Textbox(label="Mark", value="")

        one, many = {"concurrency_limit": 1}, {"concurrency_limit": 20}
        endpoint(story, start, gr.Textbox(label="Story"))
        endpoint(story_async, start, gr.Textbox(label="Story"))
        endpoint(count, steps, gr.Number(label="Number", precision=0), **many)
        endpoint(countdown, steps, [gr.JSON(label="List"), gr.Number(label="Left")])
        endpoint(slow, [steps, seconds, mark], gr.Number(label="Step"), **many)
        endpoint(slow_async, [steps, seconds, mark], gr.Number(label="Step"), **many)
        endpoint(sleep, [seconds, mark], gr.Textbox(label="Slept"), **many)
        endpoint(sleep_async, [seconds, mark], gr.Textbox(label="Slept"), **many)
        endpoint(alone, [seconds, mark], gr.Textbox(label="Slept"), **one)
        endpoint(progress, steps, gr.Textbox(label="Done"))
        endpoint(log, start, gr.Textbox(label="Said"))
        endpoint(batched, start, gr.Textbox(label="Capitals"), batch=True, max_batch_size=4)
        endpoint(separators, start, gr.Textbox(label="Odd"))
        endpoint(nothing_is_a_number, None, gr.JSON(label="Numbers"))
        endpoint(large, gr.Number(label="Kilobytes", value=1), gr.Textbox(label="Text"))
        if VERSION >= (4, 20):  # 3.50 names its sources otherwise, and 4.0 refuses every one of them
            _camera()
            sound = gr.Audio(label="Sound", streaming=True, **options_of(gr.Audio, autoplay=True))
            endpoint(live, steps, sound)
    return demo


def _camera():
    camera = gr.Image(label="Camera", sources=["webcam"], streaming=True, type="filepath")
    options = options_of(camera.stream, time_limit=2, stream_every=0.1)
    camera.stream(frame, camera, gr.Image(label="Seen"), api_name="frame", **options)


if __name__ == "__main__":
    serve(build)
