"""Imports a package: an existing one, or one that is written into a temporary folder for this purpose."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from spacegen import ir
from spacegen.errors import SpacegenError
from spacegen.fetching.routes import basic_header
from spacegen.fetching.source import Address, read_source
from spacegen.packages.find import or_package, package_folder
from spacegen.packages.read_manifest import load_manifest
from spacegen.packages.vendor import MODULE
from spacegen.text import printable

_NAMESPACE = "spacegen_called"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that can be called.

    Attributes:
        module: The package itself, imported.
        runtime: The runtime that it calls, which may be a copy inside it.
        space: Its endpoints, as its `spacegen.json` remembers them.
        headers: Names of the headers that a gateway in front of the app wanted.
    """

    module: ModuleType
    runtime: Any
    space: ir.Space
    headers: tuple[str, ...] = ()


@contextlib.contextmanager
def opened(
    source: str,
    *,
    token: str | None,
    auth: tuple[str, str] | None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Package]:
    """Import the package at `source`, or one written for it into a temporary folder.

    Args:
        source: The folder of a package, or any SOURCE.
        token: Hugging Face token, for reading the SOURCE.
        auth: User and password of an app with a login page, or of a gateway, for reading the SOURCE.
        headers: Headers that a gateway in front of the app requires, for reading the SOURCE.

    Raises:
        SpacegenError: The source cannot be read, the package not be imported, or the runtime is missing.
    """
    folder = package_folder(source)
    if folder is not None:
        yield _load(folder)
        return
    if importlib.util.find_spec(MODULE) is None:
        raise _runtime_missing()
    from spacegen import pipeline

    with tempfile.TemporaryDirectory(prefix="spacegen-call-", ignore_cleanup_errors=True) as scratch:
        with or_package():
            report = pipeline.generate(source, output=Path(scratch), token=token, auth=auth, headers=headers)
        yield _load(report.folder)


def identity(
    source: str, package: Package, auth: tuple[str, str] | None, headers: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return the options with the credentials of a call, the same as for reading the documents.

    Only those that are set.

    Args:
        source: The folder of the package, or the SOURCE that it was written for.
        package: The package.
        auth: User and password of an app with a login page, or of a gateway.
        headers: Headers that a gateway in front of the app requires.
    """
    sent = dict(headers or {})
    asked = None if package_folder(source) else read_source(source)
    basic = asked.basic if isinstance(asked, Address) else None
    if basic is None and auth is not None and "Authorization" in package.headers and "Authorization" not in sent:
        basic, auth = auth, None  # for the gateway: the app behind it has no login page
    options = {"headers": {**sent, **(basic_header(basic) if basic else {})} or None, "auth": auth}
    return {name: value for name, value in options.items() if value is not None}


def _load(folder: Path) -> Package:
    manifest = load_manifest(folder)
    try:
        module = _imported(folder)
        runtime = runtime_of(module)
    except ModuleNotFoundError as error:
        if error.name == MODULE:
            raise _runtime_missing() from error
        raise SpacegenError(f"{folder} needs {error.name}, which is not installed.") from error
    except Exception as error:  # an edited file may raise anything when it is imported
        what = printable(f"{type(error).__name__}: {error}")
        raise SpacegenError(f"{folder} cannot be imported: {what}.", "Write it again: spacegen update.") from error
    return Package(module, runtime, manifest.space, tuple(manifest.options.get("headers", ())))


def _imported(folder: Path) -> ModuleType:
    """Import a folder as a package, without making the other folders beside it importable."""
    # Its own name comes last, because the variable SPACEGEN_<NAME>_SOURCE is named after it.
    name = f"{_NAMESPACE}.{folder.name}"
    for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[known]
    sys.modules.setdefault(_NAMESPACE, ModuleType(_NAMESPACE)).__path__ = []
    importlib.invalidate_caches()
    places = [str(folder)]
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=places)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def runtime_of(module: ModuleType) -> ModuleType:
    """Return the runtime that a package calls, which may be a copy inside it.

    It is the package around its Space's class, at any depth, that contains the root of all errors.
    """
    name = str(type(module.space).__module__.rpartition(".")[0])  # the module itself may import that root, too
    while not hasattr(sys.modules[name], "SpaceError"):
        name = name.rpartition(".")[0]
    return sys.modules[name]


def _runtime_missing() -> SpacegenError:
    return SpacegenError(
        "Calling needs the runtime, which is not installed.", 'Install it: pip install "spacegen[call]"'
    )
