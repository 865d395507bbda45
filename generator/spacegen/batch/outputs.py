"""Writes the results of rows to a file, which has a temporary name until it is complete."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import EINVAL, EISDIR
from pathlib import Path
from typing import Any, Protocol

from spacegen import ir
from spacegen.batch.inputs import Record, needed
from spacegen.errors import TargetError

ERROR = "error"
BATCH = 1000  # rows of a group of a Parquet file


class Writer(Protocol):
    """Writes rows one by one."""

    def write(self, row: Record) -> None:
        """Write one."""

    def close(self) -> None:
        """Write what is left."""


class ResultFile:
    """A file of results; it gets its final name when it is complete.

    Args:
        path: The file.
        kind: Its format.
        columns: Those of the input.
        added: The added columns, and their types.

    Attributes:
        count: Rows written so far.

    Raises:
        TargetError: It cannot be written.
    """

    def __init__(self, path: Path, kind: str, columns: Sequence[str], added: Mapping[str, ir.TypeNode]) -> None:
        self._path = path
        self.count = 0
        self._part = path.with_name(f".{path.name}.part")
        names = [*columns, *added]
        with self._writing():
            if path.is_dir():
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            if path.exists() and not path.is_file():  # a device or a pipe, of which a run could not go on
                raise OSError(EINVAL, "not a regular file")
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "parquet":
                self._writer: Writer = _Parquet(self._part, names, added)
            elif kind in ("csv", "tsv"):
                self._writer = _Csv(self._part, names, "\t" if kind == "tsv" else ",")
            else:
                self._writer = _JsonLines(self._part, as_list=kind == "json")

    def write(self, row: Record) -> None:
        """Write a row."""
        with self._writing():
            self._writer.write(row)
        self.count += 1

    def finish(self) -> None:
        """Complete the file, and give it its name."""
        with self._writing():
            self._writer.close()
            self._part.replace(self._path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TargetError(f"Cannot write {self._path}: {error.strerror or error}.") from error

    def give_up(self) -> None:
        """Delete the temporary file."""
        with suppress(Exception):
            self._writer.close()
        self._part.unlink(missing_ok=True)


class _JsonLines:
    def __init__(self, path: Path, *, as_list: bool) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._as_list = as_list
        self._count = 0

    def write(self, row: Record) -> None:
        text = _encodable(json.dumps(_writable(row), ensure_ascii=False, default=str))
        if self._as_list:
            self._file.write("[\n" if not self._count else ",\n")
            self._file.write(text)
        else:
            self._file.write(text + "\n")
        self._count += 1

    def close(self) -> None:
        if self._as_list and not self._file.closed:
            self._file.write("\n]\n" if self._count else "[]\n")
        self._file.close()


class _Csv:
    def __init__(self, path: Path, names: Sequence[str], delimiter: str) -> None:
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        self._names = names
        self._writer = csv.DictWriter(self._file, names, delimiter=delimiter, extrasaction="ignore")
        self._writer.writeheader()

    def write(self, row: Record) -> None:
        self._writer.writerow({name: _cell(_writable(row.get(name))) for name in self._names})

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Types of results are those that the endpoint promises, and types of the input are seen in its rows.

    If a value does not fit the type of its column, the column gets a wider type, in the end text; then earlier
    rows are written again.
    """

    def __init__(self, path: Path, names: Sequence[str], added: Mapping[str, ir.TypeNode]) -> None:
        with needed("pyarrow"):
            import pyarrow
            import pyarrow.parquet
        self._arrow = pyarrow
        self._path, self._names, self._added = path, names, added
        self._rows: list[Record] = []
        self._types = {name: _arrow_type(pyarrow, added.get(name)) for name in names}
        self._schema = self._made_schema()
        self._file = pyarrow.parquet.ParquetWriter(path, self._schema)

    def write(self, row: Record) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        columns = {name: [self._value(name, row.get(name)) for row in rows] for name in self._names}
        for name, values in columns.items():
            self._types[name] = self._fitting(self._wider(self._types[name], values), values)
        if self._made_schema() != self._schema:
            self._widen()
        if rows:
            self._file.write_table(self._table(columns))

    def _widen(self) -> None:
        self._file.close()
        old = self._path.with_name(f"{self._path.name}.old")
        self._path.replace(old)
        try:
            with self._arrow.parquet.ParquetFile(old) as before:
                for batch in before.iter_batches(BATCH):
                    for name, values in batch.to_pydict().items():
                        self._types[name] = self._fitting(self._types[name], values)
                self._schema = self._made_schema()
                self._file = self._arrow.parquet.ParquetWriter(self._path, self._schema)
                for batch in before.iter_batches(BATCH):
                    self._file.write_table(self._table(batch.to_pydict()))
        finally:
            old.unlink()

    def _table(self, columns: Mapping[str, list[Any]]) -> Any:
        arrays = [self._array(one.type, columns[one.name]) for one in self._schema]
        return self._arrow.Table.from_arrays(arrays, schema=self._schema)

    def _array(self, kind: Any, values: list[Any]) -> Any:
        if kind == self._arrow.string():
            values = [None if (own := _writable(one)) is None else _text(own) for one in values]
        elif kind == self._arrow.float64():
            values = [None if one is None else float(one) for one in values]
        return self._arrow.array(values, kind)

    def _wider(self, known: Any, values: list[Any]) -> Any:
        """The type of a column so far, or a wider one that also fits these values."""
        arrow = self._arrow
        try:
            seen = arrow.array(values).type
            if arrow.string() in (known, seen) and arrow.null() not in (known, seen):
                return arrow.string()
            both = [arrow.schema([("", known)]), arrow.schema([("", seen)])]
            kind = arrow.unify_schemas(both, promote_options="permissive").field(0).type
        except (ValueError, TypeError, OverflowError, arrow.ArrowException):  # types that have nothing in common
            return arrow.string()
        return arrow.string() if "struct<>" in str(kind) else kind  # which Parquet cannot hold

    def _fitting(self, kind: Any, values: list[Any]) -> Any:
        """The type, or text if these values would not come back from it as they are."""
        arrow = self._arrow
        try:
            self._array(kind, values)
            exact = kind != arrow.float64() or all(float(one) == one for one in values if isinstance(one, int))
        except (ValueError, TypeError, OverflowError, arrow.ArrowException):
            exact = False
        return kind if exact else arrow.string()

    def _made_schema(self) -> Any:
        arrow = self._arrow
        kinds = {name: arrow.string() if kind == arrow.null() else kind for name, kind in self._types.items()}
        return arrow.schema([(name, kinds[name]) for name in self._names])

    def _value(self, name: str, value: Any) -> Any:
        return _text(value) if name in self._added and isinstance(value, list | dict) else value


