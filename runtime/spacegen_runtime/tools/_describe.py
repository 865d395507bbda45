"""tool and tools: endpoints as tools that a model can be told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigurationError
from ._known import Known, known, plain_name
from ._schema import input_schema, output_schema
from ._text import one_line, visible
from ._vendors import LONGEST_NAME, Format, StrictRequest, described

if TYPE_CHECKING:
    from .._endpoint import Endpoint


def tool(
    endpoint: Endpoint[..., Any],
    format: Format = "json",  # noqa: A002 # the word that people look for
    *,
    name: str | None = None,
    strict: bool = True,
) -> dict[str, Any]:
    """An endpoint as a tool, in the words of a vendor. Nothing is sent: the package knows all of it.

    Args:
        endpoint: A function of a package.
        format: "json" (name, description, parameters, returns), "mcp" (a Tool of the Model Context Protocol),
            "openai" (the Responses API), "openai-chat" (Chat Completions) or "anthropic" (Messages).
        name: What the model calls it; by default the function's name. It is shortened, and letters that a vendor
            does not take are replaced.
        strict: Ask the vendor to hold the model to the schema, where the vendor's strict mode can say it.

    Raises:
        ConfigurationError: There is no such format, or the package has no spacegen.json.
    """
    if format not in LONGEST_NAME:
        raise ConfigurationError(f"no tool format {format!r}; there are {', '.join(LONGEST_NAME)}")
    about = known(endpoint)
    return described(
        format,
        plain_name(name or about.function, "tool", LONGEST_NAME[format]),
        one_line(f"{about.title}: {about.function}" if about.title else about.function, 200),
        _description(about),
        input_schema(about),
        output_schema(about),
        strict=strict,
    )


def tools(
    endpoints: Mapping[str, Endpoint[..., Any]],
    format: Format = "json",  # noqa: A002 # as for `tool`
    *,
    strict: bool = True,
) -> list[dict[str, Any]]:
    """Several endpoints as the tools of one request, of which a vendor may take only so many strict ones.

    The first ones are strict, as far as there is room (Anthropic takes 20 strict tools, with 24 arguments that may
    be left out and 16 of several types in all of them together); the rest is described without asking for it.

    Args:
        endpoints: What the model calls each, and the function of a package.
        format: As for `tool`.
        strict: As for `tool`.

    Raises:
        ConfigurationError: As for `tool`, or the endpoints have no names.
    """
    if not isinstance(cast(object, endpoints), Mapping):
        kind = type(endpoints).__name__
        raise ConfigurationError(f'tools takes names and endpoints, {{"translate": translate}}, not a {kind}')
    request, made = StrictRequest(), list[dict[str, Any]]()
    for name, endpoint in endpoints.items():
        one = tool(endpoint, format, name=name, strict=strict)
        is_strict = format == "anthropic" and "strict" in one
        if is_strict and not request.has_room(one["input_schema"]):
            one = tool(endpoint, format, name=name, strict=False)
        made.append(one)
    return made


def _description(about: Known) -> str:
    """The Space's own words, and what a model cannot see in the schema."""
    words = [visible(str(about.entry.get("description", ""))).strip() or f"Calls {about.function}."]
    outputs = [
        f"{name} ({label})" if label else name
        for (name, _), one in zip(about.returns, about.entry["returns"], strict=True)
        if (label := one_line(str(one.get("label") or one.get("component", "")), 100)) or name
    ]
    if outputs:
        words.append(f"Returns {', '.join(outputs)}.")
    if about.entry.get("stateful"):
        words.append("It remembers earlier calls of the same session.")
    return "\n".join(words)
