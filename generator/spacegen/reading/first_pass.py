"""The first pass over `info`: which endpoints there are, with the event and the components behind each.

It also records every schema, so that shared models have names before any type is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from spacegen.errors import Diagnostic, DocumentError
from spacegen.fetching.documents import Json
from spacegen.ir.forms import DATA_URL, FILE
from spacegen.ir.types import Identifier
from spacegen.naming import argument_name, function_name
from spacegen.reading.budget import Budget
from spacegen.reading.canonical import canonical
from spacegen.reading.catalogue import Catalogue
from spacegen.reading.config import App, Component, Event, visible
from spacegen.reading.event_data import event_data
from spacegen.reading.selection import Selection
from spacegen.reading.values import input_schema, shown_schema
from spacegen.text import is_encodable, plain

_MOST_ENDPOINTS = 3000
_MOST_VALUES = 400
_INVENTED_NAME = re.compile(r"(?:param|in)_\d+")  # `gr.Workflow` counts its inputs: `in_0`
_NUMBER = re.compile(r"[0-9]{1,6}")
# Gradio derives these from a component's number, which changes when the app gets a new component.
_INVENTED_LABEL = re.compile(r"(?:parameter|value)_\d+|\d+(?:st|nd|rd|th)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A parameter or return of `info` with the component behind it and its canonical schema.

    A parameter also has its `name` on the wire and the `argument` that it is in Python. One of them may be the
    event data of a page, which is sent in addition to the inputs.
    """

    raw: Json
    component: Component | None
    schema: Any = None
    name: str = ""
    argument: Identifier | None = None
    of_event: bool = False

    @property
    def label(self) -> str:
        """The label on the page, or an empty string if Gradio made the label up."""
        label = plain(self.raw.get("label"), 300)
        return "" if _INVENTED_LABEL.fullmatch(label) else label

    @property
    def kind(self) -> str:
        """The kind of component, as the Space spells it."""
        return plain(self.raw.get("component"), 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class UntypedEndpoint:
    """An endpoint with everything that is known about it, before types are read."""

    key: str | int
    function: Identifier
    raw: Json
    event: Event | None
    parameters: list[Value]
    returns: list[Value]


@dataclass(slots=True)
class FirstPass:
    """All endpoints of one `info`, and notes about problems."""

    app: App
    selection: Selection = field(default_factory=Selection)
    streams: bool = True  # whether the Space streams in a way that the runtime speaks
    mixes_batches: bool = False  # whether one caller of a batch may receive the answer for another
    budget: Budget = field(default_factory=Budget)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    catalogue: Catalogue = field(init=False)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.budget)

    def read(self, info: Json) -> list[UntypedEndpoint]:
        """Return the endpoints in the order of `info`; one that makes no sense is left out with a warning.

        Raises:
            DocumentError: `info` lists no endpoints by name, or too many.
            TooLarge: Together they need more than the budget allows.
        """
        named, unnamed = info.get("named_endpoints", {}), info.get("unnamed_endpoints", {})
        if not isinstance(named, dict) or not isinstance(unnamed, dict):
            raise DocumentError("info does not list endpoints by name.", "Is this a Gradio app?")
        if len(named) + len(unnamed) > _MOST_ENDPOINTS:
            raise DocumentError(f"info lists more than {_MOST_ENDPOINTS} endpoints.")
        untyped = []
        for name, raw in (*named.items(), *unnamed.items()):
            if not self.selection.wants(name):
                continue
            try:
                one = self._endpoint(name, raw, named=name in named)
            except DocumentError as error:
                self._warn(name, f"left out: {error.message}.")
            else:
                untyped += [one] if one else []
        return untyped

    def _endpoint(self, name: str, raw: Any, *, named: bool) -> UntypedEndpoint | None:
        if not isinstance(raw, dict):
            raise DocumentError("its description is not an object")
        if not is_encodable(name):
            raise DocumentError("its name is broken text that cannot be sent")
        parameters, returns = _listed(raw, "parameters"), _listed(raw, "returns")
        event = self._event(name, len(parameters), len(returns), named=named)
        if not self._is_callable(name, event):
            return None
        key = self._key(name, event, named=named)
        self.budget.take(1 + len(parameters) + len(returns))
        if event:
            self.budget.take(len(event.inputs) + len(event.outputs))  # hidden ones are written out
        inputs = self._components(name, event.inputs if event else None, len(parameters), "inputs")
        outputs = self._components(name, event.outputs if event else None, len(returns), "outputs")
        wanted = self.selection.rename.get(name, name if named else f"fn_{name}")
        others = () if name in self.selection.rename else self.selection.rename.values()
        function = function_name(wanted, {*self.functions, *others})
        self.functions.add(function)
        collects = None if event is None or event.collects is None else event_data(event.collects)
        values = _named(parameters, inputs, collects)
        return UntypedEndpoint(
            key=key,
            function=function,
            raw=raw,
            event=event,
            parameters=[self._value(name, function, value, is_input=True) for value in values],
            returns=[
                self._value(name, function, Value(raw=raw, component=component), is_input=False)
                for raw, component in zip(returns, outputs, strict=True)
            ],
        )

    def _event(self, name: str, inputs: int, outputs: int, *, named: bool) -> Event | None:
        if not named and not _NUMBER.fullmatch(name):
            raise DocumentError("an endpoint without a name needs a number")
        event = self.app.find(name.removeprefix("/"), inputs, outputs) if named else self.app.at(int(name))
        if event is None and name != "/False":
            self._warn(name, "config does not know it, so hidden inputs and outputs are unknown.")
        return event

    def _is_callable(self, name: str, event: Event | None) -> bool:
        """Return whether the server has something to call; an endpoint that spacegen cannot call is an error."""
        if event is None:
            # 6.0 to 6.13 list api_name=False under this name; calling it is an HTTP 500.
            return name != "/False"
        if not event.runs_python:
            return False  # it runs only in the browser
        if event.generator and not self.streams:
            raise DocumentError("it streams, and Gradio 3 streams over a WebSocket, which is not supported")
        if event.batched and self.mixes_batches:
            raise DocumentError("it answers many calls at once, and Gradio before 4.20 mixes up the answers")
        return True

    def _key(self, name: str, event: Event | None, *, named: bool) -> str | int:
        """Return the key of the endpoint: its name, or its number if the name belongs to another endpoint."""
        if not named:
            return int(name)
        if event is None or self.app.answers_to(event):
            return name
        self._note(name, f"another event has the same name; this one is called by its number, {event.fn_index}.")
        return event.fn_index

    def _components(
        self, name: str, components: tuple[Component, ...] | None, count: int, what: str
    ) -> list[Component | None]:
        shown = visible(components or ())
        if len(shown) == count:
            return list(shown)
        if components is not None:
            self._warn(name, f"info lists {count} {what}, config {len(shown)}: ranges and choices are unknown.")
        return [None] * count

    def _value(self, name: str, function: Identifier, value: Value, *, is_input: bool) -> Value:
        if is_input and value.component and "parameter_has_default" not in value.raw:
            self.budget.take_default(value.component.props.get("value"))  # is its default then
        try:
            schema = canonical(value.raw.get("type"), self.budget)
            if is_input:
                schema = input_schema(schema, value.component, self.budget)
            elif schema == DATA_URL:
                schema = FILE  # a data URL is saved and shown like any file
            else:
                schema = shown_schema(schema, value.component)
        except DocumentError as error:
            self._warn(name, f"{plain(value.raw.get('label'), 80)!r} gets the type Any: {error.message}.")
            schema = {}
        self.catalogue.add(schema, function, value.name or "result")
        return replace(value, schema=schema)

    def _warn(self, endpoint: str, message: str) -> None:
        self.diagnostics.append(Diagnostic(level="warning", endpoint=plain(endpoint, 80), message=message))

    def _note(self, endpoint: str, message: str) -> None:
        self.diagnostics.append(Diagnostic(level="note", endpoint=plain(endpoint, 80), message=message))


