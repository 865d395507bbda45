"""What a package knows about its Space: its spacegen.json, read only when needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ..errors import ConfigurationError
from ..protocol.provenance import marked


class _Published:
    """The type of `PUBLISHED`."""

    def __repr__(self) -> str:
        return "PUBLISHED"

    def __reduce__(self) -> str:
        return "PUBLISHED"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """In a JSON schema it is null: the real default may be long, and is text of the Space."""
        from pydantic_core import core_schema

        serialization = core_schema.plain_serializer_function_ser_schema(lambda value: None)
        return core_schema.is_instance_schema(cls, serialization=serialization)


PUBLISHED: Final[Any] = _Published()
"""The default that the Space published for a parameter, kept in the package's spacegen.json."""


@lru_cache(maxsize=64)
def load(package: str | None) -> Mapping[str, Any]:
    """The spacegen.json of a package; empty if it is missing or damaged."""
    if package is None:
        return {}
    from importlib import resources

    from .._json import as_dict, parse
    from .manifest_shape import is_manifest

    try:
        said = parse(resources.files(package).joinpath("spacegen.json").read_text("utf-8"))
    except (OSError, ValueError, ModuleNotFoundError):
        return {}
    return as_dict(said) if is_manifest(said) else {}


def parameters(package: str | None, endpoint: str | int) -> list[Mapping[str, Any]]:
    """What the Space published about an endpoint's parameters."""
    entry = load(package).get("endpoints", {}).get(str(endpoint), {})
    return list(entry.get("parameters", ()))


def default(package: str | None, endpoint: str | int, name: str) -> Any:
    """The published default of a parameter, named as the server names it."""
    for parameter in parameters(package, endpoint):
        if parameter.get("name") == name and "default" in parameter:
            return marked(parameter["default"])
    raise ConfigurationError(
        f"no default of {name!r} in spacegen.json; pass a value, or run `spacegen update`", endpoint=str(endpoint)
    )


def argument_name(package: str | None, endpoint: str | int, name: str) -> str:
    """What the package's function calls the parameter that the server calls `name`."""
    entries = parameters(package, endpoint)
    return next((str(one.get("argument") or name) for one in entries if one.get("name") == name), name)


def component(package: str | None, endpoint: str | int, name: str) -> str:
    """The component of a parameter on the page, such as "Image"; "" if it is not known."""
    entries = parameters(package, endpoint)
    return next((str(one.get("component") or "") for one in entries if one.get("name") == name), "")


def problems(package: str | None, endpoint: str | int, values: Mapping[str, Any]) -> dict[str, str]:
    """Which values break the choices or ranges known when the package was written, and how."""
    found: dict[str, str] = {}
    for parameter in parameters(package, endpoint):
        name = str(parameter.get("name"))
        problem = _problem(parameter, values.get(name))
        if problem:
            found[str(parameter.get("argument") or name)] = problem
    return found


def _kind(value: Any) -> Any:
    return str if isinstance(value, str) else value.__class__


def _problem(parameter: Mapping[str, Any], value: Any) -> str | None:
    if value is None or value is PUBLISHED:  # the Space's own default was refused by nobody
        return None
    choices = parameter.get("choices")
    if choices and not parameter.get("custom"):
        given: list[Any] = [*value] if isinstance(value, (list, tuple)) else [value]
        strange = [item for item in given if not any(item == c and _kind(item) is type(c) for c in choices)]
        if strange:
            return f"{strange[0]!r} is not one of {', '.join(map(repr, choices[:20]))}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = parameter.get("minimum"), parameter.get("maximum")
        if (low is not None and value < low) or (high is not None and value > high):
            return f"{value} is not between {low} and {high}"
    return None
