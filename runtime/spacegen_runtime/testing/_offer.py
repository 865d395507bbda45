"""What a Space offers, read from the spacegen.json of its package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..errors import ConfigurationError
from ._dialect import Dialect

TYPED = ("name", "field", "argument", "type", "choices", "custom", "minimum", "maximum")
PARTS = ("parameters", "returns")


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter or one output, as the Space published it.

    Attributes:
        name: The server's name of a parameter, the field of an output.
        argument: What the package calls a parameter.
        schema: Its JSON type, where a file is {"type": "file"}.
        said: All that spacegen.json has about it.
    """

    name: str
    argument: str
    component: str
    schema: Mapping[str, Any]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offered:
    """One endpoint.

    Attributes:
        key: "/name", or the number of an endpoint without a name.
        number: Its fn_index.
        digest: Of all that was published of its types; another one means that they changed.
        event: What a page tells of the event that it answers to, which comes beside the inputs.
    """

    key: str | int
    number: int
    function: str
    description: str
    queued: bool
    generator: bool
    stateful: bool
    digest: str
    hidden_inputs: tuple[int, ...]
    hidden_outputs: tuple[int, ...]
    parameters: tuple[Value, ...]
    outputs: tuple[Value, ...]
    event: Value | None

    @property
    def size(self) -> int:
        """How many inputs the server has for it, hidden ones included."""
        return len(self.parameters) + len(self.hidden_inputs)

    def shown(self, data: Sequence[Any], event_data: Any) -> dict[str, Any]:
        """The values of the parameters, by their names in the package, out of a full list of inputs."""
        values = (value for at, value in enumerate(data) if at not in self.hidden_inputs)
        shown = {parameter.argument: value for parameter, value in zip(self.parameters, values, strict=False)}
        return shown if self.event is None else {**shown, self.event.argument: event_data}

    def full_inputs(self, values: Sequence[Any]) -> list[Any]:
        """A full list of inputs, null in the hidden ones."""
        rest = iter(values)
        return [None if at in self.hidden_inputs else next(rest, None) for at in range(self.size)]

    def full(self, values: Sequence[Any]) -> list[Any]:
        """A full list of outputs, null in the hidden ones."""
        rest = iter(values)
        count = len(values) + len(self.hidden_outputs)
        return [None if at in self.hidden_outputs else next(rest, None) for at in range(count)]


class Offer:
    """A Space as its package remembers it."""

    def __init__(self, manifest: Mapping[str, Any], name: str = "") -> None:
        if not manifest.get("endpoints"):
            where = f"the package {name!r}" if name else "this"
            raise ConfigurationError(
                f"{where} has no spacegen.json that describes its endpoints; run `spacegen update`"
            )
        space = cast("Mapping[str, Any]", manifest.get("space") or {})
        self.id = str(space.get("id") or name)
        self.url = cast("str | None", space.get("url"))
        self.title = str(space.get("title") or "")
        self.dialect = Dialect(
            str(space.get("gradio") or ""), str(space.get("protocol") or "sse_v3"), str(space.get("prefix") or "")
        )
        try:
            self.endpoints = [_offered(key, said) for key, said in _numbered(manifest["endpoints"])]
        except (KeyError, ValueError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ConfigurationError(
                f"the spacegen.json of {name!r} is damaged: {what}; run `spacegen update`"
            ) from error
        self._by_key = {endpoint.key: endpoint for endpoint in self.endpoints}
        self._by_number = {endpoint.number: endpoint for endpoint in self.endpoints}

    def named(self, key: str | int) -> Offered | None:
        """The endpoint of a name such as "/predict", or of a number."""
        return self._by_key.get(key)

    def numbered(self, number: int) -> Offered | None:
        """The endpoint of an fn_index."""
        return self._by_number.get(number)


def _numbered(endpoints: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Endpoints with a number each: one that config did not know gets a free one."""
    free = 1 + max([int(one.get("fn_index") or 0) for one in endpoints.values()])
    for key, said in endpoints.items():
        if said.get("fn_index") is None:
            number, free = (int(key), free) if key.isdecimal() else (free, free + 1)
            said = {**said, "fn_index": number}
        yield key, said


def _offered(key: str, said: Mapping[str, Any]) -> Offered:
    return Offered(
        key=int(key) if key.isdecimal() else key,
        number=int(said["fn_index"]),
        function=str(said.get("function", "")),
        description=str(said.get("description", "")),
        queued=bool(said.get("queued", True)),
        generator=bool(said.get("generator", False)),
        stateful=bool(said.get("stateful", False)),
        digest=_digest(said),
        hidden_inputs=_hidden(said, "hidden_inputs", "parameters"),
        hidden_outputs=_hidden(said, "hidden_outputs", "returns"),
        parameters=tuple(_value(one, "name") for one in said.get("parameters", ())),
        outputs=tuple(_value(one, "field") for one in said.get("returns", ())),
        event=_value(said["event"], "name") if "event" in said else None,
    )


def _hidden(said: Mapping[str, Any], name: str, others: str) -> tuple[int, ...]:
    """The places of a full list that `others` has nothing for."""
    hidden = tuple(said.get(name, ()))
    places = range(len(hidden) + len(said.get(others, ())))
    if len({*hidden}.intersection(places)) < len(hidden):
        raise ValueError(f"{name} are {[*hidden]}, of {len(places)} places")
    return hidden


def _digest(said: Mapping[str, Any]) -> str:
    """Of what a call and its result look like; `spacegen check` makes the same one of the Space of today."""
    listed = [said[part] for part in PARTS] + ([[said["event"]]] if "event" in said else [])
    values = [[{name: one[name] for name in TYPED if name in one} for one in part] for part in listed]
    types = [*values, said["hidden_inputs"], said["hidden_outputs"]]
    return hashlib.sha256(json.dumps(types, sort_keys=True).encode()).hexdigest()[:16]


def _value(said: Mapping[str, Any], name: str) -> Value:
    return Value(
        name=str(said[name]),
        argument=str(said.get("argument") or said[name]),
        component=str(said.get("component", "")),
        schema=cast("Mapping[str, Any]", said.get("type") or {}),
        said=said,
    )
