"""Reads a Gradio app's `config`: which components and which event belong to an endpoint.

Spellings differ between versions: an event's `id` came with 4.44 (before, its position counts), `skip_api`
with 4.0, `show_api` went and `api_visibility` came with 6.0.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spacegen.errors import DocumentError
from spacegen.fetching.documents import Documents, Json
from spacegen.reading.budget import Budget
from spacegen.text import plain

_LONGEST_LABEL = 300
_SLOTS = ("inputs", "outputs", "targets")
_LONGEST_KIND = 60
_HIGHEST = 999_999
"""The limit for numbers of events, because serving a package lists them all. The runtime has the same limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component, with its type in lower case; `label` is what the page calls it, or an empty string.

    `digest` stands for kind and label where thousands of events name the component. `drawn` says that the page
    asks the app for its value whenever somebody opens it (`value=random.random`, `randomize=True`).
    """

    kind: str
    props: Json
    hidden: bool
    as_input: Any
    as_output: Any
    label: str
    digest: str = ""
    drawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event listener: Gradio calls it a dependency.

    `collects` is the kind of event (`select`) that it asks the data of, empty where there are several, and None
    where it asks for none.
    """

    fn_index: int
    api_name: str | None
    inputs: tuple[Component, ...]
    outputs: tuple[Component, ...]
    queued: bool
    generator: bool
    batched: bool
    public: bool
    private: bool
    runs_python: bool
    description: str
    identity: str
    collects: str | None = None

    @property
    def stateful(self) -> bool:
        """Whether it reads or writes `gr.State`."""
        return any(component.kind == "state" for component in (*self.inputs, *self.outputs))


class App:
    """All components and events of a `config`.

    Raises:
        DocumentError: `config` is not what Gradio publishes.
        TooLarge: Its events have more inputs, outputs and triggers than the `budget` allows for.
    """

    def __init__(self, config: Json, budget: Budget | None = None) -> None:
        components, dependencies = config.get("components"), config.get("dependencies")
        if not isinstance(components, list) or not isinstance(dependencies, list):
            raise DocumentError("config does not list components and dependencies.", "Is this a Gradio app?")
        slots = [entry.get(key) for entry in dependencies if isinstance(entry, dict) for key in _SLOTS]
        (budget or Budget(Documents(config=config))).take(sum(len(one) for one in slots if isinstance(one, list)))
        self._signatures: dict[int, str] = {}
        self._enable_queue = config.get("enable_queue") is not False
        self._is_interface = config.get("mode") in ("interface", "tabbed_interface")
        drawn = _drawn(dependencies)
        self._components = {
            entry["id"]: _component(entry, drawn=entry["id"] in drawn)
            for entry in components
            if isinstance(entry, dict) and isinstance(entry.get("id"), int)
        }
        self.events = tuple(
            self._event(position, entry) for position, entry in enumerate(dependencies) if isinstance(entry, dict)
        )
        self._by_name: dict[str | None, list[Event]] = {}
        self._by_index: dict[int, Event] = {}
        for event in self.events:
            self._by_name.setdefault(event.api_name, []).append(event)
            self._by_index.setdefault(event.fn_index, event)

    def find(self, api_name: str, inputs: int, outputs: int) -> Event | None:
        """Return the event of a name; if several share it, the one with the same number of visible values."""
        named = self._by_name.get(api_name, [])
        same = [e for e in named if (len(visible(e.inputs)), len(visible(e.outputs))) == (inputs, outputs)]
        return next(iter(same or named), None)

    def at(self, fn_index: int) -> Event | None:
        """Return the event of a number."""
        return self._by_index.get(fn_index)

    def answers_to(self, event: Event) -> bool:
        """Return whether the event can be reached by its name: the server takes the first event of that name."""
        return self._by_name[event.api_name][0] is event

    def _event(self, position: int, entry: Json) -> Event:
        types = entry.get("types")
        name = entry.get("api_name")
        fn_index = entry.get("id")
        inputs, outputs = self._listed(entry.get("inputs")), self._listed(entry.get("outputs"))
        queue = entry.get("queue")
        return Event(
            fn_index=fn_index if type(fn_index) is int and 0 <= fn_index <= _HIGHEST else position,
            # 6.31 spells api_name=False as the string "false".
            api_name=name if isinstance(name, str) and name != "false" else None,
            inputs=inputs,
            outputs=outputs,
            queued=queue if isinstance(queue, bool) else self._enable_queue,
            generator=isinstance(types, dict) and bool(types.get("generator") or types.get("continuous")),
            batched=entry.get("batch") is True,
            public=self._is_public(entry),
            private=entry.get("api_visibility") == "private",
            runs_python=entry.get("backend_fn") is not False,
            description=plain(entry.get("api_description")),
            identity=_identity(inputs, outputs, self._triggers(entry.get("targets")), name),
            collects=_kind(entry.get("targets")) if entry.get("collects_event_data") is True else None,
        )

    def _is_public(self, entry: Json) -> bool:
        if "api_visibility" in entry:
            return bool(entry["api_visibility"] == "public")
        # 3.x has events without a name, and publishes those of gr.Blocks.
        is_named = entry.get("api_name") is not None or not self._is_interface
        return is_named and entry.get("api_name") is not False and entry.get("show_api", True) is not False

    def _listed(self, ids: Any) -> tuple[Component, ...]:
        found = (
            (self._components.get(one, _UNKNOWN) for one in ids if isinstance(one, int))
            if isinstance(ids, list)
            else ()
        )
        return tuple(found)

    def _triggers(self, targets: Any) -> list[str]:
        return [f"{self._signature(pair[0])}.{pair[1]}" for pair in _pairs(targets)]

    def _signature(self, number: Any) -> str:
        key = number if isinstance(number, int) else -1
        if key not in self._signatures:
            component = self._components.get(key, _UNKNOWN)
            said = component.label or ("" if component.drawn else plain(component.props.get("value"), 80))
            self._signatures[key] = _digest([component.kind, said])
        return self._signatures[key]


