"""The two shells behind one face, and endpoints written down without a generator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, aclosing, closing
from typing import Any

import httpx
import pytest
from spacegen_runtime import Call, Endpoint, Space, endpoint
from support.servers import GradioServer, Servers

PROTOCOLS = {
    "3.50.2": "ws",
    "4.0.2": "sse",
    "4.9.1": "sse_v1",
    "4.13.0": "sse_v1",
    "4.19.2": "sse_v2",
    "4.20.0": "sse_v2",
}


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


# Where the fake differs from a real server, and why.
_UNLOAD = "the app's own `unload` and `gr.Request` live in Gradio's server"
NOT_FAKED: dict[str, str] = {
    "test_visitors_reach_the_app": "what an app does with its headers is in its own code",
    "test_validators": "nothing that a Space publishes tells of its validators",
    "test_streaming_from_a_camera": "a camera streams for as long as its page sends, and a fake has no page",
    "test_a_live_stream_is_a_file_too": "a fake keeps files, no playlists that grow",
    "test_the_url_of_a_file_is_its_own": "the test fetches it without the runtime, over a network",
    "test_urls_near_this_machine_are_fetched_here": "the test serves a file over a network",
    "test_a_notebook_shows_what_can_be_seen_or_heard": "Gradio's own components leave a file open in this process",
    "test_a_stop_button_does_not_wait_for_what_it_stops": "nothing that a package keeps tells of `cancels`",
    **dict.fromkeys(
        (
            "test_the_end_of_a_session_is_told",
            "test_calls_are_strangers_to_each_other",
            "test_a_session_that_is_kept_ends_when_it_is_told_to",
            "test_a_session_in_an_event_loop_ends_too",
            "test_a_job_holds_its_session_until_it_ends",
            "test_a_call_with_state_ends_its_session_unless_it_brings_files",
        ),
        _UNLOAD,
    ),
}


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
        return list(target.rows(**more).map(*values))

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
            return [result async for result in target.rows(**more).amap(*values)]

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

    def config(self) -> Any:
        """What it says of itself."""
        return httpx.get(self.server.url + "/config").json()


class FakeApp(App):
    """An app behind the fake server of `spacegen_runtime.testing`, and its endpoints."""

    def __init__(self, name: str, version: str, stack: ExitStack) -> None:
        from support.stand_in import BASE, StandIn

        if name == "files" and version.startswith("3."):
            pytest.skip("the components of the fake are today's, and files of Gradio 3 look otherwise")
        self.space = space_at(BASE, version)
        prefix, protocol = "" if version < "5" else "/gradio_api", PROTOCOLS.get(version, "sse_v3")
        stand_in = StandIn(name, version, prefix, protocol)
        stack.enter_context(self.space.standing_in(lambda _: stand_in.server))
        self.offer = stand_in.offer

    def config(self) -> Any:
        """What it says of itself."""
        from spacegen_runtime.testing._documents import config

        return config(self.offer, "")


@pytest.fixture(params=["real", "fake"])
def app(server: Servers, gradio_version: str, request: pytest.FixtureRequest) -> Iterator[Callable[[str], App]]:
    """Call it with the name of an app: it runs under each Gradio version of the run, and sleeps between tests.

    Then the same tests run once more, over the fake server that speaks as that version does.
    """
    if request.param == "real":
        yield lambda name: App(server(name, version=gradio_version), gradio_version)
        server.pause()
        return
    reason = NOT_FAKED.get(request.node.originalname)
    if reason is not None:
        pytest.skip(reason)
    with ExitStack() as stack:
        yield lambda name: FakeApp(name, gradio_version, stack)


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No token of the machine that runs the tests gets anywhere."""
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
