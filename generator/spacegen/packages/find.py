"""Finds the packages that spacegen wrote on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from spacegen.errors import NoSource, PackageNotFound
from spacegen.fetching.body import LARGEST
from spacegen.packages.layout import FOLDER, LARGEST_MODULE, MANIFEST_NAME, MODULES
from spacegen.packages.plainfile import open_plain, read_inside
from spacegen.packages.sameness import digest_of

_NOT_OURS = frozenset({"node_modules", "__pycache__", "site-packages"})
_IMPORTED = frozenset({".py", ".pyi", ".pyc", ".so", ".pyd", ".pth"})


def find_packages(paths: Sequence[Path]) -> list[Path]:
    """Return every folder with a `spacegen.json` at or below the paths, each once.

    Hidden folders, virtual environments and `node_modules` are left out unless they are named.

    Raises:
        PackageNotFound: There is no such path, or there is no package below any of them.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        must_exist(path)
        for folder in _below(path.parent if path.name == MANIFEST_NAME else path):
            found.setdefault(folder.resolve(), folder)
    if not found:
        where = ", ".join("this folder" if path == Path() else str(path) for path in paths)
        raise PackageNotFound(
            f"There is no {MANIFEST_NAME} at or below {where}.",
            "Every package that spacegen wrote has one; commit it too.",
        )
    return list(found.values())


def must_exist(path: Path) -> None:
    """Refuse a path that a user named and that is not there.

    Raises:
        PackageNotFound: There is no such path.
    """
    if not path.exists():
        raise PackageNotFound(f"There is no file or folder {path}.")


def package_folder(text: str) -> Path | None:
    """Return the folder of a package from its path or the path of its `spacegen.json`; None for anything else."""
    path = Path(text)
    folder = path.parent if path.name == MANIFEST_NAME else path
    try:
        return folder.resolve() if (folder / MANIFEST_NAME).is_file() else None
    except (OSError, ValueError):  # too long, a NUL byte
        return None


@contextmanager
def or_package() -> Iterator[None]:
    """For where a package could be named, too: an error for what is no SOURCE says that there is none."""
    try:
        yield
    except NoSource as error:
        raise NoSource(error.message, f"There is no package of that name here. {error.hint}") from error


def unlisted_packages(top: Path, listed: Sequence[Path]) -> list[Path]:
    """Return the packages below a folder that are not listed."""
    known = {folder.resolve() for folder in listed}
    return [folder for folder in _below(top) if folder.resolve() not in known]


def _below(top: Path) -> Iterator[Path]:
    for folder, inside, files in os.walk(top):
        if MANIFEST_NAME in files:
            yield Path(folder)
            inside.clear()
        elif "pyvenv.cfg" in files:
            inside.clear()
        inside[:] = sorted(name for name in inside if is_ours(name))


def is_ours(name: str) -> bool:
    """Whether a folder of this name may contain a project's own files."""
    return name not in _NOT_OURS and not name.startswith(".")


def edited_files(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the written files that are missing or have been changed."""
    return tuple(name for name, digest in sorted(files.items()) if _is_edited(folder, name, digest))


def unwritten_files(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files in a package that can be imported but were not written by spacegen."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if _is_importable(path))
    return tuple(sorted(name for name in found if name not in files))


def shadowing_files(unwritten: Iterable[str], files: Iterable[str]) -> tuple[str, ...]:
    """Return those unwritten files that Python would import instead of a file of spacegen.

    For `endpoints`, Python prefers a folder, a link to one or a compiled module to `endpoints.py`; and a manifest
    may leave out `endpoints.py` itself.
    """
    written = {name.removesuffix(".py") for name in (*files, *MODULES) if name.endswith(".py")}
    return tuple(name for name in unwritten if _module(name) in written or name.startswith(f"{FOLDER}/"))


def _module(name: str) -> str:
    *above, last = [part for part in name.split("/") if part != "__pycache__"]
    stem = last.split(".")[0]
    return "/".join(above if above and stem == "__init__" else [*above, stem])


def _is_importable(path: Path) -> bool:
    if "__pycache__" in path.parts:
        return path.suffix == ".pyc" and _is_unchecked(path)
    return path.suffix in _IMPORTED or (path.is_symlink() and path.is_dir())


def _is_unchecked(path: Path) -> bool:
    """Return whether Python runs a compiled module without checking its source, as its flags can say (PEP 552)."""
    try:
        with open_plain(path) as file:
            return file.read(8)[4:] == b"\1\0\0\0"
    except OSError:
        return True


def most_bytes(name: str) -> int:
    """Return how large a file of a package may be."""
    return LARGEST_MODULE if name.endswith(".py") else LARGEST


def content_of(folder: Path, name: str) -> bytes | None:
    """Return the content of a file of a package; None if it cannot be read, or is larger than any written file."""
    try:
        return read_inside(folder, name, most_bytes(name))
    except (OSError, ValueError):
        return None


def _is_edited(folder: Path, name: str, digest: str) -> bool:
    content = content_of(folder, name)
    return content is None or digest_of(name, content) != digest
