"""The rows of a file in any format: each is a mapping from column to text or JSON value."""

from __future__ import annotations

import csv
import glob
import io
import json
import shutil
import sys
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from spacegen.errors import ArgumentError, SourceError, SpacegenError

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
_SUFFIXES |= {".parquet": "parquet", ".pq": "parquet"}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
FILE_COLUMN = "file"
BATCH = 1000  # rows of a Parquet file that are read at once
LONGEST_CELL = 1 << 27  # characters; Python's own limit of 131,072 is less than many a text

Record: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """An input.

    Attributes:
        columns: The names of its columns; those of all rows, where rows differ.
        rows: Opens the input and returns its rows one by one.
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


def format_of(path: Path) -> str:
    """Return the format of a file by its suffix.

    Raises:
        ArgumentError: The suffix is unknown.
    """
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise ArgumentError(f"{path}: what format is this? The known suffixes are {', '.join(_SUFFIXES)}.")
    return found


def read_table(source: str, given: str | None, without: Sequence[Path] = ()) -> Table:
    """Look at an input and return it as a table.

    Args:
        source: A file, a folder, a glob, or "-" for standard input.
        given: Its format, if the name does not tell.
        without: Files and folders in it to leave out: those that the run itself writes.

    Raises:
        ArgumentError: It does not exist, its format is unknown, or it is a file that the run itself writes.
        SourceError: It cannot be read.
    """
    path = Path(source)
    if source == "-":
        return _standard_input(given)
    if path.is_dir():
        if (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file():
            return _dataset(path)
        found = [one for one in sorted(path.rglob("*")) if not _is_hidden(one.relative_to(path))]
        return _files(source, found, without)
    if not path.exists() and glob.has_magic(source):
        names = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 # Path's takes no absolute ones
        return _files(source, [Path(one) for one in names], without)
    if not path.is_file():
        raise ArgumentError(f"There is no {source}.")
    if path.resolve() in [one.resolve() for one in without]:
        raise ArgumentError(f"{source} is a file that the run itself writes; name another file for the results.")
    if given is None and path.suffix.lower() not in _SUFFIXES:
        pattern = path.with_name(f"*{path.suffix}")  # which a shell replaces by its one match
        raise ArgumentError(
            f"{path}: what format is this? Say --format {'|'.join(FORMATS)}."
            f" For a set of files, name their folder, or quote the pattern: '{pattern}'."
        )
    kind = given or format_of(path)
    with _readable(str(path), kind):
        return _parquet(path) if kind == "parquet" else _text_file(path, kind)


@contextmanager
def _readable(name: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, NotImplementedError, OverflowError, csv.Error) as error:
        raise SourceError(f"{name} cannot be read as {kind}: {error}.") from error


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _files(source: str, found: list[Path], without: Sequence[Path]) -> Table:
    own = {one.resolve() for one in without}
    rows = [
        {FILE_COLUMN: str(path)}
        for path in found
        if path.is_file() and own.isdisjoint([path.resolve(), *path.resolve().parents])
    ]
    if not rows:
        raise ArgumentError(f"There is no file in {source}.")
    return Table((FILE_COLUMN,), lambda: iter(rows), Path(), len(rows), is_text=True, is_files=True)


def _text_file(path: Path, kind: str) -> Table:
    return _text(lambda: path.open(encoding="utf-8-sig", newline=""), kind, path.name, path.parent)


def _text(opened: Callable[[], AbstractContextManager[TextIO]], kind: str, name: str, base: Path) -> Table:
    def rows() -> Iterator[Record]:
        with opened() as file:
            yield from _rows_of(file, kind, name)

    columns = dict[str, None]()  # those of all rows, in the order in which they come
    total = 0
    if kind in _DELIMITERS:
        with opened() as file:
            columns.update(dict.fromkeys(_csv(file, kind).fieldnames or ()))
    for row in rows():
        columns.update(dict.fromkeys(row))
        total += 1
    return Table(tuple(columns), rows, base, total, is_text=kind in _DELIMITERS)


def _standard_input(given: str | None) -> Table:
    kind = given or "jsonl"
    if kind == "parquet":
        raise ArgumentError("Parquet cannot be read from standard input.")
    # On disk, because it is read twice: the columns and the number of rows must be known before the first call.
    file = tempfile.TemporaryFile()  # noqa: SIM115 # gone with the table
    shutil.copyfileobj(sys.stdin.buffer, file)

    @contextmanager
    def opened() -> Iterator[TextIO]:
        file.seek(0)
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            yield text
        finally:
            text.detach()

    weakref.finalize(opened, file.close)
    try:
        with _readable("Standard input", kind):
            return _text(opened, kind, "standard input", Path())
    except SourceError as error:
        if given is not None:
            raise
        hint = "Standard input is read as JSONL unless --format says otherwise, such as --format csv."
        raise SourceError(error.message, hint) from error


def _rows_of(file: TextIO, kind: str, name: str) -> Iterator[Record]:
    if kind in _DELIMITERS:
        yield from _of_csv(_csv(file, kind), name)
    elif kind == "json":
        yield from _of_json(file, name)
    else:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _record(_loads(line, f"{name}, line {number}"), f"{name}, line {number}")


def _csv(file: TextIO, kind: str) -> csv.DictReader[str]:
    csv.field_size_limit(LONGEST_CELL)
    return csv.DictReader(file, delimiter=_DELIMITERS[kind], strict=True)


def _of_csv(reader: csv.DictReader[str], name: str) -> Iterator[Record]:
    try:
        _check_distinct(reader.fieldnames or (), name)
        for row in reader:
            if None in row or None in row.values():
                raise SourceError(
                    f"{name}, line {reader.line_num}: it has another number of cells than the first line."
                )
            yield row
    except csv.Error as error:
        raise SourceError(f"{name}, line {reader.line_num}: {error}.") from error


def _check_distinct(columns: Sequence[str], name: str) -> None:
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise SourceError(f"{name}: two columns have the name {twice[0]!r}.")


def _of_json(file: TextIO, name: str) -> Iterator[Record]:
    value = _loads(file.read(), name)
    if not isinstance(value, list):
        raise SourceError(f"{name} is not a list of objects.")
    for number, one in enumerate(value):
        yield _record(one, f"{name}, element {number}")


def _loads(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where}: not JSON: {error}.") from error


def _record(value: Any, where: str) -> Record:
    if not isinstance(value, dict):
        raise SourceError(f"{where}: not an object but {type(value).__name__}.")
    return value


def _parquet(path: Path) -> Table:
    with needed("pyarrow"):
        import pyarrow.parquet as parquet
    file = parquet.ParquetFile(path)
    _check_distinct(file.schema_arrow.names, path.name)

    def rows() -> Iterator[Record]:
        with _readable(str(path), "parquet"):  # a damaged page is noticed only here
            for batch in parquet.ParquetFile(path).iter_batches(BATCH):
                yield from batch.to_pylist()

    return Table(tuple(file.schema_arrow.names), rows, path.parent, file.metadata.num_rows)


def _dataset(path: Path) -> Table:
    with needed("datasets"):
        import datasets
    loaded = datasets.load_from_disk(str(path))
    if not isinstance(loaded, datasets.Dataset):
        raise ArgumentError(f"{path} holds several data sets: name one of {', '.join(loaded)}, as {path}/NAME.")
    for name, feature in loaded.features.items():
        if getattr(feature, "decode", False):  # images and sounds stay files
            loaded = loaded.cast_column(name, replace(feature, decode=False))
    return Table(tuple(loaded.column_names), lambda: iter(loaded), path, len(loaded))


@contextmanager
def needed(package: str) -> Iterator[None]:
    """Raise an error that says what to install, if an optional package is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        text = f"This needs {package}, which is not installed."
        raise SpacegenError(text, f"Install it: pip install {package}") from error
