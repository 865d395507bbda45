"""Which process of an app answers now: where it is another one, the app may be another one, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._json import as_dict
from .._settings import for_calls
from ..protocol.actions import Finished, Flow
from ..protocol.messages import json_of
from ..protocol.request import Sender
from ..shells.aio import run

if TYPE_CHECKING:
    from ..calls.space import Space


async def process_of(space: Space, *, timeout: float | None = None) -> str:
    """What tells one process of a Space's app from the next; "" where the app does not say.

    Gradio draws a number for an app when it starts, and tells it at `/app_id` (in all versions from 3.50 on).

    Args:
        space: The `space` of a package.
        timeout: Seconds that the answer may take, a sleeping Space's waking included; None is no limit.

    Raises:
        SpaceError: The app does not answer.
    """
    sender = Sender(space.server, space.options.merged(for_calls({"timeout": timeout})))
    return str(await run(space.server, _told(sender)))


def _told(sender: Sender) -> Flow[None]:
    reply = yield from sender.get("/app_id")
    known = as_dict(json_of(reply)).get("app_id") if reply.status == 200 else None
    yield Finished("" if known is None else str(known))
