"""Going on after the Space has changed under a package: new prefix, new inputs, moved endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .. import errors
from .._json import as_dict, as_list
from .._plan import Plan
from .actions import Broken, Flow
from .config import Slots
from .messages import TOO_FEW, json_of
from .request import STALE, Sender
from .server import Server


def slots_filled(server: Server, plan: Plan, values: Sequence[Any]) -> list[Any]:
    """One entry for every input of the endpoint, as the package says, or as the Space has them now."""
    slots = server.slots.get(plan.endpoint)
    if slots is None:
        return full_slots(values, plan.hidden_inputs)
    if slots.names:
        given = {**slots.added, **dict(zip(plan.arguments, values, strict=True))}
        values = [given[name] for name in slots.names]
    if slots.shown_inputs != len(values):
        raise errors.EndpointChanged(
            f"the endpoint takes {slots.shown_inputs} values now, not {len(values)} as the package says; {_UPDATE}"
        )
    return full_slots(values, slots.hidden_inputs)


def space_changed(sender: Sender, plan: Plan) -> Flow[bool]:
    """After a refusal that an unknown route or name causes: whether another try has a chance.

    Raises:
        EndpointChanged: The endpoint is gone, or takes values that the package does not know.
    """
    server = sender.server
    before = (server.prefix, server.protocol, _inputs(server, plan))
    config = yield from sender.config(oldest=0)
    slots = config.slots(plan.endpoint)
    if slots is None:
        raise errors.EndpointChanged(config.missing(plan.endpoint))
    yield from _take_over(sender, plan, slots)
    return before != (server.prefix, server.protocol, _inputs(server, plan))


def inputs_added(sender: Sender, plan: Plan, error: errors.SpaceError, sent: int) -> Flow[bool]:
    """After a refusal that may mean "too few values": whether the Space gained inputs that can be filled.

    The function cannot have run then; too many values, with which it does run, are never repeated.

    Raises:
        EndpointChanged: It takes values that the package does not know.
    """
    told = TOO_FEW in str(error)
    if not told and not getattr(error, "hidden", False):
        return False
    config = yield from sender.config(oldest=0 if told else STALE)
    slots = config.slots(plan.endpoint)
    if slots is None or slots.inputs <= sent:
        return False
    yield from _take_over(sender, plan, slots)
    return True


def outputs_of(sender: Sender, endpoint: str | int) -> Flow[None]:
    """Take over which outputs an endpoint has now; a result that came is not lost over it."""
    try:
        slots = (yield from sender.config()).slots(endpoint)
    except (errors.SpaceError, Broken):
        return
    if slots is not None:
        sender.server.slots[endpoint] = slots


def _take_over(sender: Sender, plan: Plan, slots: Slots) -> Flow[None]:
    """Remember an endpoint's slots; parameters that are new and optional get the defaults of today."""
    if slots.shown_inputs != len(plan.arguments):
        slots = yield from _named(sender, plan, slots)
    sender.server.slots[plan.endpoint] = slots


def _named(sender: Sender, plan: Plan, slots: Slots) -> Flow[Slots]:
    """The slots with the names of the inputs, which info alone has (4.44 and later)."""
    url = sender.server.url("/info") + "?all_endpoints=true"  # smaller than without, and has the hidden ones
    reply = yield from sender.send(sender.request("GET", url), repeatable=True)
    listed = as_dict(as_dict(json_of(reply)).get("named_endpoints"))
    said = [as_dict(one) for one in as_list(as_dict(listed.get(str(plan.endpoint))).get("parameters"))]
    names = [str(one.get("parameter_name")) for one in said]
    if len(set(names)) != slots.shown_inputs:
        return slots  # which of them is new is unknown; `slots_filled` then says how many there are
    added = {
        name: one.get("parameter_default")
        for name, one in zip(names, said, strict=True)
        if name not in plan.arguments and one.get("parameter_has_default") is True
    }
    if gone := [name for name in plan.arguments if name not in names]:
        raise errors.EndpointChanged(f"the endpoint no longer takes {_quoted(gone)}; {_UPDATE}")
    if new := [name for name in names if name not in plan.arguments and name not in added]:
        raise errors.EndpointChanged(f"the endpoint needs {_quoted(new)} now, without a default; {_UPDATE}")
    return replace(slots, names=tuple(names), added=added)


_UPDATE = "run `spacegen update`"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _inputs(server: Server, plan: Plan) -> tuple[tuple[int, ...], tuple[str, ...]]:
    slots = server.slots.get(plan.endpoint)
    return (plan.hidden_inputs, ()) if slots is None else (slots.hidden_inputs, slots.names)


def full_slots(values: Sequence[Any], hidden: Sequence[int]) -> list[Any]:
    """One entry for every input of the server: null where no parameter stands (State, buttons)."""
    if not hidden:
        return list(values)
    rest = iter(values)
    return [None if at in hidden else next(rest, None) for at in range(len(values) + len(hidden))]
