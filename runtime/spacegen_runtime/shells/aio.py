"""The asyncio shell: performs the actions of a flow over httpx. Policy lives in the flows."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import aclosing, suppress
from typing import Any, TypeVar, cast

import httpx
from httpx_sse import EventSource

from .. import _fork
from ..errors import SpaceError
from ..protocol.actions import (
    Action,
    CallerGone,
    Close,
    Event,
    Finished,
    Flow,
    InBackground,
    Next,
    Reply,
    Request,
    Sleep,
    TimedOut,
    Wait,
    WaitForPlace,
)
from ..protocol.line import Line, Place
from ..protocol.server import Server
from .aclients import ashared_for
from .background import spawn, task
from .bounds import Body, Messages, plain
from .connections import before_body, guarded
from .http import failure, httpx_request, reply_of, sending, socket_of

T = TypeVar("T")
GRACE = 0.5  # seconds; if a limit of httpx passes too, httpx knows better which one it was
LOOK = 2.0  # seconds between checks of what runs in the background
WIND_UP = 4.0  # seconds that a cancelled call may take to cancel its job on the server


async def events(server: Server, flow: Flow[None], *, bounded: bool = False) -> AsyncGenerator[Event, None]:
    """Run a flow and yield its events; closing this generator lets the flow clean up.

    `bounded` is for flows that run without stopping for the caller: their number at one time is limited.
    """
    shared = await ashared_for(server)
    wire = _AsyncActor(server, shared.client, shared.places if bounded else None)
    try:
        action = next(flow)
        while True:
            answer = None
            try:
                if isinstance(action, Event):
                    yield action
                else:
                    answer = await wire.perform(action)
            except Exception as error:  # the flow decides
                action = flow.throw(error)
            except BaseException:  # cancelled, or left early
                await _wind_up(wire, flow)
                raise
            else:
                action = flow.send(answer)
    except StopIteration:
        return
    finally:
        try:
            await wire.close()
        finally:  # a place that is not given back is lost
            wire.leave()


async def _wind_up(wire: _AsyncActor, flow: Flow[None]) -> None:
    """Let the flow cancel its job; another cancel of this task does not stop it, but a time limit does.

    Raises:
        CancelledError: The task was cancelled again in the meantime.
    """

    async def rest() -> None:
        try:
            action = flow.throw(CallerGone())
            while True:
                try:
                    answer = await wire.perform(action)
                except Exception as error:
                    action = flow.throw(error)
                else:
                    action = flow.send(answer)
        except BaseException:
            await wire.close()

    winding = asyncio.ensure_future(asyncio.wait_for(rest(), WIND_UP))
    cancelled: asyncio.CancelledError | None = None
    while not winding.done():  # anyio cancels repeatedly
        try:
            await asyncio.wait({winding})
        except asyncio.CancelledError as again:
            cancelled = again
    with suppress(asyncio.CancelledError, asyncio.TimeoutError):
        winding.result()
    if cancelled is not None:
        raise cancelled


async def run(server: Server, flow: Flow[None]) -> Any:
    """Run a flow to its result."""
    async with aclosing(events(server, flow, bounded=True)) as happening:
        async for event in happening:
            if type(event) is Finished:
                return event.value
    raise AssertionError("a flow ends with Finished or an error")


def run_in_background(
    server: Server,
    flow: Flow[None],
    is_over: Callable[[], bool] = lambda: False,
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Run a flow in the background, where nobody waits for it; see `InBackground`."""

    async def watched() -> None:
        work = task(run(server, flow))
        work.add_done_callback(lambda _: ended())
        while not work.done():
            await asyncio.wait({work}, timeout=LOOK)
            if not work.done() and is_over():
                work.cancel()

    spawn(watched)


