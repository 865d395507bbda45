"""A small Space before and after a change, and the package that was written of it."""

from __future__ import annotations

import json
from pathlib import Path

from spacegen.fetching.documents import Json
from spacegen.packages.find import edited_files
from spacegen.packages.read_manifest import load_manifest

from support.documents import documents, endpoint, value

OLD = endpoint("greet", [value("name")], [value()])
NEW = endpoint("greet", [value("name"), value("tone", default="")], [value()])


def save(path: Path, *endpoints: Json) -> Path:
    """Save the documents of an app with these endpoints, which is a SOURCE."""
    given = documents(*endpoints)
    path.write_text(json.dumps({"config": given.config, "info": given.info, "openapi": None}))
    return path


def is_whole(package: Path) -> bool:
    """Whether every file is as the manifest beside it says, and nothing else is there."""
    manifest = load_manifest(package)
    there = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    return not edited_files(package, manifest.files) and there == {*manifest.files, "spacegen.json"}


def is_new(package: Path) -> bool:
    """Whether it was written of `NEW`."""
    return "tone" in (package / "endpoints.py").read_text()