def _arrow_type(arrow: Any, node: ir.TypeNode | None) -> Any:
    match node:
        case None:
            return arrow.null()  # the type is not known yet
        case ir.Real():
            return arrow.float64()
        case ir.Whole():
            return arrow.int64()
        case ir.Flag():
            return arrow.bool_()
        case _:
            return arrow.string()


def _writable(value: Any) -> Any:
    """A value without the parts that a text file cannot contain: the bytes of input files are not written.

    NaN, which JSON does not have, is pandas' missing value.
    """
    if isinstance(value, dict):
        return {name: _writable(one) for name, one in value.items() if not isinstance(one, bytes)}
    if isinstance(value, list):
        return [_writable(one) for one in value if not isinstance(one, bytes)]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if isinstance(value, bytes) else value


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else _text(value)


def _text(value: Any) -> str:
    """A value as text: dates and the like as they print, lists and objects as JSON."""
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return _encodable(str(value))


def _encodable(text: str) -> str:
    """A text in which halves of surrogate pairs, which cannot be encoded, are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def free_name(name: str, taken: Container[str]) -> str:
    """Return a name for a new column; one that is taken gets "result_" in front of it."""
    while name in taken:
        name = f"result_{name}"
    return name


def added_columns(endpoint: ir.Endpoint, columns: Sequence[str]) -> dict[str, ir.TypeNode]:
    """Return the columns for the results and, last, for the error; no two columns have the same name."""
    taken = set(columns)
    error = free_name(ERROR, taken)
    taken.add(error)
    added = dict[str, ir.TypeNode]()
    for output in endpoint.outputs:
        name = free_name(str(output.field), taken)
        taken.add(name)
        added[name] = output.type
    return {**added, error: ir.Text()}


def values_of(value: Any, fields: Sequence[str], plain: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a result as the values of its columns: one for each field of a NamedTuple."""
    if not fields:
        return {}
    if len(fields) == 1:
        return {fields[0]: plain(value)}
    return dict(zip(fields, map(plain, value), strict=True))
