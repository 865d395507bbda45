"""The blocking shell: performs the actions of a flow over httpx. Policy lives in the flows."""

from __future__ import annotations

import atexit
import sys
import time
import weakref
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import closing, suppress
from typing import Any, cast

import httpx
from httpx_sse import EventSource

from .. import _fork
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
from .alarm import Alarm
from .bounds import Body, Messages, plain
from .clients import close_all, leave_to_parent, shared_for
from .connections import before_body, guarded, until
from .http import failure, httpx_request, reply_of, sending, socket_of

_streams: weakref.WeakSet[Generator[Event, None, None]] = weakref.WeakSet()


def _forget() -> None:
    global _streams
    leave_to_parent(_streams)
    _streams = weakref.WeakSet[Generator[Event, None, None]]()


_fork.in_child(_forget)


def events(server: Server, flow: Flow[None], *, bounded: bool = False) -> Generator[Event, None, None]:
    """Run a flow and yield its events; closing this generator lets the flow clean up.

    `bounded` is for flows that run without stopping for the caller: their number at one time is limited. Other
    flows, whose steps go to the caller's loop, are closed at exit, while calls can still be made.
    """
    happening = _events(server, flow, bounded)
    if not bounded:
        _streams.add(happening)
    return happening


@atexit.register
def _close() -> None:
    """Cancel the jobs of streams that somebody still holds, and close the connections after that."""
    for stream in list(_streams):
        with suppress(Exception):  # another thread may be in the middle of it
            stream.close()
    close_all()


def _events(server: Server, flow: Flow[None], bounded: bool) -> Generator[Event, None, None]:
    shared = shared_for(server)
    wire = _Actor(server, shared.client, shared.places if bounded else None)
    try:
        action = next(flow)
        while True:
            answer = None
            try:
                if isinstance(action, Event):
                    yield action
                else:
                    answer = wire.perform(action)
            except GeneratorExit:
                if sys.is_finalizing():
                    return
                action = flow.throw(CallerGone())
            except BaseException as error:  # the flow decides, cancels if it must, and raises
                action = flow.throw(error)
            else:
                action = flow.send(answer)
    except (StopIteration, CallerGone):
        return
    finally:
        try:
            wire.close()
        finally:  # a place that is not given back is lost
            try:
                wire.leave()
            finally:  # Ctrl-C may have come before it had left, or while the flow was not running
                wire.leave()
                flow.close()


def run(server: Server, flow: Flow[None]) -> Any:
    """Run a flow to its result."""
    with closing(events(server, flow, bounded=True)) as happening:
        for event in happening:
            if type(event) is Finished:
                return event.value
    raise AssertionError("a flow ends with Finished or an error")


class _Actor:
    """One flow's requests, and the one response body that it may keep open."""

    def __init__(self, server: Server, client: httpx.Client, places: Line | None) -> None:
        self.server = server
        self.client = client
        self.places = places
        self.place = Place()
        self.born = _fork.generation()
        self.response: httpx.Response | None = None
        self.items: Iterator[Any] | None = None
        self.messages: Messages | None = None
        self.alarm: Alarm | None = None
        self.request = Request("", "", {})

    def perform(self, action: Action) -> Any:
        _fork.check(self.born, "this stream")
        match action:
            case Next():
                return self.next(action)
            case Request():
                return self.send(action)
            case Close():
                self.close()
            case Sleep():
                time.sleep(action.seconds)
            case WaitForPlace():
                self.enter(action)
            case Wait():
                _wait(action.future, action.deadline)
            case InBackground():
                from .aio import run_in_background

                run_in_background(self.server, action.flow, action.is_over, action.ended)
            case _:
                raise AssertionError(f"no action: {action!r}")
        return None

    def send(self, request: Request) -> Reply:
        try:
            with httpx_request(self.client, request) as (prepared, auth), until(request.deadline):
                with before_body(), sending(request):
                    client = guarded(self.client)
                    response = client.send(prepared, stream=True, auth=auth, follow_redirects=False)
                if request.keep and response.status_code < 300:
                    self._keep(request, response)
                    return reply_of(response, b"", request)
                try:
                    body = Body(response, request.url)
                    for data in cast("Iterator[bytes]", response.stream):
                        if not body.add(data):
                            break
                    return reply_of(response, body.whole(), request)
                finally:
                    response.close()
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise failure(error, request) from error

    def _keep(self, request: Request, response: httpx.Response) -> None:
        self.close()
        self.request, self.response = request, response
        socket = socket_of(response)
        self.alarm = None
        if socket is not None:
            self.alarm = Alarm(socket)
            response.stream = _Watched(cast(httpx.SyncByteStream, response.stream), self.alarm)
        if request.keep == "bytes":
            plain(response, request.url)
            self.items = iter(cast("Iterator[bytes]", response.stream))
        else:
            self.messages = Messages(response, request.url)
            self.items = (event.data for event in EventSource(self.messages.response).iter_sse())

    def next(self, action: Next) -> Any:
        if self.items is None:
            return None
        late = False
        if action.deadline is not None:
            if self.alarm is not None:
                (self.alarm.wish if action.soft else self.alarm.set)(action.deadline)
            late = time.monotonic() >= action.deadline
        try:
            item = None if late else next(self.items, None)
        except httpx.RequestError as error:
            if self.alarm is None or not self.alarm.rang:
                raise failure(error, self.request) from error
            item, late = None, True
        if late or (item is None and self.alarm is not None and self.alarm.rang):
            self.close()
            raise TimedOut(url=self.request.url)
        if item is None:
            self.close()
        elif self.messages is not None:
            self.messages.since = 0
        return item

    def enter(self, slot: WaitForPlace) -> None:
        """Take a place, if their number is limited."""
        if self.places is not None:
            self.places.enter(self.place)
            _wait(self.place, slot.deadline)

    def leave(self) -> None:
        """Give the place to the next call."""
        if self.places is not None:
            self.places.leave(self.place)

    def close(self) -> None:
        response, self.response, self.items = self.response, None, None
        if self.born != _fork.generation():
            leave_to_parent(response)
            return
        if self.alarm is not None:
            self.alarm.off()
            self.alarm = None
        if response is not None:
            response.close()


class _Watched(httpx.SyncByteStream):
    """A body whose alarm is off before its connection goes back to the pool, where the next call takes it."""

    def __init__(self, stream: httpx.SyncByteStream, alarm: Alarm) -> None:
        self._stream = stream
        self._alarm = alarm

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._alarm.off()
        self._stream.close()


def _wait(future: Future[Any], deadline: float | None) -> None:
    try:
        future.result(_left(deadline))
    except WaitTimeout:
        raise TimedOut from None


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
