"""The blocking shell: performs the actions of a flow over httpx. Policy lives in the flows."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Generator, Iterator
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import httpx
from httpx_sse import EventSource

from . import _http
from ._actions import (
    Action,
    Chunk,
    Close,
    Event,
    Finished,
    Flow,
    Left,
    Next,
    Reply,
    Request,
    Sleep,
    Slot,
    TimedOut,
    Wait,
)
from ._alarm import Alarm
from ._bounds import Body, Messages, clocked, plain, until
from ._file_data import FileData
from ._files import Fetched, download, saving_as
from ._http import built, failure, places, reply_of, settings, socket_of
from ._options import Options
from ._server import Server


class _Pool(NamedTuple):
    """A client, the process that made it, and the places for calls over it."""

    client: httpx.Client
    process: int
    places: threading.Semaphore | None


_pools: weakref.WeakKeyDictionary[Server, _Pool] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _pool_for(server: Server) -> _Pool:
    """The one pool of a server; closed with it, or at exit. A forked child makes its own."""
    if _http.watch is not None:
        _http.watch(server)
    process = os.getpid()
    if server.sync_client is not None:
        return _Pool(cast(httpx.Client, server.sync_client), process, None)
    pool = _pools.get(server)
    if pool is not None and pool.process == process:
        return pool
    with _lock:
        pool = _pools.get(server)
        if pool is None or pool.process != process:
            client, most = httpx.Client(**settings(server)), places(server)
            pool = _pools[server] = _Pool(client, process, None if most is None else threading.Semaphore(most))
            weakref.finalize(server, client.close)
    return pool


def events(server: Server, flow: Flow[None], *, bounded: bool = False) -> Generator[Event, None, None]:
    """Run a flow and hand over its events; closing this generator lets the flow wind up.

    `bounded` is for flows that run on their own: only so many of them are under way at once.
    """
    pool = _pool_for(server)
    wire = _Wire(pool.client, pool.places if bounded else None)
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
                action = flow.throw(Left())
            except BaseException as error:  # the flow decides, cancels if it must, and raises
                action = flow.throw(error)
            else:
                action = flow.send(answer)
    except (StopIteration, Left):
        return
    finally:
        try:
            wire.close()
        finally:  # a place that is not given back is gone for good
            wire.leave()


def run(server: Server, flow: Flow[None]) -> Any:
    """Run a flow to its result."""
    with closing(events(server, flow, bounded=True)) as happening:
        for event in happening:
            if type(event) is Finished:
                return event.value
    raise AssertionError("a flow ends with Finished or an error")


class _Wire:
    """One flow's requests, and the one response body that it may keep open."""

    def __init__(self, client: httpx.Client, places: threading.Semaphore | None) -> None:
        self.client = client
        self.places = places
        self.place: threading.Semaphore | None = None
        self.response: httpx.Response | None = None
        self.items: Iterator[Any] | None = None
        self.messages: Messages | None = None
        self.alarm: Alarm | None = None
        self.request = Request("", "", {})

    def perform(self, action: Action) -> Any:
        match action:
            case Next():
                return self.next(action)
            case Request():
                return self.send(action)
            case Close():
                self.close()
            case Sleep():
                time.sleep(action.seconds)
            case Slot():
                self.enter(action)
            case Wait():
                try:
                    action.future.result(_left(action.deadline))
                except WaitTimeout:
                    raise TimedOut from None
            case _:
                raise AssertionError(f"no action: {action!r}")
        return None

    def send(self, request: Request) -> Reply:
        try:
            with ExitStack() as stack:
                prepared, auth = stack.enter_context(built(self.client, request))
                stack.enter_context(until(request.deadline))
                response = clocked(self.client).send(prepared, stream=True, auth=auth, follow_redirects=False)
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
        self.alarm = Alarm(socket) if socket is not None else None
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

    def enter(self, slot: Slot) -> None:
        """Take a place, where they are counted."""
        if self.places is not None:
            if not self.places.acquire(timeout=_left(slot.deadline)):
                raise TimedOut
            self.place = self.places

    def leave(self) -> None:
        """Give the place to the next call."""
        if self.place is not None:
            self.place.release()

    def close(self) -> None:
        response, self.response, self.items = self.response, None, None
        if self.alarm is not None:
            self.alarm.off()
            self.alarm = None
        if response is not None:
            response.close()


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def chunks(file: FileData) -> Iterator[bytes]:
    """The bytes of a file, as they come."""
    options = file.access.options if file.access else Options()
    server = file.access.server if file.access else Server("", prefix="", protocol="")
    for event in events(server, download(file, options)):
        if isinstance(event, Chunk):
            yield event.data


def save(file: FileData, to: str | os.PathLike[str]) -> Path:
    """See `FileData.save`."""
    target, part = saving_as(file, Path(to))
    try:
        with part.open("xb") as out:
            for chunk in chunks(file):
                out.write(chunk)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part.replace(target)


def read(file: FileData) -> bytes:
    """See `FileData.read`."""
    return b"".join(chunks(file))


def open_file(file: FileData) -> BinaryIO:
    """See `FileData.open`."""
    spool = Fetched()  # the caller's to close
    for chunk in chunks(file):
        spool.write(chunk)
    spool.seek(0)
    return cast(BinaryIO, spool)
