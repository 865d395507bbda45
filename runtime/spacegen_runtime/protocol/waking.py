"""A Space that is asleep: what the Hub says about it, and how long to wait until it runs. Flows only, no I/O."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic
from urllib.parse import quote

from .. import errors
from .._json import as_dict
from .._options import Options
from .actions import Broken, Flow, Reply, Request, Sleep, TimedOut
from .credentials import Credentials
from .messages import json_of
from .server import Server, origin

STARTING = {"SLEEPING", "BUILDING", "APP_STARTING", "RUNNING_APP_STARTING", "NO_APP_FILE", "STARTING"}
RUNNING = {"RUNNING", "RUNNING_BUILDING"}


def looks_asleep(reply: Reply, failure: errors.SpaceError) -> bool:
    """Whether the answer may come from the Hub's proxy rather than from a running Gradio app."""
    if isinstance(failure, errors.QueueFull) or reply.status not in (404, 502, 503, 504):
        return False
    return reply.status != 404 or not isinstance(json_of(reply), dict)


def woken(
    server: Server,
    options: Options,
    token: str | None,
    deadline: float | None,
    limited: Callable[[Request], Request],
) -> Flow[bool]:
    """Ask the Hub why a Space does not answer, and wait while it starts; True when it had to start and now runs.

    Args:
        server: The Space, which the Hub knows.
        options: How long to wait (`timeout.wake`), and whom to tell (`on_stage`).
        token: The caller's token, for a private Space.
        deadline: When the whole call has to be over.
        limited: Gives a request the time limits of the call.

    Raises:
        SpaceUnavailable: It does not start, or not in time.
    """
    limit = options.timeout.wake
    until = None if limit is None else monotonic() + limit
    if deadline is not None:
        until = deadline if until is None else min(until, deadline)
    seen, waited = "", 1.0
    while True:
        stage = yield from _stage(server, token, limited)
        if stage != seen and stage and options.on_stage:
            options.on_stage(stage)
        if stage in RUNNING or not stage:
            return seen != ""
        if stage not in STARTING or (until is not None and monotonic() + waited > until):
            raise _unavailable(server, options, stage)
        seen = stage
        yield Sleep(waited)
        waited = min(waited * 1.5, 10.0)


def _stage(server: Server, token: str | None, limited: Callable[[Request], Request]) -> Flow[str]:
    """The Hub's word for the state of the Space; empty where the Hub cannot be asked."""
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{hub}/api/spaces/{quote(server.hub_id or '')}/runtime"
    shown: list[Credentials | None] = [None]  # a public Space needs no token, so the first request carries none
    if token:
        shown.append(Credentials(origin(hub), {"Authorization": f"Bearer {token}"}))
    for credentials in shown:
        try:
            reply = yield limited(Request("GET", url, {}, credentials=credentials, limit=15.0))
        except (Broken, TimedOut):
            return ""
        if reply.status == 200:
            return str(as_dict(json_of(reply)).get("stage") or "")
        if reply.status not in (401, 403, 404):
            return ""
    return "NOT_FOUND"


def _unavailable(server: Server, options: Options, stage: str) -> errors.SpaceUnavailable:
    kind, advice = _STAGES.get(stage, (errors.SpaceBroken, "its page on the Hub says why"))
    if stage in STARTING and options.timeout.wake == 0:
        advice = "it takes calls once it runs"
    return kind(f"the Space {server.hub_id} is {stage}: {advice}", stage=stage, url=server.base)


_STAGES: dict[str, tuple[type[errors.SpaceUnavailable], str]] = {
    "SLEEPING": (errors.SpaceAsleep, "it did not wake in time; try again, or raise Timeouts.wake"),
    "PAUSED": (errors.SpacePaused, "its owner must restart it"),
    "STOPPED": (errors.SpacePaused, "its owner must restart it"),
    "NOT_FOUND": (errors.SpaceNotFound, "it is missing, renamed or private (for a private Space pass token=...)"),
    "DELETING": (errors.SpaceNotFound, "it is being deleted"),
    **dict.fromkeys(
        STARTING - {"SLEEPING"},
        (errors.SpaceBuilding, "it was not ready in time; try again, or raise Timeouts.wake"),
    ),
}
