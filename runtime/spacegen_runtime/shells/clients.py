"""The client of the blocking shell for each server: opened once, closed with its server or at exit."""

from __future__ import annotations

import threading
import weakref
from typing import Any, NamedTuple, cast

import httpx

from .. import _fork, _watch
from ..protocol.line import Line
from ..protocol.server import Server
from .environment import made
from .http import places, settings


class Shared(NamedTuple):
    """A client, and the line for the places that calls have over it."""

    client: httpx.Client
    places: Line | None


_clients: weakref.WeakKeyDictionary[Server, Shared] = weakref.WeakKeyDictionary()
_lock = threading.Lock()
_is_over = False  # the process is ending, and its clients are closed


def shared_for(server: Server) -> Shared:
    """What all calls of a server share; closed with it, or at exit. A forked child makes its own."""
    if _watch.watch is not None:
        _watch.watch(server)
    if server.sync_client is not None:
        return Shared(cast(httpx.Client, server.sync_client), None)
    shared = _clients.get(server)
    if shared is not None and not shared.client.is_closed:  # it is closed early at exit
        return shared
    with _lock:
        shared = _clients.get(server)
        if shared is None or shared.client.is_closed:
            client, most = made(httpx.Client, lambda: _settings(server), server.base), places(server)
            shared = _clients[server] = Shared(client, None if most is None else Line(most))
            weakref.finalize(server, _close_client, client, _fork.generation()).atexit = False
    return shared


def close_all() -> None:
    """At exit: close every client. One that is made after this keeps no connection open."""
    global _is_over
    _is_over = True
    for shared in list(_clients.values()):
        shared.client.close()


def leave_to_parent(held: object) -> None:
    """In a forked child: never let go of what the parent opened, for that would close it."""
    _inherited.append(held)


def _settings(server: Server) -> dict[str, Any]:
    if _is_over:  # a connection that stays open now is never closed
        return {**settings(server), "limits": httpx.Limits(max_keepalive_connections=0)}
    return settings(server)


def _close_client(client: httpx.Client, born: int) -> None:
    if born == _fork.generation():  # a forked child must not close its parent's connections
        client.close()


def _forget() -> None:
    global _clients, _lock
    leave_to_parent(_clients)
    _clients, _lock = weakref.WeakKeyDictionary[Server, Shared](), threading.Lock()


_inherited: list[
    object
] = []  # if a child released them, they would be closed, which may need a lock that is never freed
_fork.in_child(_forget)
