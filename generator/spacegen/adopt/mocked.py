"""Clients that tests replace by mocks: a package's functions would not call the mock."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from spacegen.adopt.clients import Clients, Made
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.imports import local_names
from spacegen.adopt.module import Module
from spacegen.adopt.replacements import Replacement, find_replacements
from spacegen.adopt.uses import CallSite

_METHODS = frozenset({"predict", "submit"})
_OF_MOCKS = frozenset({"return_value", "side_effect"})


def mocked(module: Module, clients: Clients, sites: list[CallSite], elsewhere: Elsewhere) -> dict[Made, str]:
    """Return the Clients that are replaced somewhere, each with the place that replaces it."""
    places = [(one.code, one) for one in find_replacements(module.text)]
    places += [(f"{one.code} in {name}", one) for name, one in elsewhere.replacements()]
    found: dict[Made, str] = {}
    if not places:
        return found
    general = {"gradio_client", *local_names(module)}
    for made in clients.made.values():
        names = general | set(_names(module, made, sites))
        for where, replacement in places:
            if _hits(replacement, names):
                found.setdefault(made, where)
    return found


def _hits(replacement: Replacement, names: set[str]) -> bool:
    parts = [part for part in replacement.names if part not in _OF_MOCKS]
    if "gradio_client" in parts or not parts:
        return bool(parts)
    if parts[-1] in _METHODS:
        return len(parts) == 1 or parts[-2] in names
    return parts[-1] in names


def _names(module: Module, made: Made, sites: list[CallSite]) -> Iterator[str]:
    """Yield the names by which code gets at a Client: variables, attributes, functions that return it."""
    outer = module.parent(made.node)
    if isinstance(outer, (cst.Assign, cst.AnnAssign)):
        targets = [one.target for one in outer.targets] if isinstance(outer, cst.Assign) else [outer.target]
        yield from (name for target in targets for name in _identifiers(module, target))
    for site in sites:
        if site.held is not None and made in site.held.made:
            yield from _identifiers(module, site.method.value)
            for node in site.held.through:
                if isinstance(node, (cst.Name, cst.Attribute, cst.Param)):
                    yield from _identifiers(module, node.name if isinstance(node, cst.Param) else node)


def _identifiers(module: Module, node: cst.CSTNode) -> Iterator[str]:
    for one in module.walk(node):
        if isinstance(one, cst.Name) and one.value not in ("self", "cls"):
            yield one.value
