"""A copy of the runtime inside a package, so that the package does not need spacegen.

The files are found and read, never imported: the generator works without the runtime, and needs it only for
packages that contain a copy.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from spacegen.errors import RuntimeMissing
from spacegen.packages.layout import FOLDER

DISTRIBUTION, MODULE = "spacegen-runtime", "spacegen_runtime"
_KINDS = frozenset({".py", ".typed"})
_PLUGIN = "testing/plugin.py"
"""Not copied: pytest finds plugins only in installed distributions, and a copy should not need pytest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The runtime that is installed here.

    Attributes:
        version: Its version.
        files: Text by path inside the package that gets a copy; including its licence and a line with the version.
    """

    version: str
    files: dict[str, str]


def installed_runtime() -> Runtime:
    """Read the files of the runtime that is installed beside the generator.

    Raises:
        RuntimeMissing: It is not installed, or incomplete.
    """
    from importlib import metadata  # it imports the modules for mail and archives, and few packages contain a copy

    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        distribution = None
    spec = importlib.util.find_spec(MODULE)
    if distribution is None or spec is None or not spec.submodule_search_locations:
        raise RuntimeMissing(
            "--vendor copies the runtime, which is not installed here.", f"Install it: pip install {DISTRIBUTION}"
        )
    licence = next((path for path in distribution.files or () if path.name == "LICENSE"), None)
    if licence is None:
        raise RuntimeMissing(
            f"{DISTRIBUTION} is installed without its licence, which a copy must carry.", "Install it again."
        )
    files = {
        "LICENSE": Path(str(licence.locate())).read_text(encoding="utf-8"),
        "VERSION": f"{DISTRIBUTION} {distribution.version}\n",
        **_sources(Path(spec.submodule_search_locations[0])),
    }
    return Runtime(
        version=distribution.version, files={f"{FOLDER}/{name}": text for name, text in sorted(files.items())}
    )


def is_older(version: str, other: str) -> bool:
    """Return whether a version comes before another; an invalid version counts as older."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version) < Version(other)
    except InvalidVersion:
        return True


def _sources(folder: Path) -> dict[str, str]:
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in _KINDS}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if name != _PLUGIN}
