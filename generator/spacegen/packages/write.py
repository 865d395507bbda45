"""{path: source} -> a package folder, replaced completely or not at all.

The new package is built beside the old one, synced, and swapped in by one rename; a process that dies at any
moment leaves the old package or the new one. Remains beside the package are removed by the next run.

    .en2fr.spacegen-new-<random>    a package being built, or the old one after the swap
    .en2fr.spacegen-old             the old package, moved aside where the system cannot swap

Nothing that a user wrote is lost:

- A folder that spacegen did not write is left alone without `force`.
- Other files in a package of spacegen stay where they are.
- A file of spacegen that was edited by hand is not replaced without `force`.
- A file of spacegen that a formatter changed stays as it is while its contents stay the same.
- `force` replaces files of the same name, and removes nothing that spacegen did not write.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from spacegen.errors import IntegrityError, TargetError
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.lying import Lying, content_of, names_in, survey
from spacegen.packages.plainfile import is_inside_name
from spacegen.packages.sameness import is_same
from spacegen.packages.swap import locked, swap, sync_folder
from spacegen.text import some_of

_MOST_NAMED = 3
FileChange = Literal["added", "changed", "removed"]


def write_package(target: Path, files: Mapping[str, str], *, force: bool = False) -> None:
    """Replace a package folder by new files, atomically.

    Args:
        target: The package's folder; its parents are made where they are missing.
        files: Source by path inside the package, `/` between folders. All of them are UTF-8 with LF.
        force: Also replace files that spacegen did not write or that were edited since. Other files stay.

    Raises:
        TargetError: The folder is not a package of spacegen, or cannot be written; it is unchanged.
        IntegrityError: A name in `files` leads outside the package, or a file is not valid text.
    """
    contents = _encoded(files)
    try:
        _check_target(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.parent):
            _recover(target)
            old = survey(target, contents)
            _check_ours(target, old, contents, force=force)
            contents = _formatted_as_before(target, old, contents)
            if old.exists and not _changes(target, old, contents):
                return
            _replace(target, old, contents)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TargetError(f"Cannot write {target}: {reason}.", "The folder is unchanged.") from error


def diff_package(target: Path, files: Mapping[str, str]) -> dict[str, FileChange]:
    """Return which files `write_package` would change, by path, in order; nothing is written.

    Raises:
        TargetError: The folder cannot be read.
        IntegrityError: As for `write_package`.
    """
    contents = _encoded(files)
    try:
        _check_target(target)
        old = survey(target, contents)
        return _changes(target, old, _formatted_as_before(target, old, contents))
    except OSError as error:
        raise TargetError(f"Cannot read {target}: {error.strerror or error}.") from error


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    for name in files:
        if not is_inside_name(name):
            raise IntegrityError(f"{name!r} cannot be the name of a file in a package.")
    try:
        return {name: source.encode() for name, source in sorted(files.items())}
    except UnicodeEncodeError as error:
        raise IntegrityError(f"The rendered source is not valid text: {error.reason}.") from error


def _check_target(target: Path) -> None:
    if target.is_symlink():
        raise TargetError(f"{target} is a symbolic link.", "Name the folder that it leads to.")
    for folder in (target, *target.parents):
        if folder.exists():
            if not folder.is_dir():
                raise TargetError(f"{folder} is a file, not a folder.")
            return


def _formatted_as_before(target: Path, old: Lying, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the new files; a file that exists with the same meaning keeps its present form."""
    kept = dict(contents)
    for name in set(contents) & (old.written | old.foreign):
        before = content_of(target / name)
        if before is not None and is_same(name, before, contents[name]):
            kept[name] = before
    return kept


