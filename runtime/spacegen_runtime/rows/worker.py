"""A worker for an engine (Ray Data, Dask, Hugging Face datasets): calls an endpoint for its share of the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputRefused
from ..shells.loops import kept, running_loop
from ..values.file_data import FileData
from .digest import key_of
from .files import place_of
from .frames import free_names, own
from .options import Settings
from .outcome import Outcome

if TYPE_CHECKING:
    from .target import Target

KEY, ERROR, RESULT = "key", "error", "result"
AT_ONCE = 4  # calls in flight in each worker, by default


class Worker:
    """Calls an endpoint for rows in any process; it pickles by the endpoint's name and holds no connection.

    A row goes out with the columns that it had, those of the result (the fields of a NamedTuple, else "result"; a
    file as the path under which it was saved, or as the Space describes it), "error" (None, or what went wrong)
    and "key" (the digest of the call, as a checkpoint has it). If the row already has a column of that name, the
    new column gets "result_" in front of its name.

    Calls in flight are bounded in each worker. Over all workers they are `concurrency` times the number of workers
    that the engine runs, so divide what the Space can take by that number.

    Args:
        endpoint: A generated function, with options or without.
        columns: Column to parameter, for columns that do not have the parameter's name.
        constants: Arguments that are the same for all rows.
        skip: Keys of rows to leave out, such as those of an earlier output.
        options: As for `Endpoint.rows`, except `checkpoint`: here the engine's output records what is done.

    Raises:
        ConfigurationError: An option makes no sense.
        TypeError: There is no such option.
    """

    def __init__(
        self,
        endpoint: Any,
        *,
        columns: Mapping[str, str] | None = None,
        constants: Mapping[str, Any] | None = None,
        skip: Iterable[str] = (),
        **options: Any,
    ) -> None:
        if "checkpoint" in options or "retry_failed" in options:
            raise TypeError("a worker does not keep a checkpoint; give the keys of an earlier output as skip=")
        self.endpoint = endpoint
        self.columns = dict(columns or {})
        self.constants = dict(constants or {})
        self.skip = frozenset(skip)
        self.options: dict[str, Any] = {"concurrency": AT_ONCE, **options}
        self._settings = Settings.of(self.options)
        self._known: Target | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_known": None}

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """A batch as columns, for `ray.data.Dataset.map_batches` and for `datasets` with `batched=True`."""
        rows = (dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True))
        told = list(self.rows(rows))
        return {name: [row[name] for row in told] for name in [*batch, *self._added(batch)]}

    def partition(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """A partition of mappings, for `dask.bag.Bag.map_partitions`."""
        return list(self.rows(rows))

    def frame(self, frame: Any) -> Any:
        """A partition as a frame of pandas, for `dask.dataframe.DataFrame.map_partitions`."""
        own = [str(name) for name in frame.columns]
        columns = [*own, *self._added(own)]
        told = list(self.rows(frame.to_dict("records")))
        return type(frame)(told, columns=columns)

    async def arow(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """One row in an event loop, for `datasets.Dataset.map`; `skip` does not hold here, but see `key`."""
        gates = kept(running_loop(), asyncio.Semaphore)
        if self not in gates:
            gates[self] = asyncio.Semaphore(self._settings.highest)
        async with gates[self], self._records().aoutcomes([self._given(row)], **self.constants) as outcomes:
            return self._told(row, await anext(outcomes))

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Rows one by one; those whose key is to be skipped are left out."""
        pending: dict[int, Mapping[str, Any]] = {}
        numbers = count()

        def calls() -> Iterator[dict[str, Any]]:
            for row in rows:
                if not self.skip or self.key(row) not in self.skip:
                    pending[next(numbers)] = row
                    yield self._given(row)

        with self._records().outcomes(calls(), **self.constants) as outcomes:
            for outcome in outcomes:
                yield self._told(pending.pop(outcome.number), outcome)

    def key(self, row: Mapping[str, Any]) -> str:
        """The key of a row's call; empty if the row cannot be called."""
        try:
            return key_of(self._target.describe(**{**self.constants, **self._given(row)}).plan)
        except (TypeError, ValueError, OSError, InputRefused):
            return ""

    @property
    def _target(self) -> Target:
        known = self._known
        if known is None:
            known = self._known = self.endpoint.target()
        return known

    @property
    def _results(self) -> tuple[str, ...]:
        """The columns of the result."""
        returns = self._target.returns
        if returns is type(None):
            return ()
        return tuple(getattr(returns, "_fields", (RESULT,)))

    def _added(self, own: Iterable[str]) -> list[str]:
        """The new columns of a row: those of the result, the error, and the key."""
        return free_names((*self._results, ERROR, KEY), own)

    def _records(self) -> Any:
        return self.endpoint.records(**self.options)

    def _given(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments among a row's columns."""
        named = {self.columns.get(column, column): value for column, value in row.items()}
        return {name: own(value) for name, value in named.items() if name in self._target.shape.parameters}

    def _told(self, row: Mapping[str, Any], outcome: Outcome[Any]) -> dict[str, Any]:
        error = outcome.error
        results: list[Any] = [None] * len(self._results)
        if error is None and results:
            values: Any = outcome.value if hasattr(self._target.returns, "_fields") else (outcome.value,)
            results = [_out(value, outcome.files) for value in values]
        said = None if error is None else f"{type(error).__name__}: {error.args[0] if error.args else error}"
        added = (*results, said, outcome.key or self.key(row))
        return {**row, **dict(zip(self._added(row), added, strict=True))}


def _out(value: Any, files: Mapping[str, Path]) -> Any:
    """A value that every engine can keep."""
    if isinstance(value, FileData):
        saved = files.get(place_of(value))
        return value.to_wire() if saved is None else str(saved)
    kind: Any = value.__class__
    found: Any = getattr(kind, "model_fields", None) or getattr(kind, "_fields", ())
    names = tuple[str, ...](found)
    if names:  # a model, or a NamedTuple
        return {name: _out(getattr(value, name), files) for name in names}
    if issubclass(kind, Mapping):
        return {str(name): _out(one, files) for name, one in value.items()}
    return [_out(one, files) for one in value] if issubclass(kind, (list, tuple)) else value
