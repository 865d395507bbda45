"""The tools of several packages, under different names."""

from __future__ import annotations

import contextlib
import fnmatch
import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacegen import ir
from spacegen.errors import ArgumentError
from spacegen.loading import Package, identity, opened

_Patterns = Sequence[str]


@dataclass(frozen=True, slots=True)
class Tool:
    """An endpoint that a model may call.

    Attributes:
        name: What the model calls it.
        package: The package of the endpoint.
        endpoint: The endpoint as the package remembers it.
        function: The endpoint itself.
        tools: The runtime's module for tools, which may be a copy inside the package.
    """

    name: str
    package: Package
    endpoint: ir.Endpoint
    function: Any
    tools: Any

    def described(self) -> dict[str, Any]:
        """Return its description for the Model Context Protocol."""
        made: dict[str, Any] = self.tools.tool(self.function, "mcp", name=self.name)
        return made


def described(tools: Sequence[Tool], form: str, *, strict: bool) -> list[dict[str, Any]]:
    """Return the descriptions of tools in a vendor's words, to be sent in one request."""
    made: list[dict[str, Any]] = tools[0].tools.tools(
        {one.name: one.function for one in tools}, form, strict=strict
    )
    return made


@contextlib.contextmanager
def open_tools(
    sources: Sequence[str],
    *,
    include: _Patterns = (),
    exclude: _Patterns = (),
    form: str = "mcp",
    headers: Mapping[str, str] | None = None,
) -> Iterator[list[Tool]]:
    """Import packages, and list their endpoints as tools. A package is read without a request.

    Args:
        sources: Folders of packages, or any SOURCE, for which a temporary package is written. Credentials for a
            SOURCE come from the environment: HF_TOKEN, SPACEGEN_AUTH.
        include: Patterns of names (`translate`, `en2fr_*`); where there are any, a tool must match one.
        exclude: Patterns of names that are left out.
        form: The vendor whose limits apply to names.
        headers: Headers that a gateway in front of the app requires, if there is one source.

    Raises:
        ArgumentError: No endpoint is left, two packages or two tools have the same name, headers are given for
            several sources, or SPACEGEN_AUTH is not a user with a password.
        SpacegenError: A source cannot be read, or a package cannot be imported.
    """
    if headers and len(sources) > 1:
        raise ArgumentError("Headers are for one app: serve its package by itself.")
    auth = _auth() if len(sources) == 1 else None  # a password is sent only to its own app
    with contextlib.ExitStack() as stack:
        packages = [stack.enter_context(opened(one, token=None, auth=auth, headers=headers)) for one in sources]
        for source, package in zip(sources, packages, strict=True):  # a user in the address belongs to that app
            package.module.space.configure(**identity(source, package, auth, headers))
        names = [_name(package) for package in packages]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ArgumentError(f"Two packages are called {twice[0]}; rename the folder of one.")
        found = [tool for package in packages for tool in _tools(package, form, prefixed=len(packages) > 1)]
        kept = [tool for tool in found if _is_wanted(tool, include, exclude)]
        _refuse_equal(kept)
        if not kept:
            names = [tool.name for tool in found]
            raise ArgumentError(f"No tool is left; the tools are {', '.join(names) or 'none'}.")
        yield kept


def _auth() -> tuple[str, str] | None:
    said = os.environ.get("SPACEGEN_AUTH", "")
    user, colon, password = said.partition(":")
    if said and not colon:  # here the password cannot be asked for
        raise ArgumentError("SPACEGEN_AUTH must be USER:PASSWORD; it has no colon.")
    return (user, password) if colon else None


def _name(package: Package) -> str:
    return str(package.module.__name__).rpartition(".")[2]


def _tools(package: Package, form: str, *, prefixed: bool) -> list[Tool]:
    module = importlib.import_module(f"{package.runtime.__name__}.tools")
    tools = []
    for endpoint in package.space.endpoints:
        function = getattr(package.module, endpoint.function)
        wanted = f"{_name(package)}_{endpoint.function}" if prefixed else str(endpoint.function)
        name = module.tool(function, form, name=wanted)
        named = name.get("name") or name["function"]["name"]
        tools.append(Tool(named, package, endpoint, function, module))
    return tools


def _refuse_equal(tools: Sequence[Tool]) -> None:
    """Refuse two tools of one name: a model could call only one of them."""
    known: dict[str, Tool] = {}
    for tool in tools:
        other = known.setdefault(tool.name, tool)
        if other is not tool:
            both = " and ".join(f"{one.endpoint.function} of {_name(one.package)}" for one in (other, tool))
            raise ArgumentError(f"Two tools are called {tool.name}: {both}.", "Rename the folder of one package.")


def _is_wanted(tool: Tool, include: _Patterns, exclude: _Patterns) -> bool:
    names = (tool.name, str(tool.endpoint.function), str(tool.endpoint.key), str(tool.endpoint.key).lstrip("/"))

    def matches(patterns: _Patterns) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in patterns)

    return (not include or matches(include)) and not matches(exclude)