def _pairs(targets: Any) -> list[list[Any]]:
    """Return what triggers an event: for each the number of a component and the kind of event."""
    listed = targets if isinstance(targets, list) else []
    return [pair for pair in listed if isinstance(pair, list) and len(pair) == 2]


def _drawn(dependencies: list[Any]) -> set[int]:
    """Return the components whose value an event of its own asks the app for, whenever the page is opened."""
    # Gradio binds such an event for `value=function`; in 6, `demo.load(function, outputs=[one])` looks alike.
    entries = [entry for entry in dependencies if isinstance(entry, dict)]
    return {
        entry["outputs"][0]
        for entry in entries
        if any(kind == "load" for _, kind in _pairs(entry.get("targets")))
        and entry.get("inputs") == []
        and entry.get("backend_fn") is not False
        and isinstance(entry.get("outputs"), list)
        and len(entry["outputs"]) == 1
        and isinstance(entry["outputs"][0], int)
    }


def _kind(targets: Any) -> str:
    """Return the kind of event, where there is one for all that trigger it."""
    kinds = {plain(pair[1], _LONGEST_KIND) for pair in _pairs(targets)}
    return kinds.pop() if len(kinds) == 1 else ""


def visible(components: Sequence[Component]) -> list[Component]:
    """Return the components that callers see."""
    return [component for component in components if not component.hidden]


def hidden_positions(components: Sequence[Component]) -> tuple[int, ...]:
    """Return where the server wants a value that callers do not give: State, buttons, layout."""
    return tuple(position for position, component in enumerate(components) if component.hidden)


# 3.x has no mark for them; its server does not publish these.
_HIDDEN_IN_3 = frozenset(
    [
        "state",
        "row",
        "column",
        "tabs",
        "tab",
        "tabitem",
        "box",
        "form",
        "accordion",
        "group",
        "interpretation",
        "dataset",
    ]
)


def _component(entry: Json, *, drawn: bool) -> Component:
    props = entry.get("props")
    kind = str(entry.get("type", ""))[:_LONGEST_KIND]
    label = plain(props.get("label"), _LONGEST_LABEL) if isinstance(props, dict) else ""
    schema = entry.get("api_info")
    return Component(
        kind=kind,
        props=props if isinstance(props, dict) else {},
        hidden=entry.get("skip_api", kind in _HIDDEN_IN_3) is True or kind == "state",
        as_input=entry.get("api_info_as_input", schema),
        as_output=entry.get("api_info_as_output", schema),
        label=label,
        digest=_digest([kind, label]),
        drawn=drawn,
    )


_UNKNOWN = Component(kind="", props={}, hidden=False, as_input=None, as_output=None, label="")


def _identity(
    inputs: tuple[Component, ...], outputs: tuple[Component, ...], triggers: list[str], name: Any
) -> str:
    base = re.sub(r"_\d+$", "", name) if isinstance(name, str) else ""
    parts = [
        base,
        [component.digest for component in inputs],
        [component.digest for component in outputs],
        triggers,
    ]
    return _digest(parts)


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