class _AsyncActor:
    """One flow's requests, and the one response body that it may keep open."""

    def __init__(self, server: Server, client: httpx.AsyncClient, places: Line | None) -> None:
        self.server = server
        self.client = client
        self.places = places
        self.place = Place()
        self.born = _fork.generation()
        self.response: httpx.Response | None = None
        self.messages: Messages | None = None
        self.items: AsyncGenerator[Any, None] | None = None
        self.request = Request("", "", {})

    async def perform(self, action: Action) -> Any:
        _fork.check(self.born, "this stream")
        match action:
            case Next():
                return await self.next(action)
            case Request():
                return await self.send(action)
            case Close():
                await self.close()
            case Sleep():
                await asyncio.sleep(action.seconds)
            case WaitForPlace():
                await self.enter(action)
            case Wait():
                await _wait(action.future, action.deadline)
            case InBackground():
                run_in_background(self.server, action.flow, action.is_over, action.ended)
            case _:
                raise AssertionError(f"no action: {action!r}")
        return None

    async def send(self, request: Request) -> Reply:
        try:
            latest = None if request.deadline is None else request.deadline + GRACE
            return await _until(latest, self._sent(request))
        except TimedOut as late:
            if late.url:  # a limit of httpx, which says which one it was
                raise
            raise TimedOut("upload" if request.files else "total", request.url) from None

    async def _sent(self, request: Request) -> Reply:
        try:
            with httpx_request(self.client, request) as (prepared, auth):
                with before_body(), sending(request):
                    client = guarded(self.client)
                    response = await client.send(prepared, stream=True, auth=auth, follow_redirects=False)
                if request.keep and response.status_code < 300:
                    await self._keep(request, response)
                    return reply_of(response, b"", request)
                try:
                    body = Body(response, request.url)
                    async for data in cast("AsyncIterator[bytes]", response.stream):
                        if not body.add(data):
                            break
                    return reply_of(response, body.whole(), request)
                finally:
                    await response.aclose()
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise failure(error, request) from error

    async def _keep(self, request: Request, response: httpx.Response) -> None:
        await self.close()
        socket_of(response)
        self.request, self.response = request, response
        if request.keep == "bytes":
            plain(response, request.url)
            self.items = _pieces(response)
        else:
            self.messages = Messages(response, request.url)
            self.items = EventSource(self.messages.response).aiter_sse()

    async def next(self, action: Next) -> Any:
        if self.items is None:
            return None
        try:
            item = await _until(action.deadline, self.items.__anext__())
        except StopAsyncIteration:
            await self.close()
            return None
        except httpx.RequestError as error:
            raise failure(error, self.request) from error
        except TimedOut:
            await self.close()
            raise TimedOut(url=self.request.url) from None
        if self.messages is not None:
            self.messages.since = 0
        return item if isinstance(item, bytes) else item.data

    async def enter(self, slot: WaitForPlace) -> None:
        """Take a place, if their number is limited."""
        if self.places is not None:
            self.places.enter(self.place)
            await _wait(self.place, slot.deadline)

    def leave(self) -> None:
        """Give the place to the next call."""
        if self.places is not None:
            self.places.leave(self.place)

    async def close(self) -> None:
        response, self.response = self.response, None
        items, self.items = self.items, None
        if items is not None:
            await items.aclose()
        if response is not None:
            await response.aclose()


async def _pieces(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    async for data in cast("AsyncIterator[bytes]", response.stream):
        yield data


async def _wait(future: Future[Any], deadline: float | None) -> None:
    if not future.done():  # shielded: a cancel must not reach the future itself
        await _until(deadline, asyncio.shield(asyncio.wrap_future(future)))


async def _until(deadline: float | None, work: Awaitable[T]) -> T:
    if deadline is None:
        return await work
    left = max(0.0, deadline - time.monotonic())
    try:
        if sys.version_info >= (3, 11):  # needs no extra task
            async with asyncio.timeout(left):
                return await work
    except asyncio.TimeoutError as error:
        if isinstance(error, SpaceError):  # `CallTimeout` of the work itself: an http client's own limit, for one
            raise
        raise TimedOut from None
    return await _until_310(left, asyncio.ensure_future(work))


async def _until_310(left: float, work: asyncio.Future[T]) -> T:
    """The same for Python 3.10, whose `wait_for` loses a cancel that comes as the work ends."""
    try:
        await asyncio.wait({work}, timeout=left)
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
        if not work.cancelled():
            work.exception()  # is looked at, also where this task is cancelled
    if work.cancelled():
        raise TimedOut
    return work.result()
