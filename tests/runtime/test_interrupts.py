"""A call that is cancelled or interrupted, at whatever step: so it ends, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from itertools import count
from linecache import getline
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from runtime.conftest import function, space_at
from spacegen_runtime import Endpoint, FileData
from spacegen_runtime.calls import flow
from spacegen_runtime.protocol import first, line, session
from spacegen_runtime.shells import blocking, clients

FILE = {"path": "/a.txt", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
CONFIG = {"protocol": "sse_v3", "api_prefix": "/gradio_api", "dependencies": [{"id": 0, "api_name": "do"}]}
MESSAGES = (
    {"msg": "process_starts"},
    {"msg": "process_generating", "success": True, "output": {"data": [FILE]}},
    {"msg": "process_completed", "success": True, "output": {"data": [FILE]}},
)


class Body(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body that comes in pieces; between them, and when it is closed, asyncio may turn to something else."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(0)
            yield piece

    async def aclose(self) -> None:
        await asyncio.sleep(0)


class Answers(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """A Space in this process that answers every request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """For the blocking shell."""
        path = request.url.path
        if path.endswith("/queue/data"):
            said = [f"data: {json.dumps({'event_id': 'e', **one})}\n\n".encode() for one in MESSAGES]
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Body(said))
        if "/heartbeat/" in path:
            heartbeat = [b"data: ALIVE\n\n"] * 2
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Body(heartbeat))
        if path.endswith("/config"):
            return httpx.Response(200, json=CONFIG)
        if "/file=" in path:
            return httpx.Response(200, stream=Body([b"a", b"b"]))
        return httpx.Response(200, stream=Body([b'{"event_id": "e"}']))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """For the asyncio shell."""
        await asyncio.sleep(0)
        return self.handle_request(request)


@pytest.fixture
def do() -> Endpoint[..., Any]:
    space = space_at("http://127.0.0.1:9")
    space.configure(client_options={"transport": Answers(), "limits": httpx.Limits(max_connections=1)})
    return function(space, "/do", FileData)


async def called(do: Endpoint[..., Any]) -> Any:
    return await do.aio()


async def limited(do: Endpoint[..., Any]) -> Any:
    return await do.with_options(timeout=60).aio()


async def streamed(do: Endpoint[..., Any]) -> Any:
    async with aclosing(do.astream()) as steps:
        return [step async for step in steps][-1]


async def left_early(do: Endpoint[..., Any]) -> Any:
    async with aclosing(do.astream()) as steps:
        return await anext(steps)


async def awaited(do: Endpoint[..., Any]) -> Any:
    job = await do.asubmit()
    try:
        return await job
    except asyncio.CancelledError:
        job.cancel()  # which the cancel of whoever waits for it leaves alone
        raise


async def mapped(do: Endpoint[..., Any]) -> Any:
    async with aclosing(do.amap([1, 2])) as results:
        return [result async for result in results][-1]


async def in_a_session(do: Endpoint[..., Any]) -> Any:
    async with do._sample().space.session():
        await do.aio()
        return await do.aio()


async def fetched(do: Endpoint[..., Any]) -> Any:
    file = await do.aio()
    assert await file.aread() == b"ab"
    return file


WAYS: list[Callable[[Endpoint[..., Any]], Awaitable[Any]]] = [
    *(called, limited, streamed, left_early, awaited, mapped, in_a_session, fetched)
]


@pytest.mark.parametrize("way", WAYS)
def test_a_cancel_at_any_step_ends_the_task_and_leaves_nothing(
    do: Endpoint[..., Any], way: Callable[..., Awaitable[Any]]
) -> None:
    async def cancelled_after(steps: int) -> bool:
        """Cancel after so many turns of the event loop; False where it had ended by then."""
        task = asyncio.ensure_future(way(do))
        for _ in range(steps):
            await asyncio.sleep(0)
        if task.done():
            assert task.result().path == FILE["path"]
            return False
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), steps
        while asyncio.all_tasks() != {asyncio.current_task()}:
            await asyncio.sleep(0)
        return True

    async def main() -> int:
        await way(do)
        done = 0
        while await cancelled_after(done):
            done += 1
        assert (await way(do)).path == FILE["path"]  # there is one place only, and it is free
        return done

    assert asyncio.run(main()) > 5


FILES = frozenset(module.__file__ for module in (blocking, first, flow, line, session))
KEEPERS = frozenset({"_answer", "_events", "before", "call", "enter", "go", "leave", "release", "run"})


class Interrupt:
    """Ctrl-C in the code that keeps places: at the so-manyth line or beginning of a function.

    Not where Python lets no signal in: at a `try`, and between the block of a `with` and its end.
    """

    def __init__(self, at: int) -> None:
        self.left = at
        self.where = ""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code.co_filename not in FILES or code.co_name not in KEEPERS:
            return None
        word = getline(code.co_filename, frame.f_lineno).split()[0]
        if (event == "line" and word not in ("with", "try:")) or (event == "call" and word == "def"):
            self.left -= 1
            if self.left < 0 and not self.where:
                self.where = f"{Path(code.co_filename).name}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one that came in a finalizer
def test_ctrl_c_at_any_line_keeps_no_place(do: Endpoint[..., Any]) -> None:
    space = do._sample().space
    do()
    stuck: list[str] = []
    for at in count():
        kept, interrupt, before = space.session(), Interrupt(at), sys.gettrace()
        sys.settrace(interrupt)
        try:
            with kept:
                do()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        if not interrupt.where:
            break
        lines = (clients.shared_for(space.server).places, kept._state.line, kept._state.first._line)
        for one in lines:
            if one is not None and not one.is_empty():
                stuck.append(interrupt.where)
                one.forget()
    assert at > 50
    assert stuck == []
