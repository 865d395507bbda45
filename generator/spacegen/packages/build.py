"""Builds every file of a package: rendered, formatted once, and checked against the IR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spacegen import ir
from spacegen.errors import Diagnostic, DocumentError, TooLarge
from spacegen.packages.layout import FOLDER, LARGEST_MODULE, MANIFEST_NAME
from spacegen.packages.manifest import manifest_text
from spacegen.packages.vendor import MODULE, installed_runtime
from spacegen.rendering.format import format_source, marked
from spacegen.rendering.render import render
from spacegen.rendering.verify import verify
from spacegen.text import some_of
from spacegen.version import __version__

_MOST_REASONS = 3


def build(
    space: ir.Space, *, source: str, options: Mapping[str, Any], diagnostics: Sequence[Diagnostic] = ()
) -> dict[str, str]:
    """Return every file of a package: rendered, formatted once, and checked against the IR.

    Args:
        space: What the package is about.
        source: What `spacegen.json` records as its source.
        options: How it is written; recorded too.
        diagnostics: What was found while reading the Space; used for the error if no endpoint is left.

    Raises:
        DocumentError: The Space has no endpoint to call.
        IntegrityError: What was rendered is not what the IR promises.
        RuntimeMissing: The runtime should be copied, but is not installed.
        TooLarge: A module would be larger than `check` can read.
    """
    if not space.endpoints:
        raise _without_endpoints(space, diagnostics, undocumented=bool(options.get("undocumented")))
    runtime = installed_runtime() if options.get("vendor") else None
    module = f".{FOLDER}" if runtime else MODULE
    rendered = _bounded(render(space, module))
    files = _bounded({name: marked(format_source(text)) for name, text in rendered.items()})
    trees = verify(space, files, module)
    files |= {"py.typed": "", **(runtime.files if runtime else {})}
    files[MANIFEST_NAME] = manifest_text(
        space,
        files,
        source=source,
        options=options,
        version=__version__,
        runtime=runtime.version if runtime else None,
        trees=trees,
    )
    return files


def _bounded(modules: dict[str, str]) -> dict[str, str]:
    """Return the modules, or raise TooLarge.

    Checked before black, which takes a second for 100 kB, and after it.
    """
    for name, source in modules.items():
        if len(source) > LARGEST_MODULE:
            raise TooLarge(
                f"{name} would be larger than {LARGEST_MODULE >> 20} MB.",
                "Use --include to name the endpoints that you need.",
            )
    return modules


def _without_endpoints(space: ir.Space, diagnostics: Sequence[Diagnostic], *, undocumented: bool) -> DocumentError:
    said = f"{space.id} publishes no endpoints that can be called"
    reasons = [str(diagnostic) for diagnostic in diagnostics if diagnostic.level == "warning"]
    if reasons:
        return DocumentError(f"{said}. {some_of(reasons, _MOST_REASONS, ' ')}")
    hidden = "Its author may have hidden them"
    return DocumentError(f"{said}.", f"{hidden}." if undocumented else f"{hidden}; try --undocumented.")
