"""Documents -> IR and diagnostics: the only module that knows how Gradio spells an endpoint.

`info` says what callers see, `config` (read by `app`) what stands behind it. An endpoint that makes no sense
is left out or widened, with a diagnostic that names it; the others are written all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from spacegen import ir
from spacegen.app import App, Component, Event, hidden_positions, visible
from spacegen.documents import Fetched, Json
from spacegen.errors import Diagnostic, DocumentError
from spacegen.fallback import described_by_config
from spacegen.naming import (
    Identifier,
    PackageName,
    argument_name,
    class_name,
    field_name,
    function_name,
)
from spacegen.schema import Catalogue, canonical, union, widened
from spacegen.text import plain
from spacegen.values import default_of, limits_of

_MOST_ENDPOINTS = 3000
_MOST_VALUES = 400
# Gradio makes these up from a component's number, which shifts whenever the app gains a component.
_INVENTED_LABEL = re.compile(r"(?:parameter|value)_\d+|\d+(?:st|nd|rd|th)")
_INVENTED_NAME = re.compile(r"param_\d+")


def parse(fetched: Fetched, package: PackageName) -> tuple[ir.Space, tuple[Diagnostic, ...]]:
    """Read what a Space publishes.

    Raises:
        DocumentError: The documents as a whole are not what Gradio publishes.
    """
    documents, provenance = fetched.documents, fetched.provenance
    config = documents.config
    app = App(config)
    reader = _Reader(app)
    described = documents.info if documents.info is not None else described_by_config(app, documents.openapi)
    drafts = reader.drafts(described)
    taken = {str(draft.function) for draft in drafts}
    reader.catalogue.name(taken)
    endpoints = tuple(reader.endpoint(draft, taken) for draft in drafts)
    title = plain(config.get("title"), 200)
    space = ir.Space(
        id=provenance.space_id or provenance.url or provenance.source,
        hub=provenance.space_id is not None,
        url=provenance.url,
        title="" if title == "Gradio" else title,
        prefix=_route(config.get("api_prefix")),
        protocol=_word(config.get("protocol"), "ws"),
        gradio=_word(config.get("version"), ""),
        sha=provenance.sha,
        package=package,
        endpoints=endpoints,
        models=reader.catalogue.models(),
    )
    notes = [Diagnostic(level="warning", endpoint=None, message=note) for note in fetched.notes]
    return space, (*notes, *reader.diagnostics, *_limits_of_protocol(space))


def _limits_of_protocol(space: ir.Space) -> list[Diagnostic]:
    # Gradio 3 streams over a WebSocket alone; a request gets the first value, and the rest never runs.
    streaming = [endpoint for endpoint in space.endpoints if endpoint.generator and space.protocol == "ws"]
    message = "Gradio 3 streams in a way that is not spoken here, so a call gives the first value only."
    return [Diagnostic(level="warning", endpoint=str(endpoint.key), message=message) for endpoint in streaming]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A parameter or return of `info` with the component behind it and its canonical schema."""

    raw: Json
    component: Component | None
    schema: Any

    @property
    def label(self) -> str:
        label = plain(self.raw.get("label"), 300)
        return "" if _INVENTED_LABEL.fullmatch(label) else label

    @property
    def kind(self) -> str:
        return plain(self.raw.get("component"), 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    key: str | int
    function: Identifier
    raw: Json
    event: Event | None
    parameters: list[_Value]
    returns: list[_Value]


@dataclass(slots=True)
class _Reader:
    app: App
    catalogue: Catalogue = field(default_factory=Catalogue)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    written: dict[str, list[ir.Endpoint]] = field(default_factory=dict)

    def drafts(self, info: Json) -> list[_Draft]:
        """First pass: note every schema, so that models can be named before any type is read."""
        named, unnamed = info.get("named_endpoints", {}), info.get("unnamed_endpoints", {})
        if not isinstance(named, dict) or not isinstance(unnamed, dict):
            raise DocumentError("info does not list endpoints by name.", "Is this a Gradio app?")
        if len(named) + len(unnamed) > _MOST_ENDPOINTS:
            raise DocumentError(f"info lists more than {_MOST_ENDPOINTS} endpoints.")
        drafts = []
        for name, raw in (*named.items(), *unnamed.items()):
            try:
                draft = self._draft(name, raw, named=name in named)
            except DocumentError as error:
                self._warn(name, f"left out: {error.message}.")
            else:
                drafts += [draft] if draft else []
        return drafts

    def _draft(self, name: str, raw: Any, *, named: bool) -> _Draft | None:
        if not isinstance(raw, dict):
            raise DocumentError("its description is no object")
        parameters, returns = _listed(raw, "parameters"), _listed(raw, "returns")
        event = self._event(name, len(parameters), len(returns), named=named)
        if event and not event.runs_python:
            return None  # runs in the browser alone; the server has nothing to call
        if name == "/False" and event is None:
            # 6.0 to 6.13 list api_name=False under this name; calling it is an HTTP 500.
            return None
        key: str | int = name if named else int(name)
        if named and event and not self.app.answers_to(event):
            self._note(
                name, f"another event has the same name; this one is called by its number, {event.fn_index}."
            )
            key = event.fn_index
        inputs = self._components(name, event.inputs if event else None, len(parameters), "inputs")
        outputs = self._components(name, event.outputs if event else None, len(returns), "outputs")
        function = function_name(name if named else f"fn_{name}", self.functions)
        self.functions.add(function)
        return _Draft(
            key=key,
            function=function,
            raw=raw,
            event=event,
            parameters=[self._value(name, function, *pair) for pair in zip(parameters, inputs, strict=True)],
            returns=[self._value(name, function, *pair) for pair in zip(returns, outputs, strict=True)],
        )

    def _event(self, name: str, inputs: int, outputs: int, *, named: bool) -> Event | None:
        if not named and not name.isdecimal():
            raise DocumentError("an endpoint without a name needs a number")
        event = self.app.find(name.removeprefix("/"), inputs, outputs) if named else self.app.at(int(name))
        if event is None and name != "/False":
            self._warn(name, "config does not know it, so hidden inputs and outputs are unknown.")
        return event

    def _components(
        self, name: str, components: tuple[Component, ...] | None, count: int, what: str
    ) -> list[Component | None]:
        shown = visible(components or ())
        if len(shown) == count:
            return list(shown)
        if components is not None:
            self._warn(name, f"info lists {count} {what}, config {len(shown)}: ranges and choices are unknown.")
        return [None] * count

    def _value(self, name: str, function: Identifier, raw: Json, component: Component | None) -> _Value:
        try:
            schema = canonical(raw.get("type"))
        except DocumentError as error:
            self._warn(name, f"{plain(raw.get('label'), 80)!r} is typed as anything: {error.message}.")
            schema = {}
        self.catalogue.add(schema, f"{function}_{plain(raw.get('parameter_name') or 'result', 40)}")
        return _Value(raw=raw, component=component, schema=schema)

    def endpoint(self, draft: _Draft, taken: set[str]) -> ir.Endpoint:
        """Second pass: models have names now, so types can be read."""
        endpoint = self._alone(draft)
        before = self.written.setdefault(_base(endpoint.key), [])
        twin = next((one for one in before if _are_twins(one, endpoint)), None)
        if twin is not None:
            return replace(endpoint, twin_of=twin.function, result=twin.result)
        if len(endpoint.outputs) > 1:
            endpoint = replace(endpoint, result=class_name(f"{draft.function}_result", taken))
            taken.add(str(endpoint.result))
        before.append(endpoint)
        return endpoint

    def _alone(self, draft: _Draft) -> ir.Endpoint:
        event = draft.event
        return ir.Endpoint(
            key=draft.key,
            function=draft.function,
            description=plain(draft.raw.get("description")) or (event.description if event else ""),
            parameters=self._parameters(draft),
            outputs=self._outputs(draft.returns),
            fn_index=event.fn_index if event else None,
            identity=event.identity if event else "",
            hidden_inputs=hidden_positions(event.inputs) if event else (),
            hidden_outputs=hidden_positions(event.outputs) if event else (),
            stateful=event.stateful if event else False,
            queued=event.queued if event else True,
            generator=event.generator if event else False,
            oauth=draft.raw.get("oauth_token") in ("required", "optional"),
        )

    def _parameters(self, draft: _Draft) -> tuple[ir.Parameter, ...]:
        parameters: list[ir.Parameter] = []
        for position, value in enumerate(draft.parameters):
            parameters.append(self._parameter(value, position, parameters))
        return tuple(parameters)

    def _parameter(self, value: _Value, position: int, before: list[ir.Parameter]) -> ir.Parameter:
        name = value.raw.get("parameter_name")
        name = name if isinstance(name, str) and name.isidentifier() else ""
        spoken = value.label if _INVENTED_NAME.fullmatch(name) or not name else name
        taken = {parameter.argument for parameter in before}
        argument = argument_name(spoken if spoken == name else spoken.lower(), taken, f"param_{position}")
        limits = limits_of(value.component, value.schema)
        node = self.catalogue.type(value.schema)
        default, published = default_of(value.raw, value.component, widened(node) if limits.custom else node)
        return ir.Parameter(
            name=argument if not name or name in {parameter.name for parameter in before} else name,
            argument=argument,
            label=value.label,
            component=value.kind,
            type=accepted_type(node, custom=limits.custom, null=default == ir.Inlined(None)),
            schema=value.schema,
            default=default,
            published=published,
            limits=limits,
            example=value.raw.get("example_input"),
        )

    def _outputs(self, values: list[_Value]) -> tuple[ir.Output, ...]:
        outputs: list[ir.Output] = []
        for value in values:
            node = self.catalogue.type(value.schema)
            custom = limits_of(value.component, value.schema).custom
            name = field_name(value.label or value.kind, {output.field for output in outputs})
            outputs.append(
                ir.Output(
                    field=name,
                    label=value.label,
                    component=value.kind,
                    type=widened(node) if custom else node,
                    schema=value.schema,
                    custom=custom,
                )
            )
        return tuple(outputs)

    def _warn(self, endpoint: str, message: str) -> None:
        self.diagnostics.append(Diagnostic(level="warning", endpoint=plain(endpoint, 80), message=message))

    def _note(self, endpoint: str, message: str) -> None:
        self.diagnostics.append(Diagnostic(level="note", endpoint=plain(endpoint, 80), message=message))


def accepted_type(node: ir.TypeNode, *, custom: bool, null: bool) -> ir.TypeNode:
    """Return what callers may pass: other values than the `custom` choices, and None where that is the default."""
    node = widened(node) if custom else node
    return union((node, ir.Nothing())) if null or _may_stay_empty(node) else node


def _may_stay_empty(node: ir.TypeNode) -> bool:
    # Nullability is never published. The server takes null everywhere, but people leave files empty on purpose.
    return node in (ir.File(), ir.ListOf(ir.File()))


def _are_twins(first: ir.Endpoint, second: ir.Endpoint) -> bool:
    if not first.parameters:
        return False
    own = replace(second, key=first.key, function=first.function, fn_index=first.fn_index)
    return replace(own, identity=first.identity, result=first.result) == first


def _base(key: str | int) -> str:
    # Gradio numbers the events of one handler: /run, /run_1, /run_2.
    return re.sub(r"_\d+$", "", str(key))


def _listed(raw: Json, key: str) -> list[Json]:
    values = raw.get(key)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise DocumentError(f"its {key} are no list of objects")
    if len(values) > _MOST_VALUES:
        raise DocumentError(f"it has more than {_MOST_VALUES} {key}")
    return values


def _route(prefix: Any) -> str:
    # Goes in front of every route; anything but a plain path would send calls elsewhere.
    return prefix if isinstance(prefix, str) and re.fullmatch(r"(?:/[\w.~-]+){0,8}", prefix, re.ASCII) else ""


def _word(text: Any, otherwise: str) -> str:
    return text if isinstance(text, str) and re.fullmatch(r"[\w.+-]{1,40}", text, re.ASCII) else otherwise
