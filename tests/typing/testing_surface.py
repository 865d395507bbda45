"""What tests of users type, as type checkers see it. Never executed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import text_app
from files_app import pixels
from spacegen_runtime import FileData
from spacegen_runtime.errors import QueueFull
from spacegen_runtime.testing import FakeSpace, allow_real, fake_space
from text_app import GreetResult, add, echo, greet, hello, order
from typing_extensions import assert_type


def answers(fake: FakeSpace) -> None:
    fake.on(echo).returns("Bonjour")
    fake.on(greet).returns(GreetResult("Hello", 41))
    fake.on(echo).yields("a", "ab").logs("hi").progress(0.5)
    fake.on(hello).raises(QueueFull("busy")).then.raises(QueueFull).then.returns("hi")
    fake.on(order).does(lambda size, count=1, extras=(): f"{count} x {size} {extras}")
    fake.on(echo).does(lambda text: text.upper())
    fake.on(echo).does(coroutine)
    fake.on(echo).does(generator)
    fake.on(echo).does(agenerator)
    fake.on(add.with_options(timeout=3)).returns(1.5)
    assert_type(fake.calls(echo), list[dict[str, Any]])


async def coroutine(text: str) -> str:
    return text


def generator(text: str) -> Iterator[str]:
    yield text


async def agenerator(text: str) -> AsyncIterator[str]:
    yield text


def measured(image: FileData | None) -> str:
    return "none" if image is None else str(len(image.read()))


async def measured_later(image: FileData | None) -> str:
    return measured(image)


def measured_in_steps(image: FileData | None) -> Iterator[str]:
    yield measured(image)


def files(fake: FakeSpace) -> None:
    """Who gets a file says so: `FileInput` is what callers may give, and cannot be read."""
    fake.on(pixels).does(measured).logs("hi")
    fake.on(pixels).does(measured_later)
    fake.on(pixels).does(measured_in_steps)
    fake.on(echo).does(other)  # so arguments go unchecked: no type says which of them become files


def size(image: FileData | None) -> int:
    return 0 if image is None else len(image.read())


async def size_later(image: FileData | None) -> int:
    return size(image)


def blocks() -> None:
    with fake_space(text_app) as fake, allow_real(text_app):
        assert_type(fake, FakeSpace)


def number(text: str) -> int:
    return len(text)


def other(word: int) -> str:
    return str(word)


def mistakes(fake: FakeSpace) -> None:
    fake.on(echo).returns(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a text is promised
    fake.on(greet).returns("Hello")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # two values are
    fake.on(echo).yields("a", 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # a text is promised
    fake.on(echo).does(number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue] # a text is promised
    fake.on(pixels).does(size)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue] # a text is promised
    fake.on(pixels).does(size_later)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue] # a text is
    fake.on(echo).raises(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # no error
    fake.on("echo")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # not an endpoint
    fake_space(text_app, default="none")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] # no such
