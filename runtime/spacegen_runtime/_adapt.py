"""Going on after the Space has changed under a package: new prefix, new hidden inputs, moved endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from . import errors
from ._actions import Broken, Flow
from ._exchange import Exchange
from ._messages import TOO_FEW
from ._server import Server


def slots_of(server: Server, endpoint: str | int, hidden: Sequence[int], count: int) -> Sequence[int]:
    """Positions of the inputs that no parameter fills: as the package says, or as the Space has them now."""
    slots = server.slots.get(endpoint)
    if slots is None:
        return hidden
    wanted = slots.inputs - len(slots.hidden_inputs)
    if wanted != count:
        raise errors.EndpointChanged(
            f"the endpoint takes {wanted} values now, not {count} as the package says; run `spacegen update`"
        )
    return slots.hidden_inputs


def changed(exchange: Exchange, endpoint: str | int, hidden: Sequence[int], count: int) -> Flow[bool]:
    """After a refusal that an unknown route or name causes: whether another try has a chance.

    Raises:
        EndpointChanged: The endpoint is gone, or takes another number of values.
    """
    server = exchange.server
    before = (server.prefix, server.protocol, _hidden(server, endpoint, hidden))
    config = yield from exchange.config(again=True)
    slots = config.slots(endpoint)
    if slots is None:
        raise errors.EndpointChanged(config.missing(endpoint))
    server.slots[endpoint] = slots
    slots_of(server, endpoint, hidden, count)
    return before != (server.prefix, server.protocol, slots.hidden_inputs)


def regained(exchange: Exchange, endpoint: str | int, error: errors.SpaceError, sent: int) -> Flow[bool]:
    """After a refusal that may mean "too few values": whether the Space gained a hidden input.

    The function cannot have run then; too many values, with which it does run, are never repeated.
    """
    told = TOO_FEW in str(error)
    if not told and not getattr(error, "hidden", False):
        return False
    config = yield from exchange.config(again=told)
    slots = config.slots(endpoint)
    if slots is None or slots.inputs <= sent:
        return False
    exchange.server.slots[endpoint] = slots
    return True


def outputs_of(exchange: Exchange, endpoint: str | int) -> Flow[None]:
    """Take over which outputs an endpoint has now; a result that came is not lost over it."""
    try:
        slots = (yield from exchange.config()).slots(endpoint)
    except (errors.SpaceError, Broken):
        return
    if slots is not None:
        exchange.server.slots[endpoint] = slots


def _hidden(server: Server, endpoint: str | int, hidden: Sequence[int]) -> tuple[int, ...]:
    slots = server.slots.get(endpoint)
    return tuple(hidden) if slots is None else slots.hidden_inputs
