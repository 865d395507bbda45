"""What type checkers make of generated packages; checked by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from chat_app import remember, talk
from files_app import join, measure, split
from files_app.endpoints import MeasureResult
from kitchen_app import DataframeData, everything, picture, sound, table
from numpy.typing import NDArray
from pandas import DataFrame  # pyright: ignore[reportMissingTypeStubs] # its own code says its types
from PIL import Image
from spacegen_runtime import FileData
from streaming_app import story
from text_app import GreetResult, SwapResult, add, forget, greet, hello, order, space, swap
from typing_extensions import assert_type


def results_are_what_the_space_promises() -> None:
    assert_type(greet("Ann"), GreetResult)
    assert_type(greet("Ann", excited=True, celsius=5).fahrenheit, float)
    assert_type(swap("a"), SwapResult)
    assert_type(add(1), float)
    assert_type(hello(), str)
    assert_type(split("a b"), list[FileData])
    assert_type(measure(Path("a.txt")), MeasureResult)
    assert_type(talk("Hello"), Any)


async def every_mode_has_the_same_signature() -> None:
    assert_type(await greet.aio("Ann", excited=True), GreetResult)
    assert_type(greet.submit("Ann").result(), GreetResult)
    assert_type(await (await greet.asubmit("Ann")).result(), GreetResult)
    for part in story.stream("Once"):
        assert_type(part, str)
    async for part in story.astream("Once"):
        assert_type(part, str)
    for answer in add.map([1, 2], b=2):
        assert_type(answer, float)
    assert_type(greet.with_options(timeout=5)("Ann"), GreetResult)


def files_go_in_as_whatever_is_at_hand(stream: Any) -> None:
    join(["a.txt", Path("b.txt"), b"bytes", "https://example.org/c.txt", *split("a b")], ", ")
    measure(None)


def objects_go_in_where_their_component_takes_them(
    frame: DataFrame, image: Image.Image, array: NDArray[Any]
) -> None:
    assert_type(table(frame), DataframeData)
    table.submit({"headers": ["a"], "data": [[1]]})
    list(table.map([frame, DataframeData(headers=["a"], data=[[1]])]))
    picture(image)
    picture.stream(array)
    sound((8000, array))


def what_starts_blank_may_be_left_out_behind_a_default() -> None:
    everything(text="words", drawing=None)
    everything(text="words", drawing=None, picture=None, number=None, date="2026-01-02")
    picture(None)


def choices_are_literals(size: Literal["small", "large"], extras: Sequence[Literal["milk", "sugar"]]) -> None:
    order(size, count=2, extras=extras)


def sessions() -> None:
    with space.session():
        remember("x")


def wrong_arguments_are_errors(size: str) -> None:
    greet()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    greet(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    greet("Ann", True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    greet("Ann", loud=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    greet.submit(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    greet.stream("Ann", True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    order(size)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    order("small", count=4)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    table(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    table(b"a,b")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    picture()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    everything(text="words")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    picture(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    forget("x").strip()  # type: ignore[attr-defined]  # pyright: ignore
