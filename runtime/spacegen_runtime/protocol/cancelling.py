"""Stopping a job on the server when its caller does not want it any more. Flows only, no I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import errors
from .._json import as_text, to_json
from .._options import Options, Timeouts
from .actions import Broken, Close, Flow, Next, TimedOut
from .messages import parsed
from .request import Sender
from .session import Turn

CLEAN_UP = 2.0  # seconds that a cancel may take
CANCELS = ("sse_v2.1", "sse_v3")  # 4.44 and later; before, /reset stops generators only


def cancel(call: Sender, endpoint: str | int, turn: Turn, event_id: str | None) -> Flow[str | None]:
    """Stop a job, as far as the server's version can; problems on the way change nothing.

    Args:
        call: Sends the requests of the call.
        endpoint: What the job runs.
        turn: Its session hash.
        event_id: Its id, or None if the answer to the join did not arrive.

    Returns:
        The job's id, as far as it is known now.
    """
    sender = Sender(call.server, brief(call.options), call.cookies)
    try:
        if event_id is None and (turn.session is None or turn.session.mail is None):
            event_id = yield from _find(sender, turn)
        yield Close()  # closing alone stops a job at its next step; /cancel stops it now
        if event_id is not None:
            body: dict[str, Any] = {"event_id": event_id}
            path = "/reset"
            if sender.server.protocol in CANCELS:
                fn_index = yield from sender.fn_index(endpoint)
                path, body = "/cancel", {**body, "session_hash": turn.hash, "fn_index": fn_index}
            yield from sender.post(path, to_json(body))
    except (Broken, TimedOut, errors.SpaceError):
        pass
    return event_id


def _find(sender: Sender, turn: Turn) -> Flow[str | None]:
    """The id of a job whose join was interrupted: the first message of its session names it."""
    url = f"{sender.server.url('/queue/data')}?session_hash={turn.hash}"
    reply = yield from sender.send(sender.request("GET", url, keep="events"))
    if reply.status != 200:
        return None
    return as_text(parsed((yield Next(sender.deadline)) or "{}").get("event_id"))


def brief(options: Options) -> Options:
    """Options for the requests that are sent at the end of a call."""
    return replace(options, timeout=Timeouts(total=CLEAN_UP, connect=CLEAN_UP), retries=0)
