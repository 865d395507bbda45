"""Endpoint: a generated function with all the ways to call it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from ._caller import for_caller, raises_at_caller
from ._shown import ModeName, mode, name_of_twin, signature_of
from .calls.function import GeneratedFunction, promised
from .calls.space import Call, Space
from .errors import ConfigurationError, SpaceError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import CallOptions
    from ._plan import Plan
    from .calls.detail import Detail
    from .calls.job import AsyncJob, Job
    from .protocol.server import Server
    from .rows.faces import Records, Rows
    from .rows.options import RowOptions
    from .rows.target import Target

P = ParamSpec("P")
Q = ParamSpec("Q")
A = TypeVar("A")
R = TypeVar("R")


class Endpoint(GeneratedFunction[P, R]):
    """One endpoint of a Space; every way of calling it has the function's own signature.

    Calling it blocks and returns the result. `aio` is the same for asyncio. `stream` and `astream` give each
    step of a generator as it comes. `submit` and `asubmit` return a job at once. `map` and `amap` call it for
    many values. All of them raise `SpaceError`, whose tree is in `spacegen_runtime.errors`.
    """

    @mode
    @raises_at_caller
    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the Space and wait for its result."""
        from .shells.blocking import run

        start = self._start(self._describe(*args, **kwargs))
        return cast(R, run(start.server, start.flow))

    @mode
    @raises_at_caller
    async def aio(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the Space from asyncio. Cancelling the task cancels the job on the server."""
        from .shells.aio import run

        start = self._start(self._describe(*args, **kwargs))
        return cast(R, await run(start.server, start.flow))

    @mode
    @raises_at_caller
    def detail(self, /, *args: P.args, **kwargs: P.kwargs) -> Detail[R]:
        """Call the Space, and return the result with the raw outputs, the event id, the times and the logs."""
        from .calls.detail import detail_of
        from .shells.blocking import events

        start = self._start(self._describe(*args, **kwargs))
        return detail_of(events(start.server, start.flow, bounded=True))

    @mode
    @raises_at_caller
    async def adetail(self, /, *args: P.args, **kwargs: P.kwargs) -> Detail[R]:
        """`detail` for asyncio."""
        from .calls.detail import adetail_of
        from .shells.aio import events

        start = self._start(self._describe(*args, **kwargs))
        return await adetail_of(events(start.server, start.flow, bounded=True))

    @mode
    @raises_at_caller
    def stream(self, /, *args: P.args, **kwargs: P.kwargs) -> Generator[R, None, None]:
        """Each step of a streaming endpoint.

        Any other endpoint gives its one result. Leaving the loop cancels the job.
        """
        from .shells.blocking import events

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return _steps(events(start.server, start.flow))

    @mode
    @raises_at_caller
    def astream(self, /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[R, None]:
        """`stream` for asyncio. If a loop may be left early, wrap the stream in `contextlib.aclosing`."""
        from .shells.aio import events

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return _asteps(events(start.server, start.flow))

    @mode
    @raises_at_caller
    def submit(self, /, *args: P.args, **kwargs: P.kwargs) -> Job[R]:
        """Start the call in the background and return at once; see `Job`."""
        from .calls.job import Job

        return Job(self._start(self._describe(*args, **kwargs), steps=True))

    @mode
    @raises_at_caller
    async def asubmit(self, /, *args: P.args, **kwargs: P.kwargs) -> AsyncJob[R]:
        """Start the call in this event loop and return at once; see `AsyncJob`."""
        from .calls.job import AsyncJob

        return AsyncJob(self._start(self._describe(*args, **kwargs), steps=True))

    def map(
        self: Endpoint[Concatenate[A, Q], R], values: Iterable[A], /, *args: Q.args, **constants: Q.kwargs
    ) -> Generator[R, None, None]:
        """Call it with each value as its first argument, and give the results in order, until a row fails.

        Args:
            values: Values of the first parameter; taken as they are needed.
            args: The arguments after it, the same for all values.
            constants: Arguments by name, the same for all values.

        Raises:
            SpaceError: A row failed; `row` says which. `rows(...)` has options for runs that continue after a
                failure.
        """
        return self.rows().map(values, *args, **constants)

    def amap(
        self: Endpoint[Concatenate[A, Q], R],
        values: Iterable[A] | AsyncIterable[A],
        /,
        *args: Q.args,
        **constants: Q.kwargs,
    ) -> AsyncGenerator[R, None]:
        """`map` for asyncio; the values may come asynchronously."""
        return self.rows().amap(values, *args, **constants)

    @raises_at_caller
    def rows(self, **options: Unpack[RowOptions]) -> Rows[P, R]:
        """Runs over many values of the first parameter, with options for a data set.

        Args:
            options: concurrency, ordered, attempts, max_failures, deadline, patience, checkpoint, retry_failed,
                save_to, on_wait; `RowOptions` has the list.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        from .rows.faces import Rows

        return Rows(self.target(), options)

    @raises_at_caller
    def records(self, **options: Unpack[RowOptions]) -> Records[R]:
        """`rows` for whole rows: mappings by parameter name, tuples, or a frame."""
        from .rows.faces import Records

        return Records(self.target(), options)

    def target(self) -> Target:
        """The endpoint as a run over many rows uses it."""
        import inspect

        from .rows.target import Target

        sample = self._sample()
        return Target(
            name=str(sample.plan.endpoint),
            space=sample.space.id,
            package=sample.plan.package,
            describe=self._describe,
            shape=inspect.signature(self._function),
            returns=promised(self._function),
            start=self._start_row,
            decode=self.decoded,
            check_clients=lambda: _check_clients(sample.space.server),
        )

    @raises_at_caller
    def with_options(self, **changes: Unpack[CallOptions]) -> Endpoint[P, R]:
        """The same endpoint with other options. They hold only for calls made with the returned endpoint.

        What is left out stays as it is; None undoes what was set. `CallOptions` has the list.

        Args:
            changes: source, base_url, token, oauth_token, auth, headers, timeout, retries, strict, validate,
                reuse_sessions, progress, on_progress, on_log, on_stage, on_upload.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        from ._options import Options
        from ._settings import for_calls

        made = Endpoint(self._function, (*self._changes, dict(changes)), self._key, self._space)
        Options().merged(for_calls(changes))  # a value that makes no sense is refused here, not at the first call
        return made

    def at(self, space: Space) -> Endpoint[P, R]:
        """The same endpoint of another deployment; `deployed` makes all functions of a package so.

        Args:
            space: The `space` of that deployment, made by `Space.copy`.
        """
        return Endpoint(self._function, self._changes, self._key, space)

    def twin(self, key: str | int) -> Endpoint[P, R]:
        """The same function for another event of the Space that takes and returns exactly the same.

        Args:
            key: That event's api name, or its number where it has none.
        """
        return Endpoint(self._function, self._changes, key, self._space)

    @property
    def api_name(self) -> str | int:
        """The name that the Space gave the endpoint, or its number where it has none."""
        return self.plan.endpoint

    @property
    def plan(self) -> Plan:
        """What its function says about a call: the endpoint, its arguments, which of them are files."""
        return self._sample().plan

    def decoded(self, call: Call[R], data: list[Any]) -> R:
        """The result that belongs to a list of outputs which the server gave for a call before."""
        return call.decoded(data, self._options(call.space.options), promised(self._function))

    def __get__(self, instance: object, owner: type | None = None) -> Endpoint[P, R]:
        """An attribute of a class stays an endpoint. Having this method makes tools treat it as a function."""
        return self

    def __repr__(self) -> str:
        twin = "" if self._key is None else f" for {self._key!r}"
        return f"<Endpoint {self._function.__module__}.{self._function.__qualname__}{twin}>"

    def __getattr__(self, name: str) -> Any:
        if name in ("__name__", "__qualname__") and self._key is not None:
            self.__name__ = self.__qualname__ = found = name_of_twin(self)
            return found
        if isinstance(name, ModeName):  # `copy.copy` of a bound mode asks for it by this name
            return getattr(self, name.mode)
        if name == "__signature__":  # made when somebody asks, for it takes longer than the import of a function
            return signature_of(self._function)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _check_clients(server: Server) -> None:
    if server.sync_client is not None or server.async_client is not None:
        raise ConfigurationError("`map` opens its own connections; use client_options instead of http_client")


def endpoint(function: Callable[P, Call[R]]) -> Endpoint[P, R]:
    """Turn a generated function, which describes a call, into an `Endpoint`, which makes it."""
    return Endpoint(function)


def _steps(happening: Generator[Any, None, None]) -> Generator[Any, None, None]:
    from .protocol.actions import Finished, Partial

    with closing(happening):
        try:
            for event in happening:
                if type(event) is Partial or (type(event) is Finished and not event.repeats):
                    yield event.value
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error


async def _asteps(happening: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    from .protocol.actions import Finished, Partial

    async with aclosing(happening):
        try:
            async for event in happening:
                if type(event) is Partial or (type(event) is Finished and not event.repeats):
                    yield event.value
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error
