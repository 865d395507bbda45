"""Endpoint: a generated function with all the ways to call it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Mapping
from contextlib import aclosing, closing
from functools import lru_cache, reduce, update_wrapper
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, get_args, get_origin

from ._space import Call
from .errors import ConfigurationError

if TYPE_CHECKING:
    from inspect import Signature

    from typing_extensions import Unpack

    from ._job import AsyncJob, Job
    from ._options import CallOptions, Options
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
M = TypeVar("M", bound=Callable[..., Any])


def _mode(method: M) -> M:
    """Let one way of calling show the signature, annotations and words of each endpoint's own function."""
    return cast(M, _Mode(cast(FunctionType, method)))


class _Mode:
    """A method that knows, once bound, what its endpoint takes: agents, mocks and documentation ask it."""

    def __init__(self, method: FunctionType) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, endpoint: Endpoint[..., Any] | None, _: type | None = None) -> Callable[..., Any]:
        if endpoint is None:
            return self._method
        # A real method: it pickles with its endpoint, and one that is to be awaited says so.
        return MethodType(_spoken(self._method, endpoint.__wrapped__), endpoint)


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
    ) -> None:
        self._function = function
        self._changes = changes  # one after the other
        self._key = key
        self._merged: tuple[Options, Options] | None = None
        update_wrapper(self, function)
        self.__annotations__ = {**function.__annotations__}
        if "return" in self.__annotations__:
            self.__annotations__["return"] = _result_of(self.__annotations__["return"])

    @_mode
    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the Space and wait for its result."""
        from .shells.blocking import run

        start = self._start(self._describe(*args, **kwargs))
        return cast(R, run(start.server, start.flow))

    @_mode
    async def aio(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the Space from asyncio. Cancelling the task cancels the job on the server."""
        from .shells.aio import run

        start = self._start(self._describe(*args, **kwargs))
        return cast(R, await run(start.server, start.flow))

    @_mode
    def stream(self, /, *args: P.args, **kwargs: P.kwargs) -> Generator[R, None, None]:
        """Each step of a streaming endpoint, or the one result of another. Leaving the loop cancels the job."""
        from .shells.blocking import events

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return _steps(events(start.server, start.flow))

    @_mode
    def astream(self, /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[R, None]:
        """`stream` for asyncio. A loop that may be left early is best held by `contextlib.aclosing`."""
        from .shells.aio import events

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return _asteps(events(start.server, start.flow))

    @_mode
    def submit(self, /, *args: P.args, **kwargs: P.kwargs) -> Job[R]:
        """Start the call in the background and return at once; see `Job`."""
        from ._job import Job

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return Job(start)

    @_mode
    async def asubmit(self, /, *args: P.args, **kwargs: P.kwargs) -> AsyncJob[R]:
        """Start the call in this event loop and return at once; see `AsyncJob`."""
        from ._job import AsyncJob

        start = self._start(self._describe(*args, **kwargs), steps=True)
        return AsyncJob(start)

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

    def rows(self, **options: Unpack[RowOptions]) -> Rows[P, R]:
        """Runs over many values of the first parameter, with options for a data set.

        Args:
            options: concurrency, ordered, attempts, max_failures, deadline, patience, checkpoint, retry_failed,
                save_to, on_wait; `RowOptions` has the list.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        from .rows.faces import Rows

        return Rows(self._target(), options)

    def records(self, **options: Unpack[RowOptions]) -> Records[R]:
        """`rows` for whole rows: mappings by parameter name, tuples, or a frame."""
        from .rows.faces import Records

        return Records(self._target(), options)

    def _target(self) -> Target:
        """What a run over many rows knows of it."""
        import inspect

        from .rows.target import Target

        sample, plain = self._sample(), self.with_options(retries=0)  # what is sent again is for the run to say
        return Target(
            name=str(sample.plan.endpoint),
            space=sample.space.id,
            package=sample.plan.package,
            describe=self._describe,
            shape=inspect.signature(self._function),
            start=plain._start_row,
            decode=self.decoded,
            check_clients=lambda: _check_clients(sample.space.server),
        )

    def with_options(self, **changes: Unpack[CallOptions]) -> Endpoint[P, R]:
        """The same endpoint with other options, which hold for the calls made with what is returned.

        What is left out stays as it is; None undoes what was set. `CallOptions` has the list.

        Args:
            changes: token, oauth_token, auth, headers, timeout, retries, strict, validate, reuse_sessions,
                on_stage, on_upload.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        from ._options import Options

        Options().merged(changes)  # a value that makes no sense is refused here, not at the first call
        return Endpoint(self._function, (*self._changes, dict(changes)), self._key)

    def twin(self, key: str | int) -> Endpoint[P, R]:
        """The same function for another event of the Space, which takes and returns the very same.

        Args:
            key: That event's api name, or its number where it has none.
        """
        return Endpoint(self._function, self._changes, key)

    @property
    def api_name(self) -> str | int:
        """The name that the Space gave the endpoint, or its number where it has none."""
        return self._sample().plan.endpoint

    def _sample(self) -> Call[R]:
        """A call of it whose arguments say nothing, for all else that it says."""
        import inspect

        names = inspect.signature(self._function).parameters.values()
        placed = [None for one in names if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
        named = {one.name: None for one in names if one.kind is one.KEYWORD_ONLY}
        return cast("Callable[..., Call[R]]", self._describe)(*placed, **named)

    def _describe(self, /, *args: P.args, **kwargs: P.kwargs) -> Call[R]:
        call = self._function(*args, **kwargs)
        return call if self._key is None else call.of(self._key)

    def _options(self, defaults: Options) -> Options:
        if not self._changes:
            return defaults
        if self._merged is None or self._merged[0] is not defaults:
            self._merged = defaults, reduce(type(defaults).merged, self._changes, defaults)
        return self._merged[1]

    def decoded(self, call: Call[R], data: list[Any]) -> R:
        """The result behind the output list that the server once gave for a call."""
        return call.decoded(data, self._options(call.space.options), promised(self._function))

    def _start(self, call: Call[R], *, steps: bool = False, hashes: Hashes | None = None) -> Start:
        options = self._options(call.space.options)
        return call.start(options, promised(self._function), steps=steps, hashes=hashes)

    def _start_row(self, call: Call[R], hashes: Hashes) -> Start:
        return self._start(call, hashes=hashes)

    def __reduce__(self) -> Any:
        """By reference, so that it can be handed to other processes."""
        if self._changes or self._key is not None:
            return _restored, (self._function.__module__, self._function.__qualname__, self._changes, self._key)
        return self._function.__qualname__

    def __repr__(self) -> str:
        twin = "" if self._key is None else f" for {self._key!r}"
        return f"<Endpoint {self._function.__module__}.{self._function.__qualname__}{twin}>"

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__":  # made when somebody asks, for it takes longer than the import of a function
            return _signature(self)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _check_clients(server: Server) -> None:
    if server.sync_client is not None or server.async_client is not None:
        raise ConfigurationError("`map` makes its own connections; use client_options, not http_client")


def _result_of(annotation: Any) -> Any:
    """The type of the call's result, where an annotation speaks of the `Call` that describes it."""
    if isinstance(annotation, str):
        inner = annotation[5:-1]
        return inner if annotation == f"Call[{inner}]" else annotation
    return get_args(annotation)[0] if get_origin(annotation) is Call else annotation


def _signature(endpoint: Endpoint[..., Any]) -> Signature:
    """The function's signature with real types, not their text; with the text where a type cannot be found."""
    import inspect
    from typing import get_type_hints

    plain = inspect.signature(endpoint.__wrapped__)
    try:
        types = get_type_hints(endpoint, include_extras=True)
    except NameError:
        types = endpoint.__annotations__
    shown = [one.replace(annotation=types.get(name, one.annotation)) for name, one in plain.parameters.items()]
    return plain.replace(parameters=shown, return_annotation=types.get("return", plain.return_annotation))


@lru_cache(maxsize=4096)
def _spoken(method: FunctionType, function: Callable[..., Call[Any]]) -> Callable[..., Any]:
    """A copy of a method of `Endpoint` that says what one function takes and what this way of calling it gives."""
    from inspect import Parameter

    plain = Endpoint(function)
    own: Any = FunctionType(
        method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__
    )
    own.__qualname__, own.__module__ = method.__qualname__, method.__module__
    own.__doc__, own.__wrapped__ = function.__doc__ or method.__doc__, function
    shown = _signature(plain)
    given = _given(method.__name__, shown.return_annotation)
    own.__annotations__ = {**plain.__annotations__, "return": given}
    this = Parameter("__endpoint", Parameter.POSITIONAL_ONLY)  # no argument can have this name
    own.__signature__ = shown.replace(parameters=[this, *shown.parameters.values()], return_annotation=given)
    return cast("Callable[..., Any]", own)


def _given(mode: str, result: Any) -> Any:
    """The annotation of what one way of calling gives."""
    if isinstance(result, str) or mode in ("__call__", "aio"):
        return result
    if mode in ("submit", "asubmit"):
        from ._job import AsyncJob, Job

        return Job[result] if mode == "submit" else AsyncJob[result]
    return Generator[result, None, None] if mode == "stream" else AsyncGenerator[result, None]


def endpoint(function: Callable[P, Call[R]]) -> Endpoint[P, R]:
    """Turn a generated function, which describes a call, into an `Endpoint`, which makes it."""
    return Endpoint(function)


def _restored(
    module: str, name: str, changes: tuple[Mapping[str, Any], ...], key: str | int | None
) -> Endpoint[..., Any]:
    from importlib import import_module

    plain: Endpoint[..., Any] = getattr(import_module(module), name)
    found = plain if key is None else plain.twin(key)
    return reduce(lambda one, more: one.with_options(**cast(Any, more)), changes, found)


def _steps(happening: Generator[Any, None, None]) -> Generator[Any, None, None]:
    from .protocol.actions import Finished, Partial

    with closing(happening):
        for event in happening:
            if type(event) is Partial or (type(event) is Finished and not event.repeats):
                yield event.value


async def _asteps(happening: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    from .protocol.actions import Finished, Partial

    async with aclosing(happening):
        async for event in happening:
            if type(event) is Partial or (type(event) is Finished and not event.repeats):
                yield event.value


@lru_cache(maxsize=4096)
def promised(function: Callable[..., object]) -> Any:
    """The type of the result of a generated function: `X` where its return annotation says `Call[X]`.

    The annotation is read once, at the first call, and in the scope of the function's module alone: no parameter
    and no local name can stand in for a type. Without an annotation the result is whatever comes.

    Raises:
        ConfigurationError: The annotation names something that the module does not have.
    """
    said: Any = function.__annotations__.get("return", Any)
    if isinstance(said, str):
        scope = getattr(function, "__globals__", {})
        try:
            said = eval(said, scope)  # noqa: S307 # an annotation is code of the module already
        except NameError as error:
            where = f"{function.__module__}.{function.__qualname__}"
            missing = f"{error.name}, which its module does not have"
            raise ConfigurationError(f"the result of {where} is described by {missing}") from error
    return get_args(said)[0] if get_origin(said) is Call else said
