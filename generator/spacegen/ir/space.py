"""What a Space offers: endpoints with parameters and outputs, and how the Space is reached.

`reading` makes these values, `rendering` writes source from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spacegen.ir.types import ClassName, Identifier, Model, PackageName, TypeNode


@dataclass(frozen=True, slots=True)
class Inlined:
    """A default that is short and simple enough for a signature."""

    value: str | int | float | bool | tuple[str | int | float | bool | None, ...] | None


@dataclass(frozen=True, slots=True)
class Published:
    """A default that stays in `spacegen.json`: long, nested, a file on the server, or not of its own type."""


Default = Inlined | Published | None
"""How a parameter's default is written; None where the parameter is required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server accepts besides the type; None if it does not say."""

    choices: tuple[Any, ...] | None = None
    labels: tuple[str, ...] | None = None
    custom: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    file_types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value that a caller passes.

    Attributes:
        name: The parameter's name on the wire.
        argument: Its name in Python.
        label: The label on the Space's page, as plain text; empty if the Space gave no label.
        component: The kind of component behind it (`Textbox`), as the Space spells it.
        info: The explanation next to it on the Space's page (`info=`), as plain text; may be empty.
        columns: The names of a table's columns; empty if it is not a table, or if they have no names.
        type: What the server takes.
        schema: The canonical JSON Schema that `type` was read from; kept for comparing later.
        default: How the default is written, or None if the parameter is required.
        published: The default as JSON; meaningful only if `default` is not None.
        limits: Choices, range and the like.
        example: An example as the Space gives it, or None.
        drawn: Whether the page asks the app for its value whenever the page is opened, so that it has no default.
        of_event: Whether it is the event data of a page (`gr.SelectData`), which is sent in addition to the
            inputs.
    """

    name: str
    argument: Identifier
    label: str
    component: str
    type: TypeNode
    schema: Any
    info: str = ""
    columns: tuple[str, ...] = ()
    default: Default = None
    published: Any = None
    limits: Limits = Limits()
    example: Any = None
    drawn: bool = False
    of_event: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One value that a call returns; the attributes mean what they mean for `Parameter`.

    Attributes:
        custom: Whether it may have other values than the choices in `schema`; then `type` allows them.
    """

    field: Identifier
    label: str
    component: str
    type: TypeNode
    schema: Any
    columns: tuple[str, ...] = ()
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One function of the package.

    Attributes:
        key: How the server addresses it: its api_name with the leading slash, or the event's number if it has no
            name.
        function: Its name in Python.
        description: The Space's own words, as plain text; may be empty.
        fn_index: The event's number today; it changes when the Space gets new events.
        identity: A digest of what the endpoint is (inputs, outputs, trigger) that survives renumbering.
        hidden_inputs: Positions in the server's input list that no parameter fills.
        hidden_outputs: Positions in the server's output list that are not part of the result.
        stateful: Whether it touches `gr.State`.
        queued: Whether it goes through the queue.
        generator: Whether it yields several values.
        oauth: Whether the caller's token is asked for.
        result: Name of the NamedTuple if there are several outputs.
        twin_of: An earlier endpoint that takes and returns exactly the same, because one handler serves both
            events.
    """

    key: str | int
    function: Identifier
    description: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    fn_index: int | None = None
    identity: str = ""
    hidden_inputs: tuple[int, ...] = ()
    hidden_outputs: tuple[int, ...] = ()
    stateful: bool = False
    queued: bool = True
    generator: bool = False
    oauth: bool = False
    result: ClassName | None = None
    twin_of: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A Gradio app as its callers see it.

    Attributes:
        id: `owner/name` on the Hub, else the address or the file's name.
        hub: Whether `id` names a Space on the Hub.
        url: Where it answers, without a trailing slash; None if it is not known.
        prefix: The path before the API's routes (`/gradio_api`, or empty before Gradio 5).
        protocol: Gradio's name of its queue protocol (`sse_v3`).
        gradio: The Gradio version it runs.
        models: The objects that parameters and outputs refer to, in order of name.
    """

    id: str
    hub: bool
    url: str | None
    title: str
    prefix: str
    protocol: str
    gradio: str
    sha: str | None
    package: PackageName
    endpoints: tuple[Endpoint, ...]
    models: tuple[Model, ...]
