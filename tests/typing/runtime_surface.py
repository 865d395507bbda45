"""The surface that users type, as type checkers see it. Never executed."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import IO, Any, NamedTuple

from fastapi import UploadFile
from numpy.typing import NDArray
from PIL import Image
from spacegen_runtime import (
    AsyncJob,
    Call,
    Detail,
    Endpoint,
    FileData,
    FileInput,
    Job,
    Log,
    Outcome,
    Space,
    Status,
    Timeouts,
    endpoint,
)
from typing_extensions import assert_type

space = Space(
    "ada/app", url="https://ada-app.hf.space", prefix="/gradio_api", protocol="sse_v3", package=__package__
)


class Greeting(NamedTuple):
    text: str
    celsius: float


@endpoint
def greet(name: str, *, excited: bool = False, image: FileInput | None = None) -> Call[Greeting]:
    """Greet a person."""
    return space.call("/greet", {"name": name, "excited": excited, "image": image})


@endpoint
def picture(prompt: str) -> Call[FileData]:
    """Paint."""
    return space.call("/picture", {"prompt": prompt})


@endpoint
def order(*, size: str = "small", count: int = 1) -> Call[str]:
    """Order."""
    return space.call("/order", {"size": size, "count": count})


def blocking() -> None:
    assert_type(greet("Ada"), Greeting)
    assert_type(greet("Ada", excited=True, image=Path("a.png")).celsius, float)
    assert_type(greet.stream("Ada"), Generator[Greeting, None, None])
    assert_type(greet.submit("Ada"), Job[Greeting])
    assert_type(greet.submit("Ada").result(3), Greeting)
    assert_type(greet.submit("Ada").status(), Status)
    assert_type(list(greet.submit("Ada")), list[Greeting])
    assert_type(greet.map(["Ada"]), Generator[Greeting, None, None])
    assert_type(greet.map(["Ada"], excited=True, image=None), Generator[Greeting, None, None])
    assert_type(greet.rows(concurrency=2, checkpoint="a.jsonl").map(["Ada"]), Generator[Greeting, None, None])
    for outcome in greet.rows(concurrency=(1, 8), max_failures=3).outcomes(["Ada"], excited=True):
        assert_type(outcome, Outcome[Greeting])
        assert_type(outcome.result, Greeting)
        assert_type(outcome.error, Exception | None)
    assert_type(order.records().map([{"size": "small"}], count=2), Generator[str, None, None])
    assert_type(greet.with_options(timeout=3, token="hf")("Ada"), Greeting)
    assert_type(greet.with_options(timeout=Timeouts(queue=3)).api_name, str | int)
    assert_type(picture("cat").save("."), Path)
    with space.session():
        greet("Ada")
    space.configure(base_url="http://127.0.0.1", token=False, timeout=30)


async def asynchronous() -> None:
    assert_type(await greet.aio("Ada"), Greeting)
    assert_type(greet.astream("Ada"), AsyncGenerator[Greeting, None])
    assert_type(await greet.asubmit("Ada"), AsyncJob[Greeting])
    assert_type(await (await greet.asubmit("Ada")), Greeting)
    assert_type([item async for item in greet.amap(["Ada"])], list[Greeting])
    async for outcome in greet.rows(ordered=False).aoutcomes(["Ada"]):
        assert_type(outcome.result, Greeting)
    async with space.session():
        await greet.aio("Ada")


def objects(image: Image.Image, array: NDArray[Any]) -> None:
    greet("Ada", image=image)
    greet("Ada", image=array)
    greet("Ada", image=(8000, array))
    assert_type(picture("cat").image(), Image.Image)
    assert_type(picture("cat").array(), NDArray[Any])
    assert_type(picture("cat").sound(), tuple[int, NDArray[Any]])
    assert_type(picture("cat").save(), Path)


def opened(archive: zipfile.ZipFile, either: IO[bytes], upload: UploadFile) -> None:
    """All that can be read for bytes is a file, whether or not type checkers call it a `BinaryIO`."""
    with archive.open("a.png") as packed, gzip.open("a.png.gz") as zipped, Path("a.png").open("rb") as plain:
        greet("Ada", image=packed)
        greet("Ada", image=zipped)
        greet("Ada", image=plain)
        FileData.of(zipped)
    with tempfile.NamedTemporaryFile() as named, tempfile.SpooledTemporaryFile() as spooled:
        greet("Ada", image=named)
        greet("Ada", image=spooled)
    greet("Ada", image=either)
    greet("Ada", image=upload)
    greet("Ada", image=io.BytesIO())
    greet("Ada", image=bytearray(b"a"))
    greet("Ada", image=memoryview(b"a"))


def told(status: list[Status], logs: list[Log]) -> None:
    watched = greet.with_options(on_progress=status.append, on_log=logs.append, progress=True)
    assert_type(watched.detail("Ada"), Detail[Greeting])
    assert_type(watched.detail("Ada").value, Greeting)
    assert_type(watched.detail("Ada").times.queued, float)


async def told_later() -> None:
    assert_type(await greet.adetail("Ada"), Detail[Greeting])


def elsewhere() -> None:
    assert_type(greet.with_options(base_url="http://127.0.0.1:1")("Ada"), Greeting)
    assert_type(greet.at(space.copy(source="ada/copy"))("Ada"), Greeting)


def mistakes() -> None:
    greet("Ada", image=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a number is no file
    greet("Ada", image=io.StringIO())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # text
    greet.detail()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # the name is missing
    greet.with_options(on_log=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # no function
    greet()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # the name is missing
    greet(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a name is text
    greet.submit("Ada", loud=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # no such parameter
    greet.stream(name=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a name is text


def wrong_rows() -> None:
    greet.map(["Ada"], loud=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # no such parameter
    greet.map(["Ada"], excited=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a flag
    greet.map([3])  # pyright: ignore[reportArgumentType] # mypy takes whatever has a type in common
    greet.rows(concurency=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # no such option


def whatever(given: Endpoint[[str], Any]) -> None:
    given("x")


def undone() -> None:
    space.configure(
        source=None,
        base_url=None,
        token=None,
        auth=None,
        headers=None,
        timeout=None,
        retries=None,
        http_client=None,
    )
    space.configure("ada/copy", client_options={"verify": False}, on_stage=print)
    space.configure(None)
    assert_type(greet.with_options(timeout=None, auth=None)("Ada"), Greeting)
    greet.with_options(retries="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a number
    greet.with_options(time=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # no such option
    space.configure(timeouts=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] # no such option
