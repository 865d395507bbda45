"""The two shells behind one face, and endpoints written down without a generator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from typing import Any

import pytest
from spacegen_runtime import Call, Endpoint, Space, endpoint
from support.servers import GradioServer, Servers

PROTOCOLS = {"3.50.2": "ws", "4.0.2": "sse", "4.20.0": "sse_v2"}


def space_at(url: str, version: str = "6.31.0", **more: Any) -> Space:
    """A Space as a package for this Gradio version would describe it."""
    prefix = "" if version < "5" else "/gradio_api"
    return Space(more.pop("id", "app"), url=url, prefix=prefix, protocol=PROTOCOLS.get(version, "sse_v3"), **more)


def function(space: Space, name: str | int, returns: Any = str, **more: Any) -> Endpoint[..., Any]:
    """An endpoint whose parameters are called a, b, c, ... by the server."""

    def call(*values: Any) -> Call[Any]:
        return space.call(name, dict(zip("abcdefgh", values, strict=False)), **more)

    call.__annotations__["return"] = Call[returns]
    return endpoint(call)


def needs(first: str, version: str, why: str) -> None:
    """Skip a test on a Gradio before `first`."""
    if [int(part) for part in version.split(".")] < [int(part) for part in first.split(".")]:
        pytest.skip(f"before {first}: {why}")


class SyncShell:
    name = "sync"

    def call(self, target: Endpoint[..., Any], *values: Any) -> Any:
        return target(*values)

    def stream(self, target: Endpoint[..., Any], *values: Any, leave_after: int | None = None) -> list[Any]:
        seen: list[Any] = []
        with closing(target.stream(*values)) as steps:
            for step in steps:
                seen.append(step)
                if len(seen) == leave_after:
                    break
        return seen

    def job(self, target: Endpoint[..., Any], *values: Any, then: Callable[[Any], None] | None = None) -> Any:
        job = target.submit(*values)
        outcome = list(job), job.result()
        if then:
            then(job)
        return outcome

    def map(self, target: Endpoint[..., Any], *values: Any, **more: Any) -> list[Any]:
        return list(target.map(*values, **more))

    def read(self, file: Any) -> bytes:
        return bytes(file.read())

    def save(self, file: Any, to: Any) -> Any:
        return file.save(to)

    def open(self, file: Any) -> Any:
        return file.open()


class AsyncShell:
    name = "async"

    def call(self, target: Endpoint[..., Any], *values: Any) -> Any:
        return asyncio.run(target.aio(*values))

    def stream(self, target: Endpoint[..., Any], *values: Any, leave_after: int | None = None) -> list[Any]:
        async def collect() -> list[Any]:
            seen: list[Any] = []
            async with aclosing(target.astream(*values)) as steps:
                async for step in steps:
                    seen.append(step)
                    if len(seen) == leave_after:
                        break
            return seen

        return asyncio.run(collect())

    def job(self, target: Endpoint[..., Any], *values: Any, then: Callable[[Any], None] | None = None) -> Any:
        async def collect() -> Any:
            job = await target.asubmit(*values)
            outcome = [step async for step in job], await job
            if then:
                then(job)
            return outcome

        return asyncio.run(collect())

    def map(self, target: Endpoint[..., Any], *values: Any, **more: Any) -> list[Any]:
        async def collect() -> list[Any]:
            return [result async for result in target.amap(*values, **more)]

        return asyncio.run(collect())

    def read(self, file: Any) -> bytes:
        return bytes(asyncio.run(file.aread()))

    def save(self, file: Any, to: Any) -> Any:
        return asyncio.run(file.asave(to))

    def open(self, file: Any) -> Any:
        return asyncio.run(file.aopen())


Shell = SyncShell | AsyncShell


@pytest.fixture(params=[SyncShell, AsyncShell], ids=["sync", "async"])
def shell(request: pytest.FixtureRequest) -> Shell:
    made: Shell = request.param()
    return made


@pytest.fixture
def make() -> Callable[..., Endpoint[..., Any]]:
    """`function`, for tests."""
    return function


@pytest.fixture
def at() -> Callable[..., Space]:
    """`space_at`, for tests."""
    return space_at


class App:
    """A running app and its endpoints."""

    def __init__(self, server: GradioServer, version: str) -> None:
        self.server = server
        self.space = space_at(server.url, version)

    def __call__(self, name: str | int, returns: Any = str, **more: Any) -> Endpoint[..., Any]:
        return function(self.space, name, returns, **more)


@pytest.fixture
def app(server: Servers, gradio_version: str) -> Iterator[Callable[[str], App]]:
    """Call it with the name of an app: it runs under each Gradio version of the run, and sleeps between tests."""
    yield lambda name: App(server(name, version=gradio_version), gradio_version)
    server.pause()


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No token of the machine that runs the tests gets anywhere."""
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
