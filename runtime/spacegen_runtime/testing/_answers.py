"""Answers that a test gives for an endpoint."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeVar, cast, overload

from typing_extensions import Self

from .._endpoint import Endpoint
from ..errors import ConfigurationError, SpaceError
from ..protocol.actions import Log, Progressed, ProgressUnit, Queued
from . import _failures
from ._endpoints import filled
from ._offer import Offered
from ._script import Part, Pause, Script, Step
from ._wire import Run, WaitForAny

P = ParamSpec("P")
R = TypeVar("R")
END: Any = object()
NOTHING: list[Any] = []  # the outputs of a part that has none; told apart by identity


class ResultChecker(Protocol):
    """Who turns results into outputs, and hears of what a test got wrong."""

    @property
    def hub_id(self) -> str | None:
        """`owner/name` of the Space on the Hub; None for a server elsewhere."""
        ...

    def outputs(self, endpoint: Endpoint[..., Any], value: Any) -> list[Any]:
        """A result as a server sends it; raises TypeError where it is not what the endpoint promises."""
        ...

    def raw(self, endpoint: Endpoint[..., Any], value: Any) -> Any:
        """Any value as a server sends it; raises TypeError where none can."""
        ...

    def fault(self, error: BaseException) -> None:
        """Raise this at the end of the test: the code under test may never see it."""
        ...


Act = Callable[[dict[str, Any]], Script]


class Answer(Generic[P, R]):
    """What an endpoint of a fake Space answers; made by `fake.on(endpoint)`.

    Parts happen in the order in which they are written. `then` begins the answer to the next call; the last
    answer is given again and again.
    """

    def __init__(
        self, checker: ResultChecker, endpoint: Endpoint[P, R], offered: Offered, line: list[Answer[P, R]]
    ) -> None:
        self._checker = checker
        self._endpoint = endpoint
        self._offered = offered
        self._line = line
        self._acts: list[Act] = []
        self._error: SpaceError | BaseException | None = None
        self._ended = False
        line.append(self)

    def returns(self, value: R) -> Self:
        """Return this result.

        Raises:
            TypeError: It is not what the endpoint promises.
        """
        data = self._checker.outputs(self._endpoint, value)
        return self._end(lambda _: _return(data))

    def yields(self, *values: R) -> Self:
        """Give these steps, one after the other; the last one is the result."""
        if not self._offered.generator:
            key = self._offered.key
            raise ConfigurationError(f"{key} does not stream: it has one result; use .returns(value)")
        steps = [self._checker.outputs(self._endpoint, value) for value in values]
        return self._act(lambda _: _steps(steps))

    def raises(self, error: BaseException | type[BaseException]) -> Self:
        """Let the call end with this error, as a Space would bring it about.

        An error of `spacegen_runtime.errors` reaches the caller as itself: by an HTTP status, a message or a
        broken connection. The limit of a `CallTimeout` passes at once. Of any other error, which the app's own
        function might raise, callers see as much as Gradio shows: nothing.
        """
        made = error if isinstance(error, BaseException) else _made(error)
        _failures.check(made, self._checker.hub_id)
        if not self._acts:
            self._error = made  # it may come before there is a job at all
        return self._end(lambda _: _raise(made))

    @overload
    def does(
        self, function: Callable[P, R | Awaitable[R] | Iterator[R] | AsyncIterator[R]] | Callable[P, R]
    ) -> Self: ...

    # For functions that say `FileData` where callers may give any `FileInput`: no type can express what the
    # arguments become, so only the result is checked. The first one is there to tell what a lambda gets.
    @overload
    def does(self, function: Callable[..., R | Awaitable[R] | Iterator[R] | AsyncIterator[R]]) -> Self: ...

    def does(self, function: Callable[..., Any]) -> Self:
        """Answer with what this function returns, or with each step that it yields.

        It takes what the endpoint takes, files as `FileData` that can be read. It may be a coroutine function or
        a generator. A blocking one runs in a thread of its own.
        """
        self._check_signature(function)
        return self._end(lambda arguments: _do(self._checker, self._endpoint, function, arguments))

    def sends_raw(self, *outputs: Any) -> Self:
        """Send these outputs, whether or not they are what the Space promised."""
        data = [self._checker.raw(self._endpoint, value) for value in outputs]
        return self._end(lambda _: _return(data))

    def logs(self, message: str, level: Literal["info", "warning", "success"] = "info", title: str = "") -> Self:
        """Say something to the side, as `gr.Info` and its kin do."""
        part = Log(message, level, title or None)
        return self._act(lambda _: _part(part))

    def progress(self, share: float | None = None, desc: str | None = None, **more: Any) -> Self:
        """Report how far it is, from 0 to 1; `index`, `length` and `unit` count instead."""
        part = Progressed((ProgressUnit(desc=desc, progress=share, **more),))
        return self._act(lambda _: _part(part))

    def queued(self, position: int, eta: float | None = None) -> Self:
        """Wait in the queue at this position (0 is the next one), with so many seconds to go."""
        part = Queued(position, position + 1, eta)
        return self._act(lambda _: _part(part))

    def pauses(self, seconds: float) -> Self:
        """Let so many seconds pass."""
        return self._act(lambda _: _part(Pause(seconds)))

    @property
    def then(self) -> Answer[P, R]:
        """The answer to the next call."""
        return Answer(self._checker, self._endpoint, self._offered, self._line)

    # What follows is for the fake.

    @property
    def error(self) -> BaseException | None:
        """The error that this answer consists of, if it is nothing else."""
        return self._error

    def play(self, arguments: dict[str, Any], otherwise: Callable[[], list[Any]]) -> Script:
        """What happens in a job that is answered so; `otherwise` gives the outputs where none are said."""
        data = NOTHING
        for act in self._acts:
            said = yield from act(arguments)
            data = data if said is NOTHING else said
        return otherwise() if data is NOTHING else data

    def _act(self, act: Act) -> Self:
        if self._ended:
            # Nothing can follow a result; whatever is written after it happens before it.
            self._acts.insert(len(self._acts) - 1, act)
            self._error = None
        else:
            self._acts.append(act)
        return self

    def _end(self, act: Act) -> Self:
        if self._ended:
            key = self._offered.key
            raise ConfigurationError(f"{key} already has its answer; .then begins the answer to the next call")
        self._acts.append(act)
        self._ended = True
        return self

    def _check_signature(self, function: Callable[..., Any]) -> None:
        args, kwargs = filled(self._endpoint, {one.argument: None for one in self._offered.parameters})
        try:
            inspect.signature(function).bind(*args, **kwargs)
        except ValueError:  # built in, without a signature
            return
        except TypeError as error:
            wanted = inspect.signature(self._endpoint.__wrapped__).replace(
                return_annotation=inspect.Signature.empty
            )
            raise TypeError(
                f"{function!r} cannot take the place of {self._offered.function}{wanted}: {error}"
            ) from None


def _made(kind: type[BaseException]) -> BaseException:
    try:
        return kind("as the test told it to") if issubclass(kind, SpaceError) else kind()
    except TypeError as error:
        raise ConfigurationError(f"give the error itself, not only its class {kind.__name__}: {error}") from None


def _return(data: list[Any]) -> Script:
    yield from ()
    return data


def _part(part: Part) -> Script:
    yield part
    return NOTHING


def _steps(steps: list[list[Any]]) -> Script:
    for data in steps:
        yield Step(data)
    return steps[-1] if steps else NOTHING


def _raise(error: BaseException) -> Script:
    yield from ()
    _failures.before_a_job(error)
    _failures.in_a_job(error)


def _do(
    checker: ResultChecker, endpoint: Endpoint[..., Any], function: Callable[..., Any], arguments: dict[str, Any]
) -> Script:
    """Run a test's own function, and make of it what a server makes of an app's."""
    args, kwargs = filled(endpoint, arguments)
    try:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            result = function(*args, **kwargs)
        else:
            result = yield from _run(
                partial(function, *args, **kwargs), awaited=inspect.iscoroutinefunction(function)
            )
        if inspect.isawaitable(result):
            result = yield from _run(partial(_same, result), awaited=True)
        if inspect.isgenerator(result) or inspect.isasyncgen(result):
            return (yield from _iterate(checker, endpoint, result))
        return checker.outputs(endpoint, result)
    except GeneratorExit:
        raise
    except (AssertionError, TypeError) as error:  # the test's own mistakes, which no app can be blamed for
        checker.fault(error)
        _failures.in_a_job(error)
    except Exception as error:
        _failures.in_a_job(error)
    except BaseException as error:  # pytest.fail(), for one
        checker.fault(error)
        _failures.in_a_job(error)


def _iterate(checker: ResultChecker, endpoint: Endpoint[..., Any], steps: Any) -> Script:
    data = NOTHING
    try:
        while True:
            if inspect.isgenerator(steps):
                value = yield from _run(partial(next, steps, END))
            else:
                value = yield from _run(partial(_next, steps), awaited=True)
            if value is END:
                return data
            data = checker.outputs(endpoint, value)
            yield Step(data)
    finally:
        if inspect.isgenerator(steps):
            _close(steps)


def _close(steps: Generator[Any, Any, Any]) -> None:
    try:
        steps.close()
    except ValueError:  # a step still runs; it is closed by the collector when that is over
        return


async def _next(steps: AsyncIterator[Any]) -> Any:
    return await anext(steps, END)


async def _same(result: Awaitable[Any]) -> Any:
    return await result


def _run(function: Callable[[], Any], *, awaited: bool = False) -> Generator[Part, Any, Any]:
    future = cast("Future[Any]", (yield Run(function, awaited)))
    try:
        yield WaitForAny((future,))
    except GeneratorExit:
        future.cancel()
        raise
    return future.result()
