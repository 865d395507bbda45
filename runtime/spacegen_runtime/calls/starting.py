"""A call made ready to run: with the headers of a visitor, reused session hashes if wanted, and its observers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._identity import of_visitor
from .._options import Options
from .._plan import Plan
from ..protocol.hashes import Hashes
from ..protocol.observed import observed
from ..protocol.request import caller_of
from ..protocol.server import Server
from ..protocol.session import SessionState
from ..protocol.start import Start
from ..shells.watchers import watched
from .flow import call


def start(
    plan: Plan,
    returns: Any,
    server: Server,
    options: Options,
    session: SessionState | None,
    *,
    steps: bool,
    hashes: Hashes | None,
) -> Start:
    """Make a call ready; see `Call.start` for the arguments."""
    if server.hub_id is not None:
        headers = of_visitor(options.headers)
        options = options if headers is options.headers else replace(options, headers=headers)
    if hashes is None and options.reuse_sessions:
        hashes = caller_of(server, options).hashes
    name = str(plan.endpoint)
    options, observers = watched(options, name)
    flow = call(plan, returns, server, options, session, steps=steps, hashes=hashes)
    return Start(server, observed(flow, observers), name)
