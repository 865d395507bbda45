"""Turn a Hugging Face Space into a typed Python package.

The steps of the command are also functions, for programs that write packages themselves:

    generate(source, ...)       from a source to a package on disk
    fetch(source, ...)          reads the documents of a Space
    parse(fetched, package)     turns them into a description of the Space, `spacegen.ir.Space`
    build(space, ...)           returns every file of its package, as text

They may be called from any thread. They leave the process as they found it: no setting of the interpreter, no
signal handler and no thread stays behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacegen.version import __version__

if TYPE_CHECKING:
    from spacegen.fetching.fetch import fetch
    from spacegen.packages.build import build
    from spacegen.pipeline import generate
    from spacegen.reading.parse import parse

__all__ = ["__version__", "build", "fetch", "generate", "parse"]

_PLACES = {
    "build": "spacegen.packages.build",
    "fetch": "spacegen.fetching.fetch",
    "generate": "spacegen.pipeline",
    "parse": "spacegen.reading.parse",
}


def __getattr__(name: str) -> object:
    """Import a name when it is used: `import spacegen` alone loads nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(_PLACES[name]), name)
    return found
