"""Rows of a file, whatever its format: each is a mapping of column to text or JSON value."""

from __future__ import annotations

import csv
import glob
import io
import json
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from spacegen.errors import ArgumentError, SourceError, SpacegenError

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
_SUFFIXES |= {".parquet": "parquet", ".pq": "parquet"}
FILE_COLUMN = "file"
LONGEST_CELL = 1 << 27  # characters; Python's own limit of 131,072 is less than many a text

Record: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """An input.

    Attributes:
        columns: The names of its columns; those of all rows, where rows differ.
        rows: Opens it, and gives its rows one by one.
        base: The folder that paths in its cells are relative to.
        total: How many rows there are.
        is_text: Every cell is text, as in CSV.
        is_files: Its rows are files, in the column "file".
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Record]]
    base: Path
    total: int
    is_text: bool = False
    is_files: bool = False


def format_of(path: Path, given: str | None) -> str:
    """Return the format of a file: as it was given, or by its suffix.

    Raises:
        ArgumentError: The suffix says nothing.
    """
    found = given or _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise ArgumentError(f"{path}: what format is this? Say --format {'|'.join(FORMATS)}.")
    return found


def read_table(source: str, given: str | None) -> Table:
    """Look at an input and return what gives its rows.

    Args:
        source: A file, a folder, a glob, or "-" for standard input.
        given: Its format, where the name does not say it.

    Raises:
        ArgumentError: The format cannot be told.
        SourceError: It is not there, or cannot be read.
    """
    path = Path(source)
    if source == "-":
        return _standard_input(given or "jsonl")
    if path.is_dir():
        if (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file():
            return _dataset(path)
        found = [one for one in sorted(path.rglob("*")) if one.is_file() and not one.name.startswith(".")]
        return _files(source, found)
    if not path.exists() and glob.has_magic(source):
        names = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 # Path's takes no absolute ones
        return _files(source, [Path(one) for one in names if Path(one).is_file()])
    if not path.is_file():
        raise SourceError(f"There is no {source}.")
    kind = format_of(path, given)
    with _readable(str(path), kind):
        return _parquet(path) if kind == "parquet" else _text_file(path, kind)


@contextmanager
def _readable(name: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be read as {kind}: {error}.") from error


def _files(source: str, found: list[Path]) -> Table:
    if not found:
        raise SourceError(f"There is no file in {source}.")
    rows = [{FILE_COLUMN: str(path)} for path in found]
    return Table((FILE_COLUMN,), lambda: iter(rows), Path(), len(rows), is_text=True, is_files=True)


def _text_file(path: Path, kind: str) -> Table:
    def rows() -> Iterator[Record]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows_of(file, kind, path.name)

    return _text(rows, kind, path.parent)


def _text(rows: Callable[[], Iterator[Record]], kind: str, base: Path) -> Table:
    columns = dict[str, None]()  # those of all rows, in the order in which they come
    total = 0
    for row in rows():
        columns.update(dict.fromkeys(row))
        total += 1
    return Table(tuple(columns), rows, base, total, is_text=kind in ("csv", "tsv"))


def _standard_input(kind: str) -> Table:
    if kind == "parquet":
        raise ArgumentError("Parquet cannot be read from standard input.")
    # On disk, for it is read twice: what columns there are, and how many rows, is known before the first call.
    file = tempfile.TemporaryFile()  # noqa: SIM115 # gone with the table
    shutil.copyfileobj(sys.stdin.buffer, file)

    def rows() -> Iterator[Record]:
        file.seek(0)
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            yield from _rows_of(text, kind, "standard input")
        finally:
            text.detach()

    weakref.finalize(rows, file.close)
    with _readable("Standard input", kind):
        return _text(rows, kind, Path())


def _rows_of(file: TextIO, kind: str, name: str) -> Iterator[Record]:
    if kind in ("csv", "tsv"):
        csv.field_size_limit(LONGEST_CELL)
        yield from _of_csv(file, "\t" if kind == "tsv" else ",", name)
    elif kind == "json":
        yield from _of_json(file, name)
    else:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _record(_loads(line, f"{name}, line {number}"), f"{name}, line {number}")


def _of_csv(file: TextIO, delimiter: str, name: str) -> Iterator[Record]:
    reader = csv.DictReader(file, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise SourceError(f"{name}, line {reader.line_num}: not as many cells as the first line has.")
            yield row
    except csv.Error as error:
        raise SourceError(f"{name}, line {reader.line_num}: {error}.") from error


def _of_json(file: TextIO, name: str) -> Iterator[Record]:
    value = _loads(file.read(), name)
    if not isinstance(value, list):
        raise SourceError(f"{name} is no list of objects.")
    for number, one in enumerate(value):
        yield _record(one, f"{name}, element {number}")


def _loads(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where}: no JSON: {error}.") from error


def _record(value: Any, where: str) -> Record:
    if not isinstance(value, dict):
        raise SourceError(f"{where}: no object, but {type(value).__name__}.")
    return value


def _parquet(path: Path) -> Table:
    with needed("pyarrow"):
        import pyarrow.parquet as parquet
    file = parquet.ParquetFile(path)

    def rows() -> Iterator[Record]:
        for batch in parquet.ParquetFile(path).iter_batches(1000):
            yield from batch.to_pylist()

    return Table(tuple(file.schema_arrow.names), rows, path.parent, file.metadata.num_rows)


def _dataset(path: Path) -> Table:
    with needed("datasets"):
        import datasets
    loaded = datasets.load_from_disk(str(path))
    if not isinstance(loaded, datasets.Dataset):
        raise ArgumentError(f"{path} holds several data sets: name one of {', '.join(loaded)} as {path}/NAME.")
    for name, feature in loaded.features.items():
        if getattr(feature, "decode", False):  # images and sounds: as the files that they are
            loaded = loaded.cast_column(name, replace(feature, decode=False))
    return Table(tuple(loaded.column_names), lambda: iter(loaded), path, len(loaded))


@contextmanager
def needed(package: str) -> Iterator[None]:
    """Say what to install where a package that is no dependency is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        text = f"This needs {package}, which is not installed."
        raise SpacegenError(text, f"Install it: pip install {package}") from error