def _check_ours(target: Path, old: Lying, contents: Mapping[str, bytes], *, force: bool) -> None:
    clashes = sorted(old.foreign & set(contents))
    blocked = [name for name in clashes if not (target / name).is_file() or (target / name).is_symlink()]
    if blocked:
        raise TargetError(f"{target / blocked[0]} is in the way, and is not a regular file.", "Move it away.")
    if force or not old.exists:
        return
    if old.foreign and not old.ours:
        doubt = f", or its {MANIFEST_NAME} is damaged" if MANIFEST_NAME in old.foreign else ""
        raise TargetError(
            f"{target} exists and was not written by spacegen{doubt}.",
            "Choose another folder (-o) or name (--name), or add --force; files with other names are kept.",
        )
    if clashes:
        raise TargetError(
            f"{some_of(clashes, _MOST_NAMED)} in {target} was not written by spacegen.",
            "Rename it, or replace it with --force.",
        )
    if old.edited:
        raise TargetError(
            f"{some_of(sorted(old.edited), _MOST_NAMED)} in {target} was edited since spacegen wrote it.",
            "Move your changes elsewhere, or drop them with --force.",
        )


def _changes(target: Path, old: Lying, contents: Mapping[str, bytes]) -> dict[str, FileChange]:
    changes: dict[str, FileChange] = dict.fromkeys(old.written - set(contents), "removed")
    for name, content in contents.items():
        path = target / name
        if name not in old.written | old.foreign:
            changes[name] = "added"
        elif content_of(path) != content:
            changes[name] = "changed"
    return dict(sorted(changes.items()))


def _replace(target: Path, old: Lying, contents: Mapping[str, bytes]) -> None:
    new = target.parent / f"{_new_prefix(target)}{secrets.token_hex(4)}"
    try:
        new.mkdir()
        for name, content in contents.items():
            _write(new / name, content)
        # Edited files get here only with `force`; those that are not written again belong to the user now.
        for name in sorted((old.foreign | old.edited) - set(contents)):
            _keep(target / name, new / name, is_folder=name.endswith("/"))
        _copy_modes(target, new)
        sync_folder(new)
        left = _put_in_place(new, target)
        sync_folder(target.parent)
        if left is not None:
            _rescue(left, target, ignored=old.written | set(contents))
    finally:
        _recover(target)


def _put_in_place(new: Path, target: Path) -> Path | None:
    """Swap the new folder in, and return where the old one is now."""
    if not target.exists():
        new.rename(target)
        return None
    if swap(new, target):
        return new
    target.rename(_aside(target))
    new.rename(target)
    return _aside(target)


def _rescue(left: Path, target: Path, ignored: frozenset[str]) -> None:
    """Move files that a user saved into the old folder while the new one was built."""
    for name in names_in(left):
        here, there = left / name, target / name
        known = os.path.lexists(there) and os.path.samestat(here.lstat(), there.lstat())
        if name not in ignored and not name.endswith("/") and not known:
            there.parent.mkdir(parents=True, exist_ok=True)
            here.replace(there)


def _recover(target: Path) -> None:
    """Remove what this run, or one that died, left beside the package."""
    aside = _aside(target)
    if aside.is_dir() and not target.exists():
        aside.rename(target)  # an earlier run died between the two renames
    leftovers = [path for path in target.parent.iterdir() if path.name.startswith(_new_prefix(target))]
    for folder in (*leftovers, aside):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)  # the next run removes the rest; the package is complete


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _keep(path: Path, copy: Path, *, is_folder: bool) -> None:
    """Add a hard link to a user's file: it stays the same file for an editor that has it open."""
    (copy if is_folder else copy.parent).mkdir(parents=True, exist_ok=True)
    if is_folder:
        return
    try:
        os.link(path, copy, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a file system without hard links
        shutil.copy2(path, copy, follow_symlinks=False)


def _copy_modes(old: Path, new: Path) -> None:
    for folder, _, _ in os.walk(new):
        before = old / Path(folder).relative_to(new)
        if before.is_dir():
            shutil.copymode(before, folder)


def _new_prefix(target: Path) -> str:
    return f".{target.name}.spacegen-new-"


def _aside(target: Path) -> Path:
    return target.parent / f".{target.name}.spacegen-old"
