"""The fake server behind httpx: both shells of the runtime send their requests here instead of to a network."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from copy import copy
from typing import Any

import httpx

from ..shells.background import start
from ._acting import any_done, gathered, run_beside, run_on_loop
from ._wire import Answered, Asked, Body, Cut, Run, Serving, WaitForAny

Serve = Callable[[Asked], Serving]


class InProcess(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Carries requests to a server in this process, blocking and under asyncio."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, in a blocking way."""
        line = _FakeConnection(request)
        serving = self._serve(_asked(request, request.read()))
        answer: Any = None
        while True:
            try:
                answer = line.act(serving.send(answer))
            except StopIteration as end:
                return line.response(end.value)
            except Cut as cut:
                raise _broken(cut, request) from None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, under asyncio."""
        line = _AsyncFakeConnection(request)
        serving = self._serve(_asked(request, await request.aread()))
        answer: Any = None
        try:
            while True:
                answer = await line.act(serving.send(answer))
        except StopIteration as end:
            return line.response(end.value)
        except Cut as cut:
            raise _broken(cut, request) from None
        finally:
            serving.close()


def _asked(request: httpx.Request, body: bytes) -> Asked:
    return Asked.of(request.method, str(request.url), request.headers, body)


def _response(answered: Answered, stream: Any, **extensions: Any) -> httpx.Response:
    headers = [(name.encode(), value.encode()) for name, value in answered.headers]
    if isinstance(answered.body, bytes):
        return httpx.Response(answered.status, headers=headers, content=answered.body)
    return httpx.Response(answered.status, headers=headers, stream=stream, extensions=extensions)


def _limit(request: httpx.Request) -> float | None:
    limits: dict[str, float | None] = request.extensions.get("timeout", {})
    return limits.get("read")


def _broken(cut: Cut, request: httpx.Request) -> Exception:
    """What the runtime gets where a connection breaks."""
    if cut.how == "connect":
        kind = httpx.ConnectError if cut.late is None else httpx.ConnectTimeout
        return kind(str(cut), request=request)
    if cut.late is not None:
        return copy(cut.late)  # every call adds to its error what it knows
    return httpx.ReadError(str(cut), request=request)


class _FakeConnection:
    """A connection for one request. The runtime takes it for a socket, and shuts it where a limit passes."""

    def __init__(self, request: httpx.Request) -> None:
        self.request = request
        self._limit = _limit(request)
        self._shut = False
        self._woken = threading.Event()

    def act(self, action: Run | WaitForAny) -> Any:
        """Do what the server asks for."""
        if isinstance(action, Run):
            return start(action.function()) if action.awaited else run_beside(action.function)
        return self.wait(action)

    def wait(self, wait: WaitForAny) -> bool:
        """Wait; a line that was shut, or a read limit that passed, is an error."""
        self._woken.clear()
        for future in wait.futures:
            future.add_done_callback(lambda _: self._woken.set())
        deadline = None if wait.seconds is None else time.monotonic() + wait.seconds
        limit = None if self._limit is None else time.monotonic() + self._limit
        while not any(future.done() for future in wait.futures):
            if self._shut:
                raise httpx.ReadError("the connection was shut", request=self.request)
            ends = min((at for at in (deadline, limit) if at is not None), default=None)
            left = None if ends is None else ends - time.monotonic()
            if left is not None and left <= 0:
                if ends == deadline:
                    return False
                raise httpx.ReadTimeout("timed out", request=self.request)
            self._woken.wait(left)
            self._woken.clear()
        return True

    def response(self, answered: Answered) -> httpx.Response:
        """The response, whose body comes as it is read."""
        stream = None if isinstance(answered.body, bytes) else _ResponseBody(self, answered.body)
        return _response(answered, stream, network_stream=self)

    def get_extra_info(self, name: str) -> Any:
        """What the runtime asks a connection for."""
        return self if name == "socket" else None

    def setsockopt(self, *_: Any) -> None:
        """Nothing here can be kept alive."""

    def shutdown(self, _: int = 0) -> None:
        """Wake the reader."""
        self._shut = True
        self._woken.set()


class _ResponseBody(httpx.SyncByteStream):
    def __init__(self, line: _FakeConnection, body: Body) -> None:
        self._line = line
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        answer: Any = None
        while True:
            chunk, action = gathered(self._body, answer)
            if chunk:
                yield chunk
            if action is None:
                return
            if isinstance(action, Cut):
                raise _broken(action, self._line.request)
            answer = self._line.act(action)

    def close(self) -> None:
        self._body.close()


class _AsyncFakeConnection:
    """A connection for one request under asyncio."""

    def __init__(self, request: httpx.Request) -> None:
        self.request = request
        self._limit = _limit(request)

    async def act(self, action: Run | WaitForAny) -> Any:
        """Do what the server asks for."""
        if isinstance(action, Run):
            return run_on_loop(action.function()) if action.awaited else run_beside(action.function)
        return await self.wait(action)

    async def wait(self, wait: WaitForAny) -> bool:
        """Wait; a read limit that passed is an error."""
        limited = self._limit is not None and (wait.seconds is None or self._limit < wait.seconds)
        if await any_done(wait.futures, self._limit if limited else wait.seconds):
            return True
        if limited:
            raise httpx.ReadTimeout("timed out", request=self.request)
        return False

    def response(self, answered: Answered) -> httpx.Response:
        """The response, whose body comes as it is read."""
        stream = None if isinstance(answered.body, bytes) else _AsyncResponseBody(self, answered.body)
        return _response(answered, stream)


class _AsyncResponseBody(httpx.AsyncByteStream):
    def __init__(self, line: _AsyncFakeConnection, body: Body) -> None:
        self._line = line
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        answer: Any = None
        while True:
            chunk, action = gathered(self._body, answer)
            if chunk:
                yield chunk
            if action is None:
                return
            if isinstance(action, Cut):
                raise _broken(action, self._line.request)
            answer = await self._line.act(action)

    async def aclose(self) -> None:
        self._body.close()
