"""The parts of a server's /config that a call needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._json import as_dict, as_list, as_number, as_text
from .steps import protocol_of


class Slots(NamedTuple):
    """Where an endpoint's parameters and results are in the server's full lists, which include hidden ones.

    Attributes:
        names: The parameters in the server's order, where they are not those of the package.
        added: The defaults of those that the package does not know.
    """

    inputs: int
    hidden_inputs: tuple[int, ...]
    outputs: int
    hidden_outputs: tuple[int, ...]
    names: tuple[str, ...] = ()
    added: Mapping[str, Any] = {}

    @property
    def shown_inputs(self) -> int:
        """How many parameters it has."""
        return self.inputs - len(self.hidden_inputs)


# It becomes part of addresses that credentials are sent to. If it were more than path segments, it could name
# another host.
PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
LONGEST_PREFIX = 200


def read_prefix(value: Any) -> str:
    """Return the path under which an app's API lies, as `api_prefix` in its config says.

    The generator's `ir.prefix.read_prefix` is the same rule; `tests/prefixes.json` holds both to it.

    Raises:
        ValueError: It is not made of plain path segments only; it becomes part of every address that is called.
    """
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= LONGEST_PREFIX and PREFIX.fullmatch(value.rstrip("/")):
        return value.rstrip("/")
    raise ValueError("its api_prefix is not a path")


class Config:
    """The parts of GET /config that a call can need; read only when needed.

    Raises:
        ValueError: It is not what Gradio publishes.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        if "dependencies" not in document:
            raise ValueError("no Gradio app")
        self.prefix = read_prefix(document.get("api_prefix"))
        self.version = as_text(document.get("version")) or ""
        self.protocol = protocol_of(as_text(document.get("protocol")) or "ws", self.version)
        self.max_file_size: int | None = as_number(document.get("max_file_size"))
        self._hidden = {
            part["id"]: bool(part.get("skip_api")) or part.get("type") == "state"
            for part in map(as_dict, as_list(document.get("components")))
            if isinstance(part.get("id"), int)
        }
        self._entries: dict[str | int, tuple[int, Mapping[str, Any]]] = {}
        for position, entry in enumerate(map(as_dict, as_list(document.get("dependencies")))):
            number = entry.get("id")
            index = number if isinstance(number, int) else position  # before 4.44 the position is the index
            self._entries[index] = (index, entry)
            if isinstance(entry.get("api_name"), str):
                self._entries.setdefault("/" + entry["api_name"], (index, entry))

    def names(self) -> list[str]:
        """The endpoints that can be called by name."""
        return [name for name in self._entries if isinstance(name, str)]

    def missing(self, endpoint: str | int) -> str:
        """The message about an endpoint that does not exist."""
        from difflib import get_close_matches

        close = get_close_matches(str(endpoint), self.names(), n=3, cutoff=0.4)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        return f"the Space has no endpoint {endpoint!r} any more.{hint} Run `spacegen update`."

    def fn_index(self, endpoint: str | int) -> int | None:
        """The number of an endpoint now; it changes whenever the Space gets a new event."""
        found = self._entries.get(endpoint)
        return found[0] if found else None

    def trigger(self, endpoint: str | int) -> int | None:
        """The number of the component that triggers an endpoint, of the first one where there are several."""
        found = self._entries.get(endpoint)
        targets = as_list(found[1].get("targets")) if found else []
        numbers = [pair[0] for pair in map(as_list, targets) if pair and isinstance(pair[0], int)]
        return numbers[0] if numbers else None

    def slots(self, endpoint: str | int) -> Slots | None:
        """The endpoint's inputs and outputs as they are now."""
        found = self._entries.get(endpoint)
        if found is None:
            return None
        inputs, outputs = as_list(found[1].get("inputs")), as_list(found[1].get("outputs"))
        return Slots(len(inputs), self._which(inputs), len(outputs), self._which(outputs))

    def _which(self, ids: list[Any]) -> tuple[int, ...]:
        return tuple(at for at, part in enumerate(ids) if isinstance(part, int) and self._hidden.get(part))
