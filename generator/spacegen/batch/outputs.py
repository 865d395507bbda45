"""Results of rows, written as a file: all of it or, until it is complete, under another name."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
    """A file of results, which has its name once it is complete.

    Args:
        path: The file.
        kind: Its format.
        columns: Those of the input.
        fields: Those of the results, and their types.

    Raises:
        TargetError: It cannot be written.
    """

    def __init__(self, path: Path, kind: str, columns: Sequence[str], fields: Mapping[str, ir.TypeNode]) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        names = [*columns, *fields, ERROR]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "parquet":
                self._writer: Writer = _Parquet(self._part, names, fields)
            elif kind in ("csv", "tsv"):
                self._writer = _Csv(self._part, names, "\t" if kind == "tsv" else ",")
            else:
                self._writer = _JsonLines(self._part, as_list=kind == "json")
        except OSError as error:
            raise TargetError(f"Cannot write {path}: {error.strerror or error}.") from error

    def write(self, row: Record) -> None:
        """Write a row."""
        try:
            self._writer.write(row)
        except OSError as error:
            raise TargetError(f"Cannot write {self._path}: {error.strerror or error}.") from error

    def finish(self) -> None:
        """Complete the file, and give it its name."""
        self._writer.close()
        self._part.replace(self._path)

    def give_up(self) -> None:
        """Leave nothing behind."""
        with suppress(Exception):
            self._writer.close()
        self._part.unlink(missing_ok=True)


class _JsonLines:
    def __init__(self, path: Path, *, as_list: bool) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._as_list = as_list
        self._count = 0

    def write(self, row: Record) -> None:
        text = json.dumps(_without_bytes(row), ensure_ascii=False, default=str)
        text = text.encode("utf-8", "backslashreplace").decode()
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
        self._writer.writerow({name: _cell(_without_bytes(row.get(name))) for name in self._names})

    def close(self) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, path: Path, names: Sequence[str], fields: Mapping[str, ir.TypeNode]) -> None:
        with needed("pyarrow"):
            import pyarrow
            import pyarrow.parquet
        self._arrow = pyarrow
        self._path, self._names, self._fields = path, names, fields
        self._rows: list[Record] = []
        self._schema: Any = None
        self._file: Any = None

    def write(self, row: Record) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        arrays = {name: [self._value(name, row.get(name)) for row in self._rows] for name in self._names}
        if self._schema is None:
            self._schema = self._made_schema(arrays)
            self._file = self._arrow.parquet.ParquetWriter(self._path, self._schema)
        columns = [self._column(one, arrays[one.name]) for one in self._schema]
        self._file.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))
        self._rows = []

    def _column(self, field: Any, values: list[Any]) -> Any:
        """A column; what does not fit the type of the first rows is text in a text column, else an error."""
        if field.type == self._arrow.string():
            values = [one if one is None or isinstance(one, str) else _cell(one) for one in values]
        return self._arrow.array(values, field.type)

    def _made_schema(self, arrays: Mapping[str, list[Any]]) -> Any:
        """Types of results are those that the endpoint promises; those of the input are seen in its first rows."""
        arrow = self._arrow
        types = {name: _arrow_type(arrow, node) for name, node in self._fields.items()}
        types[ERROR] = arrow.string()
        for name, values in arrays.items():
            if name not in types:
                seen = arrow.array(values).type
                types[name] = arrow.string() if seen == arrow.null() else seen
        return arrow.schema([(name, types[name]) for name in self._names])

    def _value(self, name: str, value: Any) -> Any:
        return _cell(value) if name in self._fields and isinstance(value, list | dict) else value

    def close(self) -> None:
        if self._rows or self._file is None:
            self._flush()
        self._file.close()


def _arrow_type(arrow: Any, node: ir.TypeNode) -> Any:
    match node:
        case ir.Real():
            return arrow.float64()
        case ir.Whole():
            return arrow.int64()
        case ir.Flag():
            return arrow.bool_()
        case _:
            return arrow.string()


def _without_bytes(value: Any) -> Any:
    """A value without what no text can hold: bytes of a file that came in are not written out again."""
    if isinstance(value, dict):
        return {name: _without_bytes(one) for name, one in value.items() if not isinstance(one, bytes)}
    if isinstance(value, list):
        return [_without_bytes(one) for one in value if not isinstance(one, bytes)]
    return None if isinstance(value, bytes) else value


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def fields_of(endpoint: ir.Endpoint, columns: Sequence[str]) -> dict[str, ir.TypeNode]:
    """Return the columns that hold the results, by name; none has the name of a column of the input."""
    taken, fields = {*columns, ERROR}, dict[str, ir.TypeNode]()
    for output in endpoint.outputs:
        name = str(output.field)
        while name in taken or name in fields:
            name = f"result_{name}"
        fields[name] = output.type
    return fields


def values_of(value: Any, fields: Mapping[str, ir.TypeNode], plain: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a result as the values of its columns: one each for the fields of a NamedTuple."""
    if not fields:
        return {}
    if len(fields) == 1:
        return {next(iter(fields)): plain(value)}
    return dict(zip(fields, map(plain, value), strict=True))
