"""Matches columns of an input with parameters of an endpoint, and converts cells to values."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from spacegen import ir
from spacegen.batch.inputs import FILE_COLUMN, Record, Table
from spacegen.calling.arguments import WordReader, did_you_mean, options_of, parameters_text, read_arguments
from spacegen.errors import ArgumentError
from spacegen.ir.conform import conforms
from spacegen.ir.forms import is_number


class Matcher:
    """Turns rows of an input into the arguments of calls.

    Args:
        endpoint: What is called.
        models: The models that its types refer to.
        table: The input.
        sets: `column=parameter`, as a shell gives them.
        constants: `parameter=value`, as a shell gives them.

    Raises:
        ArgumentError: A column or a parameter is unknown, or a required parameter gets no value.
    """

    def __init__(
        self,
        endpoint: ir.Endpoint,
        models: Sequence[ir.Model],
        table: Table,
        sets: Sequence[str],
        constants: Sequence[str],
    ) -> None:
        self._endpoint = endpoint
        self._table = table
        self._reader = WordReader({str(model.name): model for model in models}, _no_input, self._path)
        self.constants = self._constants(models, constants)
        self.columns = self._columns(sets)
        taken = {str(parameter.argument) for parameter in self.columns.values()}
        missing = [
            str(one.argument)
            for one in endpoint.parameters
            if one.default is None and str(one.argument) not in taken and str(one.argument) not in self.constants
        ]
        if missing and table.total:
            raise ArgumentError(
                f"Nothing provides {', '.join(missing)}; the columns are {', '.join(table.columns) or 'none'}. "
                f"Say --set COLUMN=PARAMETER or --const PARAMETER=VALUE.\n{parameters_text(endpoint)}"
            )

    def _columns(self, sets: Sequence[str]) -> dict[str, ir.Parameter]:
        known = {one.name: one for one in self._endpoint.parameters}
        known |= {str(one.argument): one for one in self._endpoint.parameters}
        columns = {name: known[name] for name in self._table.columns if name in known}
        if self._table.is_files and not sets and not columns:
            files = [one for one in self._endpoint.parameters if _takes_file(one.type)]
            columns = {FILE_COLUMN: files[0]} if files else {}
        chosen = dict[str, ir.Parameter]()
        for word in sets:
            column, equals, name = word.partition("=")
            if not (column and equals and name):
                raise ArgumentError(f"--set {word}: it must be COLUMN=PARAMETER.")
            if self._table.columns and column not in self._table.columns:
                hint = did_you_mean(column, self._table.columns)
                raise ArgumentError(f"--set {word}: there is no column {column}{hint}")
            if name not in known:
                raise ArgumentError(
                    f"--set {word}: {self._endpoint.key} takes no {name}{did_you_mean(name, known)}"
                )
            to = known[name]
            if column in chosen or to in chosen.values() or str(to.argument) in self.constants:
                raise ArgumentError(f"--set {word}: another --set or --const contradicts it.")
            chosen[column] = to
        typed = {*(str(to.argument) for to in chosen.values()), *self.constants}
        columns = {
            column: to for column, to in columns.items() if column not in chosen and str(to.argument) not in typed
        }
        return {**columns, **chosen}

    def _constants(self, models: Sequence[ir.Model], words: Sequence[str]) -> dict[str, Any]:
        """The constants, read as `spacegen call` reads them; other parameters may be missing here."""
        return read_arguments(self._endpoint, models, words, _no_input, partly=True)

    def arguments(self, row: Record) -> dict[str, Any]:
        """Return the arguments for a row.

        Raises:
            ValueError: A cell does not fit, with a reason that names its column.
        """
        given = dict(self.constants)
        for column, parameter in self.columns.items():
            if column not in row:
                if parameter.default is None:
                    raise ValueError(f"{column}: missing")
                continue
            cell = _as_json(row[column])
            if self._is_left_out(parameter, cell):
                continue
            try:
                value = self._cell(parameter, cell)
                check_limits(parameter, value)
            except ValueError as error:
                raise ValueError(f"{column}: {error}") from error
            given[str(parameter.argument)] = value
        return given

    def _is_left_out(self, parameter: ir.Parameter, value: Any) -> bool:
        """Whether an empty cell means the default: if there is one, and an empty value is not valid itself."""
        options = options_of(parameter.type)
        if parameter.default is None or any(isinstance(one, ir.Nothing | ir.Anything) for one in options):
            return False
        return value is None or (value == "" and self._table.is_text and not conforms("", parameter.type))

    def _cell(self, parameter: ir.Parameter, value: Any) -> Any:
        try:
            return self._fitting(parameter.type, value)
        except ValueError:
            if (whole := _whole(value)) is None:
                raise
            with suppress(ValueError):
                return self._fitting(parameter.type, whole)
            raise

    def _fitting(self, node: ir.TypeNode, value: Any) -> Any:
        options = options_of(node)
        if isinstance(value, dict) and "bytes" in value and _takes_file(node):  # Parquet's images and sounds
            value = value["bytes"] if value["bytes"] is not None else value.get("path")
        if isinstance(value, bytes) and _takes_file(node):
            return value
        if value == "" and self._table.is_text and ir.Nothing() in options and ir.Text() not in options:
            return None
        if isinstance(value, str) and ir.File() in options:
            return self._path(value)
        if isinstance(value, list) and ir.ListOf(ir.File()) in options:
            return [self._path(one) if isinstance(one, str) else one for one in value]
        if isinstance(value, str) and (self._table.is_text or not _takes_text(options)):
            return self._reader.read(node, value)
        return self._reader.converted(node, value)

    def _path(self, text: str) -> Path | str:
        if text.startswith(("http://", "https://")):
            return text
        path = self._table.base / text
        if not os.path.isfile(path):  # noqa: PTH113 # Path's raises for a text that can name no file
            raise ValueError(f"there is no file {path}")
        return path


def _whole(value: Any) -> Any:
    """3 for 3.0, which pandas writes in columns with missing numbers; None for a number that is not whole."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and (found := re.fullmatch(r"(-?[0-9]+)\.0+", value)):
        return found[1]
    return None


def _as_json(value: Any) -> Any:
    """A cell as a JSON value; pandas writes NaN for an empty cell."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, date | time) else value


def check_limits(parameter: ir.Parameter, value: Any) -> None:
    """Raise ValueError for a value that is not among the choices or in the range that the package knows."""
    limits = parameter.limits
    if limits.choices and not limits.custom and value is not None:
        for one in value if isinstance(value, list | tuple) else [value]:
            if not any(one == choice and type(one) is type(choice) for choice in limits.choices):
                raise ValueError(f"{one!r} is not one of {', '.join(map(str, limits.choices[:20]))}")
    if is_number(value):
        low, high = limits.minimum, limits.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(f"{value} is not between {low} and {high}")


def _takes_file(node: ir.TypeNode) -> bool:
    return any(option in (ir.File(), ir.ListOf(ir.File())) for option in options_of(node))


def _takes_text(options: Sequence[ir.TypeNode]) -> bool:
    return any(isinstance(option, ir.Text | ir.Anything | ir.Choice) for option in options)


def _no_input() -> bytes:
    raise ArgumentError("A constant cannot come from standard input.")


def shown(columns: Mapping[str, ir.Parameter]) -> str:
    """Return which column becomes which parameter, as text."""
    return ", ".join(
        column if column == str(one.argument) else f"{column} as {one.argument}" for column, one in columns.items()
    )
