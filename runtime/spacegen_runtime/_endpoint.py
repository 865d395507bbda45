"""Endpoint: a generated function with all the ways to call it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Mapping
from contextlib import aclosing, closing
from functools import reduce, update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from ._caller import for_caller, raises_at_caller
from ._shown import ModeName, mode, name_of_twin, promised, result_of, signature_of
from .calls.space import Call, Space
from .errors import ConfigurationError, SpaceError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import CallOptions, Options
    from ._plan import Plan
    from .calls.detail import Detail
    from .calls.job import AsyncJob, Job
    from .protocol.hashes import Hashes
    from .protocol.server import Server
    from .protocol.start import Start
    from .rows.faces import Records, Rows
    from .rows.options import RowOptions
    from .rows.target import Target

P = ParamSpec("P")
Q = ParamSpec("Q")
A = TypeVar("A")
R = TypeVar("R")


class Endpoint(Generic[P, R]):
    """One endpoint of a Space; every way of calling it has the function's own signature.

    Calling it blocks and returns the result. `aio` is the same for asyncio. `stream` and `astream` give each
    step of a generator as it comes. `submit` and `asubmit` return a job at once. `map` and `amap` call it for
    many values. All of them raise `SpaceError`, whose tree is in `spacegen_runtime.errors`.
    """

    def __init__(
        self,
        function: Callable[P, Call[R]],
        changes: tuple[Mapping[str, Any], ...] = (),
        key: str | int | None = None,
        space: Space | None = None,
    ) -> None:
        self._function = function
        self._space = space  # another one than the package's own
        self._changes = changes  # one after the other
        self._key = key
        self._merged: tuple[Options, Options] | None = None
        self._place: str | None = None
        if changes:
            from ._settings import PLACE, place_of

            for change in changes:
                if not PLACE.isdisjoint(change):
                    self._place = place_of(change)
        update_wrapper(self, function)
        if key is not None:
            del self.__name__, self.__qualname__  # made when somebody asks
        self.__annotations__ = {**function.__annotations__}
        if "return" in self.__annotations__:
            self.__annotations__["return"] = result_of(self.__annotations__["return"])

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
        """Each step of a streaming endpoint, or the one result of another. Leaving the loop cancels the job."""
        from .shells.blocking import events

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return _steps(events(start.server, start.flow))

    @mode
    @raises_at_caller
    def astream(self, /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[R, None]:
        """`stream` for asyncio. A loop that may be left early is best held by `contextlib.aclosing`."""
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
        """Call it with each value as its first argument, and give the results in order, as long as all goes well.

        Args:
            values: Values of the first parameter; taken as they are needed.
            args: What follows it, the same for all values.
            constants: The same, by name.

        Raises:
            SpaceError: A row failed; `row` says which. `rows(...)` has options for runs that go on.
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
        """What a run over many rows knows of it."""
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
        """The same endpoint with other options, which hold for the calls made with what is returned.

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
        """The same function for another event of the Space, which takes and returns the very same.

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
        """What its function says about a call."""
        return self._sample().plan

    def _sample(self) -> Call[R]:
        """A call of it whose arguments say nothing, for all else that it says."""
        import inspect

        names = inspect.signature(self._function).parameters.values()
        placed = [None for one in names if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
        named = {one.name: None for one in names if one.kind is one.KEYWORD_ONLY}
        return cast("Callable[..., Call[R]]", self._describe)(*placed, **named)

    def _describe(self, /, *args: P.args, **kwargs: P.kwargs) -> Call[R]:
        call = self._function(*args, **kwargs)
        if self._key is not None:
            call = call.of(self._key)
        if self._space is not None:
            call = call.at(self._space)
        place = self._place
        return call if place is None else call.at(call.space.elsewhere(place))

    def _options(self, defaults: Options) -> Options:
        if not self._changes:
            return defaults
        if self._merged is None or self._merged[0] is not defaults:
            from ._settings import for_calls

            self._merged = defaults, reduce(type(defaults).merged, map(for_calls, self._changes), defaults)
        return self._merged[1]

    def decoded(self, call: Call[R], data: list[Any]) -> R:
        """The result behind the output list that the server once gave for a call."""
        return call.decoded(data, self._options(call.space.options), promised(self._function))

    def _start(self, call: Call[R], *, steps: bool = False) -> Start:
        return call.start(self._options(call.space.options), promised(self._function), steps=steps)

    def _start_row(self, call: Call[R], hashes: Hashes) -> Start:
        options = self._options(call.space.options).of_a_run()
        return call.start(options, promised(self._function), hashes=hashes)

    def __reduce__(self) -> Any:
        """By reference, so that it can be handed to other processes."""
        if self._changes or self._key is not None or self._space is not None:
            where = (self._function.__module__, self._function.__qualname__)
            return _restored, (*where, self._changes, self._key, self._space)
        return self._function.__qualname__

    def __get__(self, instance: object, owner: type | None = None) -> Endpoint[P, R]:
        """As an attribute of a class it stays what it is; and with this, tools treat it as the function it is."""
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
        raise ConfigurationError("`map` makes its own connections; use client_options, not http_client")


def endpoint(function: Callable[P, Call[R]]) -> Endpoint[P, R]:
    """Turn a generated function, which describes a call, into an `Endpoint`, which makes it."""
    return Endpoint(function)


def _restored(
    module: str, name: str, changes: tuple[Mapping[str, Any], ...], key: str | int | None, space: Space | None
) -> Endpoint[..., Any]:
    from importlib import import_module

    plain: Endpoint[..., Any] = getattr(import_module(module), name)
    found = plain if key is None else plain.twin(key)
    found = found if space is None else found.at(space)
    return reduce(lambda one, more: one.with_options(**cast(Any, more)), changes, found)


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
