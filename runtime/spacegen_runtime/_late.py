"""The models of a package, loaded when one is used: importing pydantic takes longer than all the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from . import _fork

MODELS = "models"


def late(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package: they load its models when one of them is used.

    Its `endpoints` get a `models` that loads the real module when an annotation is evaluated, and not before.

    Args:
        package: The full name of the package.
    """
    names = vars(sys.modules[package])
    models = names[MODELS] = _Models(f"{package}.{MODELS}")  # which an import replaces: no name comes up later
    _fork.imports_late(models.__name__)

    def found(name: str) -> Any:
        if name not in names.get("__all__", ()):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(models, name)

    def listed() -> list[str]:
        return sorted({*names, *names["__all__"]})

    return found, listed


class _Models(ModuleType):
    """A stand-in for a module, which is loaded when one of its attributes is used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)
