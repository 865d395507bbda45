"""The blocking shell: performs the actions of a flow over httpx. Policy lives in the flows."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Generator, Iterator
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import closing
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import httpx
from httpx_sse import EventSource

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
    TimedOut,
    Wait,
)
from ._alarm import Alarm
from ._file_data import FileData
from ._files import IN_MEMORY, download, saving_as
from ._http import built, failure, reply_of, settings, socket_of
from ._options import Options
from ._server import Server

_clients: weakref.WeakKeyDictionary[Server, tuple[int, httpx.Client]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def client_for(server: Server) -> httpx.Client:
    """The one client of a server; closed with it, or at exit. A forked child makes its own."""
    if server.sync_client is not None:
        return cast(httpx.Client, server.sync_client)
    known = _clients.get(server)
    if known is not None and known[0] == os.getpid():
        return known[1]
    with _lock:
        known = _clients.get(server)
        if known is None or known[0] != os.getpid():
            known = os.getpid(), httpx.Client(**settings(server))
            _clients[server] = known
            weakref.finalize(server, known[1].close)
    return known[1]


def events(server: Server, flow: Flow[None]) -> Generator[Event, None, None]:
    """Run a flow and hand over its events; closing this generator lets the flow wind up."""
    wire = _Wire(client_for(server))
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
        wire.close()


def run(server: Server, flow: Flow[None]) -> Any:
    """Run a flow to its result."""
    with closing(events(server, flow)) as happening:
        for event in happening:
            if type(event) is Finished:
                return event.value
    raise AssertionError("a flow ends with Finished or an error")


class _Wire:
    """One flow's requests, and the one response body that it may keep open."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.response: httpx.Response | None = None
        self.items: Iterator[Any] | None = None
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
            case Wait():
                left = None if action.deadline is None else max(0.0, action.deadline - time.monotonic())
                try:
                    action.future.result(left)
                except WaitTimeout:
                    raise TimedOut from None
            case _:
                raise AssertionError(f"no action: {action!r}")
        return None

    def send(self, request: Request) -> Reply:
        try:
            with built(self.client, request) as prepared:
                auth: Any = None if request.bare else httpx.USE_CLIENT_DEFAULT
                response = self.client.send(prepared, stream=True, auth=auth, follow_redirects=False)
                if request.keep and response.status_code < 300:
                    self._keep(request, response)
                    return reply_of(response, b"")
                try:
                    return reply_of(response, response.read())
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
            self.items = response.iter_bytes()
        else:
            self.items = (event.data for event in EventSource(response).iter_sse())

    def next(self, action: Next) -> Any:
        if self.items is None:
            return None
        late = False
        if action.deadline is not None and not action.soft:
            if self.alarm is not None:
                self.alarm.set(action.deadline)
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
        return item

    def close(self) -> None:
        response, self.response, self.items = self.response, None, None
        if self.alarm is not None:
            self.alarm.off()
            self.alarm = None
        if response is not None:
            response.close()


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
    spool = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 # the caller's to close
    for chunk in chunks(file):
        spool.write(chunk)
    spool.seek(0)
    return cast(BinaryIO, spool)
