"""Documents -> IR and diagnostics: the last step of reading.

`info` says what callers see, `config` the components and events behind it. An endpoint that makes no sense is
left out or widened, with a diagnostic that names it; the others are still written.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any

from spacegen import ir
from spacegen.errors import Diagnostic
from spacegen.fetching.documents import Fetched
from spacegen.fetching.prefix import read_prefix
from spacegen.ir.types import ClassName, Identifier, PackageName
from spacegen.ir.unions import accepted_type, widened
from spacegen.naming import Either, class_name, field_name
from spacegen.reading.budget import Budget
from spacegen.reading.catalogue import Catalogue
from spacegen.reading.config import App, hidden_positions
from spacegen.reading.first_pass import FirstPass, UntypedEndpoint, Value
from spacegen.reading.info import described
from spacegen.reading.selection import Selection
from spacegen.reading.values import columns_of, default_of, info_of, limits_of, with_blanks
from spacegen.text import plain


def parse(
    fetched: Fetched, package: PackageName, selection: Selection | None = None
) -> tuple[ir.Space, tuple[Diagnostic, ...]]:
    """Read what a Space publishes.

    Args:
        fetched: The Space's documents.
        package: What the package is called.
        selection: The selected endpoints; by default all that are documented.

    Raises:
        DocumentError: The documents as a whole are not what Gradio publishes.
        TooLarge: They ask for more than fits into one package.
    """
    documents, provenance = fetched.documents, fetched.provenance
    config = documents.config
    budget = Budget(documents)
    app = App(config, budget)
    selection = selection or Selection()
    protocol = _word(config.get("protocol"), "ws")
    # One answer is changed for each caller of a batch, while those before are still waiting to be written.
    mixes = re.match(r"4\.1?\d\.", _word(config.get("version"), "")) is not None
    first = FirstPass(app, selection, streams=protocol != "ws", mixes_batches=mixes, budget=budget)
    untyped = first.read(described(app, documents, undocumented=selection.undocumented))
    # A class must not hide a function, and must not have the name of an argument.
    taken = {str(one.function) for one in untyped}
    taken |= {str(value.argument) for one in untyped for value in one.parameters}
    first.catalogue.name(taken)
    results = _result_names(untyped, taken)
    reader = _SecondPass(budget, first.catalogue, results, frozenset(results.values()))
    title = plain(config.get("title"), 200)
    space = ir.Space(
        id=provenance.space_id or provenance.url or provenance.source,
        hub=provenance.space_id is not None,
        url=provenance.url,
        title="" if title == "Gradio" else title,
        prefix=read_prefix(config.get("api_prefix")),
        protocol=protocol,
        gradio=_word(config.get("version"), ""),
        sha=provenance.sha,
        package=package,
        endpoints=tuple(reader.endpoint(one) for one in untyped),
        models=first.catalogue.models(),
    )
    notes = [Diagnostic(level="warning", endpoint=None, message=note) for note in fetched.notes]
    return space, (*notes, *first.diagnostics)


def published(fetched: Fetched, selection: Selection) -> list[str]:
    """Return the api names of everything that could be selected."""
    info = described(App(fetched.documents.config), fetched.documents, undocumented=selection.undocumented)
    return [str(name) for key in ("named_endpoints", "unnamed_endpoints") for name in info.get(key) or ()]


@dataclass(slots=True)
class _SecondPass:
    """The second pass: models have names now, so types can be read."""

    budget: Budget
    catalogue: Catalogue
    results: dict[str, ClassName]
    classes: frozenset[str]
    first_of_kind: dict[str, ir.Endpoint] = field(default_factory=dict)

    def endpoint(self, one: UntypedEndpoint) -> ir.Endpoint:
        endpoint = self._alone(one)
        kind = _kind(endpoint)
        endpoint = replace(endpoint, result=self.results.get(one.function))
        first = self.first_of_kind.setdefault(kind, endpoint)
        if first is endpoint:
            return endpoint
        return replace(endpoint, twin_of=first.function, result=first.result)

    def _alone(self, one: UntypedEndpoint) -> ir.Endpoint:
        event = one.event
        return ir.Endpoint(
            key=one.key,
            function=one.function,
            description=plain(one.raw.get("description")) or (event.description if event else ""),
            parameters=self._parameters(one),
            outputs=self._outputs(one.returns),
            fn_index=event.fn_index if event else None,
            identity=event.identity if event else "",
            hidden_inputs=hidden_positions(event.inputs) if event else (),
            hidden_outputs=hidden_positions(event.outputs) if event else (),
            stateful=event.stateful if event else False,
            # Outside the queue a generator gives only its first value.
            queued=event.queued or event.generator if event else True,
            generator=event.generator if event else False,
            oauth=one.raw.get("oauth_token") in ("required", "optional"),
        )

    def _parameters(self, one: UntypedEndpoint) -> tuple[ir.Parameter, ...]:
        return with_blanks((self._parameter(value), value.raw, value.component) for value in one.parameters)

    def _parameter(self, value: Value) -> ir.Parameter:
        limits = limits_of(value.component, value.schema)
        node = self.catalogue.type(value.schema)
        default, published = default_of(value.raw, value.component, widened(node) if limits.custom else node)
        info, columns = info_of(value.component), columns_of(value.component)
        self.budget.take_words(value.label, info, *columns, *(limits.labels or ()), *(limits.file_types or ()))
        return ir.Parameter(
            name=value.name,
            argument=value.argument or Identifier("value"),
            label=value.label,
            component=value.kind,
            type=accepted_type(node, custom=limits.custom, null=default == ir.Inlined(None), component=value.kind),
            schema=value.schema,
            info=info,
            columns=columns,
            default=default,
            published=published,
            limits=limits,
            example=value.raw.get("example_input"),
            drawn=value.component is not None and value.component.drawn,
            of_event=value.of_event,
        )

    def _outputs(self, values: list[Value]) -> tuple[ir.Output, ...]:
        outputs: dict[str, ir.Output] = {}
        for value in values:
            node = self.catalogue.type(value.schema)
            custom = limits_of(value.component, value.schema).custom
            spoken = value.label or (value.kind if value.kind != "Api" else "value")
            name = field_name(spoken, Either(self.catalogue.names, self.classes, outputs))
            columns = columns_of(value.component)
            self.budget.take_words(value.label, *columns)
            outputs[name] = ir.Output(
                field=name,
                label=value.label,
                component=value.kind,
                type=widened(node) if custom else node,
                schema=value.schema,
                columns=columns,
                custom=custom,
            )
        return tuple(outputs.values())


def _result_names(untyped: list[UntypedEndpoint], taken: set[str]) -> dict[str, ClassName]:
    """Name the class of each endpoint with several outputs, by function."""
    names: dict[str, ClassName] = {}
    for one in untyped:
        if len(one.returns) > 1:
            # A twin's name is taken too, so that no other class is renamed when it stops being a twin.
            names[one.function] = class_name(f"{one.function}_result", taken)
            taken.add(names[one.function])
    return names


def _kind(endpoint: ir.Endpoint) -> str:
    """Return a digest that is the same for the events of one handler, which Gradio numbers: /run, /run_1."""
    base = re.sub(r"_\d+$", "", str(endpoint.key))
    said = repr(replace(endpoint, key=base, function=Identifier(""), fn_index=None, identity=""))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _word(text: Any, otherwise: str) -> str:
    return text if isinstance(text, str) and re.fullmatch(r"[\w.+-]{1,40}", text, re.ASCII) else otherwise
