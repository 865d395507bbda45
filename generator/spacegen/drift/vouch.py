"""Whether the files of a package are what spacegen writes.

A digest alone proves nothing, because it can be changed, too.

A pull request can bring a file together with its digest in `spacegen.json`. So the package is written again, in
memory, from what its Space says today, and compared. If the Space has changed or another version wrote the
package, text may differ. Even then, its modules must contain only what a stub contains, and call only the address
in the manifest.
"""

from __future__ import annotations

import ast
import io
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from tokenize import detect_encoding

from spacegen import ir
from spacegen.drift.change import Change
from spacegen.drift.results import Vouched
from spacegen.errors import IntegrityError
from spacegen.packages.build import build
from spacegen.packages.find import content_of
from spacegen.packages.layout import FOLDER, MANIFEST_NAME, MODULES
from spacegen.packages.read_manifest import Manifest
from spacegen.packages.sameness import is_same
from spacegen.packages.vendor import MODULE
from spacegen.rendering.verify import verify_shape
from spacegen.version import __version__

_EVERY = frozenset({"__init__.py", "endpoints.py"})
"""The files of every package."""
_building = threading.Lock()  # rendering is work for one processor


def vouch(
    folder: Path,
    manifest: Manifest,
    space: ir.Space,
    source: str,
    changes: Sequence[Change],
    edited: Sequence[str],
) -> Vouched:
    """Compare the files of a package with the files that spacegen writes for its Space.

    Args:
        folder: The package's folder.
        manifest: Its manifest.
        space: The Space as it is today.
        source: What the manifest would record as its source.
        changes: How the Space differs from what the manifest remembers.
        edited: Files whose digests do not fit; they are reported anyway.

    Raises:
        SpacegenError: The package cannot be written from what the Space publishes now.
    """
    names = sorted(set(manifest.files) - set(edited))
    if manifest.space.url and space.url and manifest.space.url != space.url:
        return Vouched(reason=f"It calls {manifest.space.url}, but its source answers at {space.url}.")
    module = f".{FOLDER}" if manifest.runtime else MODULE
    if manifest.generator != __version__:
        stub = all(name == "py.typed" or _is_stub(folder, name, manifest, module) for name in names)
        by = f"spacegen {manifest.generator[:20]}, and this is {__version__}"
        reason = f"Its files cannot be compared because it was written by {by}; `spacegen update` writes it again."
        return Vouched(reason=None if stub else reason)
    with _building:
        expected = build(space, source=source, options=manifest.options)
    exact = [name for name in names if not changes or name not in MODULES]
    altered = [name for name in exact if _differs(folder, name, expected)]
    altered += [name for name in names if name not in exact and not _is_stub(folder, name, manifest, module)]
    altered += sorted(_EVERY - set(manifest.files))  # a manifest that does not list one of them was changed
    return Vouched(altered=tuple(altered))


def _differs(folder: Path, name: str, expected: Mapping[str, str]) -> bool:
    if name == MANIFEST_NAME or name not in expected:
        return True
    found = content_of(folder, name)
    # The docstring of `__init__.py` names the package, whose folder may have another name since.
    return found is None or not is_same(name, found, expected[name].encode(), docstring=name != "__init__.py")


def _is_stub(folder: Path, name: str, manifest: Manifest, module: str) -> bool:
    """Return whether a file is a module with only what a stub contains, which calls the manifest's address."""
    if name not in MODULES:
        return False
    try:
        content = content_of(folder, name) or b"\0"
        if detect_encoding(io.BytesIO(content).readline)[0] != "utf-8":
            return False  # with another encoding, Python would read another text
        source = content.decode()
        verify_shape({name: source}, module)
    except (IntegrityError, UnicodeDecodeError, SyntaxError):
        return False
    return name != "endpoints.py" or _address(source) == (
        manifest.space.id,
        manifest.space.url,
        manifest.space.prefix,
        manifest.space.protocol,
    )


def _address(source: str) -> tuple[object, ...] | None:
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id="space")], value=ast.Call(args=[ast.Constant(value=id_)], keywords=keywords)
            ):
                said = {one.arg: one.value.value for one in keywords if isinstance(one.value, ast.Constant)}
                return id_, said.get("url"), said.get("prefix", ""), said.get("protocol")
    return None
