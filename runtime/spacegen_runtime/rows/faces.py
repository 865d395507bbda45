"""The public classes: runs over values of the first parameter, and over whole rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Mapping
from contextlib import aclosing, closing
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from .._caller import for_caller
from ..errors import SpaceError
from . import frames
from .options import Settings
from .reader import Reader, by_record, by_value
from .run import AsyncOutcomes, Outcomes
from .target import Target

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
A = TypeVar("A")


class Rows(Generic[P, R]):
    """Runs over values of an endpoint's first parameter; made by `Endpoint.rows(...)`, which takes the options.

    The arguments after the values are the same for all of them, and are written as in a call.
    """

    def __init__(self, target: Target, options: Mapping[str, Any]) -> None:
        self._target = target
        self._settings = Settings.of(options)

    def map(
        self: Rows[Concatenate[A, Q], R], values: Iterable[A], /, *args: Q.args, **constants: Q.kwargs
    ) -> Generator[R, None, None]:
        """The results, one for each value; the first row that fails raises its error.

        Raises:
            SpaceError: A row failed; `row` says which. The results of the rows before it have been returned.
        """
        return _results(self.outcomes(values, *args, **constants))

    def amap(
        self: Rows[Concatenate[A, Q], R],
        values: Iterable[A] | AsyncIterable[A],
        /,
        *args: Q.args,
        **constants: Q.kwargs,
    ) -> AsyncGenerator[R, None]:
        """`map` for asyncio; the values may come asynchronously."""
        return _aresults(self.aoutcomes(values, *args, **constants))

    def outcomes(
        self: Rows[Concatenate[A, Q], R], values: Iterable[A], /, *args: Q.args, **constants: Q.kwargs
    ) -> Outcomes[R]:
        """The outcome of each row, failed ones too; see `Outcome`.

        Raises:
            TooManyFailures: More than `max_failures` rows failed.
            CallTimeout: The `deadline` has passed.
            SpaceError: The Space takes no calls any more: for example, it is paused, or `patience` is over.
        """
        return Outcomes(self._reader(args, constants), frames.values(values))

    def aoutcomes(
        self: Rows[Concatenate[A, Q], R],
        values: Iterable[A] | AsyncIterable[A],
        /,
        *args: Q.args,
        **constants: Q.kwargs,
    ) -> AsyncOutcomes[R]:
        """`outcomes` for asyncio; the values may come asynchronously."""
        return AsyncOutcomes(self._reader(args, constants), frames.values(values))

    def _reader(self, args: tuple[Any, ...], constants: Mapping[str, Any]) -> Reader:
        describe = _helped(lambda: by_value(self._target, args, constants), constants)
        return Reader(self._target, self._settings, describe)


class Records(Generic[R]):
    """Runs over whole rows: mappings by parameter name, tuples, or a frame; made by `Endpoint.records(...)`.

    Constants are given by name; a value in the row is used before a constant of the same name.
    """

    def __init__(self, target: Target, options: Mapping[str, Any]) -> None:
        self._target = target
        self._settings = Settings.of(options)

    def map(self, rows: Iterable[Any], /, **constants: Any) -> Generator[R, None, None]:
        """The results, one for each row; see `Rows.map`."""
        return _results(self.outcomes(rows, **constants))

    def amap(self, rows: Iterable[Any] | AsyncIterable[Any], /, **constants: Any) -> AsyncGenerator[R, None]:
        """`map` for asyncio."""
        return _aresults(self.aoutcomes(rows, **constants))

    def outcomes(self, rows: Iterable[Any], /, **constants: Any) -> Outcomes[R]:
        """The outcome of each row; see `Rows.outcomes`."""
        return Outcomes(self._reader(constants), frames.records(rows))

    def aoutcomes(self, rows: Iterable[Any] | AsyncIterable[Any], /, **constants: Any) -> AsyncOutcomes[R]:
        """`outcomes` for asyncio."""
        return AsyncOutcomes(self._reader(constants), frames.records(rows))

    def _reader(self, constants: Mapping[str, Any]) -> Reader:
        describe = _helped(lambda: by_record(self._target, constants), constants)
        return Reader(self._target, self._settings, describe)


def _helped(make: Callable[[], Any], constants: Mapping[str, Any]) -> Any:
    """Say where options belong, if a name is an option and not a parameter."""
    from .options import RowOptions

    try:
        return make()
    except TypeError as error:
        for name in constants:
            if name in RowOptions.__annotations__ and repr(name) in str(error):
                text = f"{name!r} is an option, not a parameter of the endpoint; write f.rows({name}=...).map(...)"
                raise TypeError(text) from None
        raise


def _results(outcomes: Outcomes[R]) -> Generator[R, None, None]:
    with closing(outcomes):
        try:
            for outcome in outcomes:
                value, error = outcome.value, outcome.error
                # The error refers to this frame; without this, both would stay until the garbage collector runs
                del outcome
                if error is not None:
                    try:
                        raise error
                    finally:
                        del error
                yield cast(R, value)
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error


async def _aresults(outcomes: AsyncOutcomes[R]) -> AsyncGenerator[R, None]:
    async with aclosing(outcomes):
        try:
            async for outcome in outcomes:
                value, error = outcome.value, outcome.error
                del outcome
                if error is not None:
                    try:
                        raise error
                    finally:
                        del error
                yield cast(R, value)
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error
