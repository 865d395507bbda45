"""Adapting a call to a Space that has changed since its package was written: prefix, inputs, endpoints."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from .. import errors
from .._json import as_dict, as_list
from .._plan import Plan
from .actions import Broken, Flow
from .config import Slots
from .messages import TOO_FEW, json_of
from .request import STALE, Sender
from .server import Server
from .steps import version_of

Known: TypeAlias = Callable[[], list[Mapping[str, Any]]]
INVENTED = r"param_\d+"
FILLS_STATE = (6, 14)  # 6.31 does, 6.13 does not
INVENTED_LABEL = r"(?:param|parameter|value)_\d+"


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


def space_changed(sender: Sender, plan: Plan, known: Known) -> Flow[bool]:
    """After an error that an unknown route or name can cause: whether another attempt may succeed.

    Args:
        sender: Sends the requests of the call.
        plan: The call.
        known: What the package knows of the endpoint's parameters.

    Raises:
        EndpointChanged: The endpoint is gone, or takes values that the package does not know.
    """
    server = sender.server
    before = (server.prefix, server.protocol, _inputs(server, plan))
    config = yield from sender.config(oldest=0)
    slots = config.slots(plan.endpoint)
    if slots is None:
        raise errors.EndpointChanged(config.missing(plan.endpoint))
    yield from _take_over(sender, plan, slots, known)
    return before != (server.prefix, server.protocol, _inputs(server, plan))


def inputs_added(sender: Sender, plan: Plan, error: errors.SpaceError, sent: int, known: Known) -> Flow[bool]:
    """After an error that may mean "too few values": whether the Space has new inputs that can be filled.

    The function cannot have run then. (With too many values it does run, so such a call is never repeated; and
    servers from `FILLS_STATE` on fill a missing gr.State, so that an error without words is the function's.)

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
    yield from _take_over(sender, plan, slots, known)
    return told or slots.shown_inputs > len(plan.arguments) or version_of(config.version) < FILLS_STATE


def outputs_of(sender: Sender, endpoint: str | int) -> Flow[None]:
    """Record which outputs an endpoint has now; if that fails, the result that has arrived is not lost."""
    try:
        slots = (yield from sender.config()).slots(endpoint)
    except (errors.SpaceError, Broken):
        return
    if slots is not None:
        sender.server.slots[endpoint] = slots


def _take_over(sender: Sender, plan: Plan, slots: Slots, known: Known) -> Flow[None]:
    """Remember an endpoint's slots; new optional parameters get the defaults that the Space has now."""
    if slots.shown_inputs != len(plan.arguments):
        slots = yield from _named(sender, plan, slots, known)
    sender.server.slots[plan.endpoint] = slots


def _named(sender: Sender, plan: Plan, slots: Slots, known: Known) -> Flow[Slots]:
    """The slots with the names of the inputs, which info alone has (4.44 and later)."""
    url = sender.server.url("/info") + "?all_endpoints=true"  # smaller than without, and has the hidden ones
    reply = yield from sender.send(sender.request("GET", url), repeatable=True)
    listed = as_dict(as_dict(json_of(reply)).get("named_endpoints"))
    said = [as_dict(one) for one in as_list(as_dict(listed.get(str(plan.endpoint))).get("parameters"))]
    names = [str(one.get("parameter_name")) for one in said]
    if len(set(names)) != slots.shown_inputs:
        return slots  # it is unknown which of them is new; `slots_filled` then reports how many there are
    ours = _ours(list(plan.arguments), names, {str(one.get("name")): one for one in known()}, said)
    added = {
        f"{name} of today": one.get("parameter_default")
        for name, one in zip(names, said, strict=True)
        if name not in ours and one.get("parameter_has_default") is True
    }
    if gone := [name for name in plan.arguments if name not in ours.values()]:
        raise errors.EndpointChanged(f"the endpoint no longer takes {_quoted(gone)}; {_UPDATE}")
    if new := [name for name in names if name not in ours and f"{name} of today" not in added]:
        raise errors.EndpointChanged(f"the endpoint needs {_quoted(new)} now, without a default; {_UPDATE}")
    return slots._replace(names=tuple(ours.get(name, f"{name} of today") for name in names), added=added)


def _ours(
    before: list[str], now: list[str], known: Mapping[str, Mapping[str, Any]], said: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """The package's names for the parameters that the Space has now.

    Gradio numbers parameters that have no name in the function (`param_14`), so a new input before them changes
    their numbers. They are matched by order, component and label, or not at all.

    Raises:
        EndpointChanged: These do not match, or they match in several ways.
    """
    counted = [name for name in before if re.fullmatch(INVENTED, name)]
    ours = {name: name for name in now if name in before and name not in counted}
    if counted:
        today = [(name, one) for name, one in zip(now, said, strict=True) if re.fullmatch(INVENTED, name)]
        kinds = [_looks(known.get(name, {})) for name in counted]
        places = only_way(kinds, [_looks(one) for _, one in today])
        if places is None:
            raise errors.EndpointChanged(
                f"the endpoint takes {len(now)} values now, not {len(before)}, and nothing tells which of them "
                f"are {_quoted(counted)}; {_UPDATE}"
            )
        ours |= {today[place][0]: name for place, name in zip(places, counted, strict=True)}
    return ours


def _looks(parameter: Mapping[str, Any]) -> tuple[str, str]:
    """Component and label; if the app gave no label, Gradio's numbered label does not count."""
    label = " ".join(str(parameter.get("label") or "").split())
    return str(parameter.get("component") or ""), "" if re.fullmatch(INVENTED_LABEL, label) else label


def only_way(few: Sequence[object], many: Sequence[object]) -> list[int] | None:
    """Where the few items occur among the many, in order; None if they do not, or if there are several ways."""
    first = _earliest(few, many)
    last = _earliest(few[::-1], many[::-1])
    if first is None or last is None or first != [len(many) - 1 - place for place in reversed(last)]:
        return None
    return first


def _earliest(few: Sequence[object], many: Sequence[object]) -> list[int] | None:
    places: list[int] = []
    for one in few:
        start = places[-1] + 1 if places else 0
        place = next((at for at in range(start, len(many)) if many[at] == one), None)
        if place is None:
            return None
        places.append(place)
    return places


_UPDATE = "run `spacegen update`"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _inputs(server: Server, plan: Plan) -> tuple[tuple[int, ...], tuple[str, ...]]:
    slots = server.slots.get(plan.endpoint)
    return (plan.hidden_inputs, ()) if slots is None else (slots.hidden_inputs, slots.names)


def full_slots(values: Sequence[Any], hidden: Sequence[int]) -> list[Any]:
    """One entry for every input of the server: null for inputs that are not parameters (State, buttons)."""
    if not hidden:
        return list(values)
    rest = iter(values)
    return [None if at in hidden else next(rest, None) for at in range(len(values) + len(hidden))]
