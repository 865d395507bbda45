"""Rows of frames, tables and data sets; each is known by what it offers, and none is imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def records(data: Any) -> Any:
    """The rows of a frame or table as mappings; anything else as it is, to be iterated over."""
    if hasattr(data, "iter_rows"):  # polars
        return data.iter_rows(named=True)
    if hasattr(data, "itertuples"):  # pandas
        return _of_pandas(data)
    if hasattr(data, "to_batches"):  # pyarrow
        return (row for batch in data.to_batches() for row in batch.to_pylist())
    return data


def _of_pandas(frame: Any) -> Iterator[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))