def _named(parameters: list[Json], components: list[Component | None], event: Json | None) -> list[Value]:
    """Give parameters their names: `name` on the wire, `argument` in Python.

    Names that the handler gives come first, then labels, then kinds of components: Gradio counts those that have
    neither (`param_14`), and each of them would have another name once the app gains an input before it.
    Event data comes last, and keeps its name regardless of the app's own parameters.
    """
    last: dict[str, Value] = {}
    if event is not None:
        argument = argument_name(event["parameter_name"], ())
        last[argument] = Value(raw=event, component=None, name=argument, argument=argument, of_event=True)
    values = [Value(raw=raw, component=one) for raw, one in zip(parameters, components, strict=True)]
    spoken = [_spoken(value) for value in values]
    arguments: dict[int, Identifier] = {}
    used = {str(argument) for argument in last}
    for rank in range(3):
        for position, options in enumerate(spoken):
            text = options[rank]
            if position not in arguments and (text or rank == len(options) - 1):
                arguments[position] = argument_name(text, used, f"param_{position}")
                used.add(arguments[position])
    names = [value.raw.get("parameter_name") for value in values]
    given = {name for name in names if isinstance(name, str)}
    named: dict[str, Value] = {}
    for position, (name, value) in enumerate(zip(names, values, strict=True)):
        taken = {*named, *last}
        if not isinstance(name, str) or not name.isidentifier() or name in taken:
            name = argument_name(arguments[position], taken | given)
        named[name] = replace(value, name=name, argument=arguments[position])
    return [*named.values(), *last.values()]


def _spoken(value: Value) -> tuple[str, str, str]:
    """Return what may name a parameter, the best first: the handler's name, the label, the component's kind."""
    name = value.raw.get("parameter_name")
    if not isinstance(name, str) or not name.isidentifier() or _INVENTED_NAME.fullmatch(name):
        name = ""
    return name, value.label.lower(), value.kind.lower()


def _listed(raw: Json, key: str) -> list[Json]:
    values = raw.get(key)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise DocumentError(f"its {key} are not a list of objects")
    if len(values) > _MOST_VALUES:
        raise DocumentError(f"it has more than {_MOST_VALUES} {key}")
    return values
