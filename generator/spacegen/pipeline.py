"""From a source to a package on disk. Read this file first: the steps are in the order in which they run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from spacegen import ir
from spacegen.errors import Diagnostic, StrictError, TargetError
from spacegen.fetching.documents import Fetched
from spacegen.fetching.fetch import fetch
from spacegen.fetching.recorded import record
from spacegen.ir.types import PackageName
from spacegen.naming import is_package_name, package_name
from spacegen.packages.build import build
from spacegen.packages.write import write_package
from spacegen.packages.written_from import replaced_source
from spacegen.reading.parse import parse, published
from spacegen.reading.selection import Selection
from spacegen.rendering.example import first_call
from spacegen.rendering.models import needs_generator
from spacegen.rendering.preload import Preload


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was written.

    Attributes:
        carries_runtime: Whether it contains a copy of the runtime.
        first_call: Two lines of Python that try the package.
    """

    package: str
    folder: Path
    endpoints: int
    models: int
    diagnostics: tuple[Diagnostic, ...]
    first_call: str
    carries_runtime: bool = False
    replaces: str = ""

    @property
    def summary(self) -> str:
        """What was written, in one line."""
        size = f"{_count(self.endpoints, 'endpoint')}, {_count(self.models, 'model')}"
        return f"Wrote {self.folder}/: {size}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def generate(
    source: str,
    *,
    output: Path = Path(),
    name: str | None = None,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    selection: Selection | None = None,
    vendor: bool = False,
    force: bool = False,
    strict: bool = False,
    preload: Preload | None = None,
) -> Report:
    """Write the package of a Space into the folder `output`.

    Args:
        source: A Space id, a URL or a saved documents file.
        output: The folder that the package's own folder is put into.
        name: The package's name; by default derived from the name of the Space.
        token: Hugging Face token for private Spaces; by default `HF_TOKEN` or the Hub's token file.
        auth: User and password of an app, or of a gateway in front of it, that asks for a login.
        headers: Headers that a gateway in front of the app requires; `spacegen.json` stores their names, never
            their values.
        selection: Which endpoints are written, and under which names; by default all.
        vendor: Copy the runtime into the package, so that it needs neither the runtime nor spacegen.
        force: Replace a folder that spacegen did not write.
        strict: Treat warnings as errors.
        preload: Told when heavy modules are needed; the command's own imports them during the network requests.

    Raises:
        SpacegenError: The source cannot be read, the selection names endpoints that do not exist, or the package
            cannot be written; nothing was changed.
    """
    preload = preload or Preload()
    selection = selection or Selection()
    fetched = fetch(source, token=token, auth=auth, headers=headers, undocumented=selection.undocumented)
    preload.hold()
    if selection != Selection():
        selection.check(published(fetched, selection))
    space, diagnostics = parse(fetched, chosen_name(fetched, name), selection)
    if strict and any(diagnostic.level == "warning" for diagnostic in diagnostics):
        raise StrictError("; ".join(str(d) for d in diagnostics if d.level == "warning"))
    preload.wait(models=needs_generator(space.models))
    folder = output / space.package
    options = _recorded_options(fetched, name, selection, vendor=vendor)
    recorded = record(source, fetched.provenance.source, folder)
    files = build(space, source=recorded, options=options, diagnostics=diagnostics)
    replaces = replaced_source(folder, source)
    write_package(folder, files, force=force)
    example = first_call(space)
    return Report(
        package=space.package,
        folder=folder,
        endpoints=len(space.endpoints),
        models=len(space.models),
        diagnostics=diagnostics,
        first_call="\n".join(example) if example else "",
        carries_runtime=vendor,
        replaces=replaces,
    )


def inspect(
    source: str,
    *,
    token: str | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ir.Space:
    """Read a Space without writing anything."""
    fetched = fetch(source, token=token, auth=auth, headers=headers)
    return parse(fetched, chosen_name(fetched, None))[0]


def chosen_name(fetched: Fetched, name: str | None) -> PackageName:
    """Return the package's name: the user's, or one derived from the name of the Space.

    Raises:
        TargetError: The name that the user gave cannot be a package's name.
    """
    if name is not None:
        if not is_package_name(name):
            raise TargetError(
                f"{name!r} cannot be a package's name.",
                "Use letters, digits and underscores, a letter first; words of Python (`class`) and names of its "
                "standard library and of Gradio are not allowed.",
            )
        return PackageName(name)
    return package_name(_spoken_name(fetched))


def _recorded_options(fetched: Fetched, name: str | None, selection: Selection, *, vendor: bool) -> dict[str, Any]:
    """Return the options that `spacegen update` needs; of a gateway's headers only the names."""
    headers = list(fetched.provenance.headers)
    chosen = {"name": name, "vendor": vendor, "headers": headers, **selection.options()}
    return {key: value for key, value in chosen.items() if value}


def _spoken_name(fetched: Fetched) -> str:
    provenance = fetched.provenance
    space_id = provenance.space_id or fetched.documents.config.get("space_id")
    if isinstance(space_id, str) and "/" in space_id:
        return space_id.rpartition("/")[2]
    title = fetched.documents.config.get("title")
    if isinstance(title, str) and title.strip() and title != "Gradio":
        return title
    if provenance.url:
        return (urlsplit(provenance.url).hostname or "app").replace(".", "_")
    return PurePosixPath(provenance.source.replace(os.sep, "/")).stem
