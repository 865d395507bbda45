"""Rows of data frames, tables and data sets. Each kind is recognised by its methods, so no library is imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

MISSING = ("NaTType", "NAType")  # of pandas


def records(data: Any) -> Any:
    """The rows of a frame or table as mappings; any other iterable as it is.

    Raises:
        ValueError: Two columns have the same name.
    """
    if hasattr(data, "iter_rows"):  # polars
        return data.iter_rows(named=True)
    if hasattr(data, "itertuples"):  # pandas
        return _of_pandas(data, _distinct(data.columns))
    if hasattr(data, "to_batches"):  # pyarrow
        _distinct(data.schema.names)
        return (row for batch in data.to_batches() for row in batch.to_pylist())
    return data


def values(data: Any) -> Any:
    """The values of an input as they are.

    Raises:
        TypeError: It is a frame or a table, whose iteration gives the names of its columns.
    """
    if any(hasattr(data, name) for name in ("iter_rows", "itertuples", "to_batches")):
        raise TypeError(
            "a frame is a table of rows; use f.records().map(frame), or f.map(frame[column]) for one column"
        )
    return data


def _of_pandas(frame: Any, names: list[str]) -> Iterator[dict[str, Any]]:
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(names, map(own, values), strict=True))


def _distinct(columns: Iterable[Any]) -> list[str]:
    names = [str(name) for name in columns]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"the frame has two columns named {twice[0]!r}")
    return names


def own(value: Any) -> Any:
    """A cell as a plain Python value: numpy's numbers and times converted, and None for a missing value.

    pandas writes NaN for an empty cell, and JSON has no NaN.
    """
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        # Times in nanoseconds become a number, not a datetime
        if str(getattr(value, "dtype", "")).startswith("datetime64"):
            value = value.astype("datetime64[us]")
        value = value.item()
    is_nan = isinstance(value, float) and value != value
    return None if is_nan or type(value).__name__ in MISSING else value


def free_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Names for new columns; one that is taken gets "result_" in front of it."""
    used, names = set(taken), list[str]()
    for name in wanted:
        while name in used:
            name = f"result_{name}"
        used.add(name)
        names.append(name)
    return names
