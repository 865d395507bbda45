"""What an endpoint and its modes show to tools: names, signatures and annotations of the generated function.

Agents, mocks, editors, documentation and web frameworks ask functions what they take and give.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from functools import lru_cache
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from . import _fork
from .calls.function import result_of

if TYPE_CHECKING:
    from inspect import Signature

M = TypeVar("M", bound=Callable[..., Any])


def mode(method: M) -> M:
    """Let one way of calling show the name, signature, annotations and docstring of the endpoint's function."""
    return cast(M, _Mode(cast(FunctionType, method)))


class _Mode:
    """A method of `Endpoint` that, once bound, shows what its endpoint takes."""

    def __init__(self, method: FunctionType) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, endpoint: Any, _: type | None = None) -> Callable[..., Any]:
        if endpoint is None:
            return self._method
        _fork.ready()
        # A real method: it pickles with its endpoint, and one that is to be awaited says so.
        return MethodType(_shown(self._method, endpoint.__wrapped__, endpoint.__name__), endpoint)


class ModeName(str):
    """The name of an endpoint's function, which pickles as that of the mode.

    Tools name what they make after `__name__`, and pickle finds a bound method by it: `getattr(endpoint, "aio")`.
    """

    __slots__ = ("mode",)
    mode: str

    def __reduce__(self) -> Any:
        return str, (self.mode,)


def signature_of(function: Callable[..., Any]) -> Signature:
    """A generated function's signature with real types, not their text, and with its result as the return type.

    The text stays where a type cannot be found.
    """
    import inspect
    from typing import get_type_hints

    plain = inspect.signature(function)
    said = {name: result_of(one) if name == "return" else one for name, one in function.__annotations__.items()}
    same = FunctionType(function.__code__, function.__globals__, closure=function.__closure__)
    same.__annotations__ = said
    try:
        types = get_type_hints(same, include_extras=True)
    except NameError:
        types = said
    shown = [one.replace(annotation=types.get(name, one.annotation)) for name, one in plain.parameters.items()]
    return plain.replace(parameters=shown, return_annotation=types.get("return", plain.return_annotation))


@lru_cache(maxsize=4096)
def _shown(method: FunctionType, function: FunctionType, name: str) -> Callable[..., Any]:
    """A copy of a method of `Endpoint` that shows what one function takes and what this mode gives."""
    from inspect import Parameter

    plain = signature_of(function)
    given = _given(method.__name__, plain.return_annotation)
    this = Parameter("__endpoint", Parameter.POSITIONAL_ONLY)  # no argument can have this name
    shown = plain.replace(parameters=[this, *plain.parameters.values()], return_annotation=given)
    types = {name: one.annotation for name, one in plain.parameters.items()}
    own = _copy(method, function, method, name)
    # The signature is that of what is wrapped: on `own` itself, `functools.wraps` would copy it, `this` included.
    source = own.__wrapped__ = _copy(function, function, method, name)
    source.__signature__ = shown
    own.__annotations__ = source.__annotations__ = {**types, "return": given}
    return cast("Callable[..., Any]", own)


def _copy(code: FunctionType, function: FunctionType, method: FunctionType, name: str) -> Any:
    made = FunctionType(code.__code__, code.__globals__, code.__name__, code.__defaults__, code.__closure__)
    made.__kwdefaults__ = code.__kwdefaults__
    made.__name__ = shown = ModeName(name)
    shown.mode = method.__name__
    made.__qualname__ = f"{name}.{method.__name__}"
    made.__module__, made.__doc__ = function.__module__, function.__doc__ or method.__doc__
    return made


def name_of_twin(twin: Any) -> str:
    """The name under which a module has a twin, so that two tools do not have the same name."""
    from sys import modules

    function = twin.__wrapped__
    for name, found in list(vars(modules.get(function.__module__, object)).items()):
        if type(found) is type(twin) and (found.__wrapped__, found._key) == (function, twin._key):
            return name
    return f"{function.__name__}_{twin._key}"


def _given(mode: str, result: Any) -> Any:
    """The annotation of what one way of calling gives."""
    if isinstance(result, str) or mode in ("__call__", "aio"):
        return result
    if mode in ("submit", "asubmit"):
        from .calls.job import AsyncJob, Job

        return Job[result] if mode == "submit" else AsyncJob[result]
    if mode in ("detail", "adetail"):
        from .calls.detail import Detail

        return Detail[result]
    return Generator[result, None, None] if mode == "stream" else AsyncGenerator[result, None]
