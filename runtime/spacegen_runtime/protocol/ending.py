"""Telling a server that a session is over. A flow only, no I/O."""

from __future__ import annotations

from .._options import Options
from ..errors import SpaceError
from .actions import Broken, Close, Finished, Flow, Next, TimedOut
from .cancelling import CANCELS, brief
from .credentials import Jar
from .request import Sender
from .server import Server


def ending(server: Server, options: Options, cookies: Jar, session_hash: str) -> Flow[None]:
    """Do what a page does when it is closed: open the session's heartbeat connection, and close it.

    Gradio 4.44 and later then run the app's `unload` at once, and drop the session's gr.State, with its
    `delete_callback`, an hour after it was last set. Earlier versions have no way to be told. Errors are ignored.
    """
    if server.protocol not in CANCELS:
        return
    sender = Sender(server, brief(options), cookies)
    url = server.url(f"/heartbeat/{session_hash}")
    try:
        reply = yield from sender.send(sender.request("GET", url, keep="events"))
        if reply.status == 200:
            yield Next(sender.deadline)  # the server has begun to answer, so it will notice the end
    except (Broken, TimedOut, SpaceError):
        pass
    yield Close()


def ending_alone(server: Server, options: Options, cookies: Jar, session_hash: str) -> Flow[None]:
    """`ending` as a flow of its own."""
    yield from ending(server, options, cookies, session_hash)
    yield Finished(None)
