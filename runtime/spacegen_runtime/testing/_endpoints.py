"""What the fake needs to know of packages and of their endpoints."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from types import ModuleType
from typing import Any, cast
from weakref import WeakKeyDictionary

from .._endpoint import Endpoint
from .._json import as_dict, as_list
from .._plan import Plan
from ..calls.function import promised
from ..calls.space import Call, Space
from ..errors import ConfigurationError, UnexpectedOutput
from ..protocol.wire import Access
from ..values.decode import Context, decoder_for
from ..values.file_data import FileData
from ..values.published import load
from ._offer import Offer

AnyEndpoint = Endpoint[..., Any]
_calls: WeakKeyDictionary[AnyEndpoint, Call[Any]] = WeakKeyDictionary()


def space_of(package: ModuleType | Space) -> Space:
    """The Space behind a package."""
    found = package if isinstance(package, Space) else getattr(package, "space", None)
    if isinstance(found, Space):
        return found
    if isinstance(package, ModuleType) and type(found).__name__ == "Space":
        where = type(found).__module__.rpartition(".")[0]
        raise ConfigurationError(f"{package.__name__} carries its own runtime; import {where}.testing instead")
    raise ConfigurationError(f"not a package that spacegen wrote, nor its `space`: {package!r}")


@lru_cache(maxsize=64)
def _offer(package: str | None, name: str) -> Offer:
    return Offer(load(package), name)


def offer_of(space: Space) -> Offer:
    """What a package remembers of its Space; read once, as its spacegen.json is."""
    return _offer(space.package, space.package or space.id)


def plan_of(endpoint: AnyEndpoint) -> Plan:
    """What one call of an endpoint says; of its arguments only the names mean something."""
    return _described(endpoint).plan


def belongs_to(endpoint: AnyEndpoint) -> Space:
    """The Space of an endpoint."""
    return _described(endpoint).space


def _described(endpoint: AnyEndpoint) -> Call[Any]:
    if not isinstance(cast(object, endpoint), Endpoint):
        raise ConfigurationError(f"not an endpoint of a package, such as `translate`: {endpoint!r}")
    found = _calls.get(endpoint)
    if found is None:
        args, kwargs = filled(endpoint, {})
        found = _calls[endpoint] = endpoint._describe(*args, **kwargs)  # pyright: ignore[reportPrivateUsage]
    return found


def filled(endpoint: AnyEndpoint, values: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Values by name as the endpoint's function takes them: by position, or by name."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, parameter in inspect.signature(endpoint.__wrapped__).parameters.items():
        match parameter.kind:
            case parameter.POSITIONAL_ONLY | parameter.POSITIONAL_OR_KEYWORD:
                args.append(values.get(name))
            case parameter.KEYWORD_ONLY:
                kwargs[name] = values.get(name)
            case parameter.VAR_POSITIONAL:  # written by hand
                args.extend(values.values())
            case _:
                pass
    return args, kwargs


def outputs_of(endpoint: AnyEndpoint, value: Any) -> list[Any]:
    """The outputs of an endpoint behind its result."""
    returns = promised(endpoint.__wrapped__)
    if returns is type(None):
        return []
    if isinstance(returns, type) and hasattr(returns, "_fields"):
        if not isinstance(value, returns):
            raise TypeError(f"{endpoint!r} returns a {returns.__name__}, not {value!r}")
        return list(cast("tuple[Any, ...]", value))
    return [value]


def check_result(endpoint: AnyEndpoint, outputs: list[Any], access: Access) -> None:
    """Raise TypeError where outputs, as JSON has them, are not what the endpoint promises."""
    strict = access._replace(options=replace(access.options, strict=True))
    context = Context(str(plan_of(endpoint).endpoint), strict)
    returns = promised(endpoint.__wrapped__)
    try:
        value = decoder_for(returns).decode(outputs, context)
    except UnexpectedOutput as error:
        raise TypeError(f"{error}: {error.raw!r}") from error
    parts = value if hasattr(returns, "_fields") else [value]
    for text in _texts_for_files(outputs, parts):
        raise TypeError(f"{endpoint!r} returns a file, not {text!r}; make one: FileData.of(...)")


def _texts_for_files(raw: Any, value: Any) -> Iterator[str]:
    """Texts of which the decoder made files, as old servers send them; who writes an answer does not mean that."""
    if isinstance(value, FileData) and isinstance(raw, str):
        yield raw
    for pair in _inner(raw, value):
        yield from _texts_for_files(*pair)


def _inner(raw: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of a value, each with the JSON that it was made of."""
    kind: type[Any] = value.__class__
    fields: dict[str, Any] = getattr(kind, "model_fields", {})
    if issubclass(kind, (list, tuple)):
        yield from zip(as_list(raw), value, strict=False)
    said = as_dict(raw)
    yield from ((said.get(one.alias or name), getattr(value, name)) for name, one in fields.items())
    yield from ((said.get(name), one) for name, one in as_dict(value).items())
