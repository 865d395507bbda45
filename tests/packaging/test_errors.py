"""The errors of each distribution: one tree, in one module, drawn as it is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from types import ModuleType

import pytest
import spacegen
import spacegen.errors
import spacegen_runtime
import spacegen_runtime.errors

TREES = [
    pytest.param(spacegen, spacegen.errors.SpacegenError, id="spacegen"),
    pytest.param(spacegen_runtime, spacegen_runtime.errors.SpaceError, id="spacegen_runtime"),
]
PROGRAMS = ("__main__", "demo.app")
_NODE = re.compile(r"^ *(?P<branches>(?:[│ ]   )*(?:[├└]── )?)(?P<name>[A-Z]\w+)(?: {2,}\S.*)?$")


def drawn(text: str) -> list[tuple[str, int]]:
    """Return the names of a drawing from top to bottom, each with its depth below the root."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(("├", "    ├")))
    nodes: list[tuple[str, int]] = []
    for line in lines[first - 1 :]:
        if not line.strip():
            break
        match = _NODE.match(line)
        assert match is not None, line
        indent = len(lines[first - 1]) - len(lines[first - 1].lstrip())
        nodes.append((match["name"], (line.index(match["name"]) - indent) // 4))
    return nodes


def below(kind: type[BaseException], depth: int = 0) -> list[tuple[str, int]]:
    ours = [one for one in kind.__subclasses__() if one.__module__.partition(".")[0].startswith("spacegen")]
    return [(kind.__name__, depth), *(node for one in ours for node in below(one, depth + 1))]


@pytest.mark.parametrize(("package", "root"), TREES)
def test_the_drawing_is_the_tree(package: ModuleType, root: type[BaseException]) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith(PROGRAMS):
            importlib.import_module(module.name)

    assert drawn(inspect.getmodule(root).__doc__ or "") == below(root)


@pytest.mark.parametrize(("package", "root"), TREES)
def test_every_error_is_defined_in_the_module_of_errors(package: ModuleType, root: type[BaseException]) -> None:
    def places(kind: type[BaseException]) -> set[str]:
        ours = [one for one in kind.__subclasses__() if one.__module__.partition(".")[0].startswith("spacegen")]
        return {kind.__module__}.union(*(places(one) for one in ours))

    assert places(root) == {f"{package.__name__}.errors"}
