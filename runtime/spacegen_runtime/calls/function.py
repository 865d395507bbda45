"""A generated function: which call it describes, with which options, and what type its result has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce, update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, get_args, get_origin

from ..errors import ConfigurationError
from .space import Call, Space

if TYPE_CHECKING:
    from .._options import Options
    from ..protocol.hashes import Hashes
    from ..protocol.start import Start

P = ParamSpec("P")
R = TypeVar("R")


class GeneratedFunction(Generic[P, R]):
    """A generated function, and what was said about its calls; `Endpoint` has the ways to make them.

    Args:
        function: The function of the package, which describes a call and does not make it.
        changes: Options, one set after the other.
        key: Another event of the Space than the function's own, which takes and returns the same.
        space: Another deployment of the Space than the package's own.
    """

    def __init__(
        self,
        function: Callable[P, Call[R]],
        changes: tuple[Mapping[str, Any], ...] = (),
        key: str | int | None = None,
        space: Space | None = None,
    ) -> None:
        self._function = function
        self._space = space
        self._changes = changes
        self._key = key
        self._merged: tuple[Options, Options] | None = None
        self._place: str | None = None
        if changes:
            from .._settings import PLACE, place_of

            for change in changes:
                if not PLACE.isdisjoint(change):
                    self._place = place_of(change)
        update_wrapper(cast(Any, self), function)
        if key is not None:
            del self.__dict__["__name__"], self.__dict__["__qualname__"]  # made when somebody asks
        self.__annotations__ = {**function.__annotations__}
        if "return" in self.__annotations__:
            self.__annotations__["return"] = result_of(self.__annotations__["return"])

    def _sample(self) -> Call[R]:
        """A call with None for each argument: for what the function says of every call."""
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
            from .._settings import for_calls

            self._merged = defaults, reduce(type(defaults).merged, map(for_calls, self._changes), defaults)
        return self._merged[1]

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


def result_of(annotation: Any) -> Any:
    """The type of the call's result, where an annotation speaks of the `Call` that describes it."""
    if isinstance(annotation, str):
        inner = annotation[5:-1]
        return inner if annotation == f"Call[{inner}]" else annotation
    return get_args(annotation)[0] if get_origin(annotation) is Call else annotation


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


def _restored(
    module: str, name: str, changes: tuple[Mapping[str, Any], ...], key: str | int | None, space: Space | None
) -> Any:
    from importlib import import_module

    plain: Any = getattr(import_module(module), name)
    found = plain if key is None else plain.twin(key)
    found = found if space is None else found.at(space)
    return reduce(lambda one, more: one.with_options(**more), changes, found)
