"""Says what came with newer versions of what we stand on: `sh run newest`, or by hand

    python tests/tools/newest.py SITE_PACKAGES NEWER_SITE_PACKAGES

Packages by their version; of Gradio the routes, the components with their arguments, and the messages of the queue
with their fields, as its own source tells. Nothing is imported.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

WATCHED = ("gradio", "gradio-client", "pydantic", "httpx", "httpx-sse", "datamodel-code-generator", "black")
_VERBS = {"get", "post", "put", "delete", "head", "patch", "websocket"}


Parts = dict[str, set[str]]
"""Names, and what belongs to each: methods of a route, arguments of a component, fields of a message."""


def published(site_packages: Path) -> dict[str, Parts]:
    """Return what the Gradio of an environment publishes, by kind."""
    gradio = site_packages / "gradio"
    components = [_arguments(_parsed(path)) for path in sorted((gradio / "components").glob("*.py"))]
    return {
        "route": _routes(_parsed(gradio / "routes.py")),
        "component": {name: parts for found in components for name, parts in found.items()},
        "message": _fields(_parsed(gradio / "server_messages.py")),
    }


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])


def _routes(tree: ast.Module) -> Parts:
    found: Parts = {}
    calls = (call for node in ast.walk(tree) for call in getattr(node, "decorator_list", ()))
    for call in calls:
        match call:
            case ast.Call(func=ast.Attribute(attr=verb), args=[ast.Constant(value=str(path)), *_]) if (
                verb in _VERBS
            ):
                found.setdefault(path.rstrip("/") or "/", set()).add(verb.upper())
    return found


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))


def _arguments(tree: ast.Module) -> Parts:
    return {
        node.name: {argument.arg for argument in [*made.args.args[1:], *made.args.kwonlyargs]}
        for node in _classes(tree)
        for made in node.body
        if isinstance(made, ast.FunctionDef) and made.name == "__init__"
    }


def _fields(tree: ast.Module) -> Parts:
    return {
        node.name: {ast.unparse(one) for one in node.body if isinstance(one, ast.AnnAssign)}
        for node in _classes(tree)
    }


def versions(site_packages: Path) -> dict[str, str]:
    """Return the versions of what is watched."""
    found = {
        re.sub(r"[-_.]+", "-", one.name.lower()): one.version for one in distributions(path=[str(site_packages)])
    }
    return {name: found[name] for name in WATCHED if name in found}


def differences(old: Path, new: Path) -> list[str]:
    """Return a line for everything that came or went."""
    before, after = versions(old), versions(new)
    lines = [
        f"{name} {before.get(name, 'none')} -> {now}" for name, now in after.items() if before.get(name) != now
    ]
    was = published(old)
    for kind, now in published(new).items():
        for name in sorted(now.keys() | was[kind].keys()):
            told = _told(was[kind].get(name), now.get(name))
            lines += [f"{kind} {name}: {told}"] if told else []
    return lines


def _told(before: set[str] | None, after: set[str] | None) -> str:
    if before is None or after is None:
        return "new" if before is None else "gone"
    came, went = sorted(after - before), sorted(before - after)
    return "; ".join(f"{how} {', '.join(names)}" for how, names in (("has", came), ("lost", went)) if names)


if __name__ == "__main__":
    print("\n".join(differences(Path(sys.argv[1]), Path(sys.argv[2]))) or "nothing is newer")
