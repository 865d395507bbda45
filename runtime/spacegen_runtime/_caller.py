"""Errors and warnings at the line of the caller's own code, without the frames of this library below it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._fork import ready
from .errors import SpaceError

if TYPE_CHECKING:
    from types import FrameType

F = TypeVar("F", bound=Callable[..., Any])
LOGGER = __package__ or ""
"""The logger's name: `spacegen_runtime`, or that of the runtime which a package carries."""
COROUTINE = 0x80  # inspect.CO_COROUTINE; a stub imports this, and `inspect` takes long


def for_caller(error: SpaceError) -> SpaceError:
    """The error as the caller's code sees it: without this library's frames, also in its causes.

    With `SPACEGEN_LOG=debug`, or the logger `spacegen_runtime` at that level, all frames stay.
    """
    import logging

    if not logging.getLogger(LOGGER).isEnabledFor(logging.DEBUG):
        below: BaseException | None = error
        while below is not None and below.__traceback__ is not None:
            if below is not error and _is_callers(below.__traceback__.tb_frame):
                break  # the call was made while this was handled, and so was all that lies below
            below.__traceback__ = None
            below = below.__cause__ or below.__context__
    return error


def _is_callers(frame: FrameType) -> bool:
    """Whether the code of this frame is waiting for the call: an exception that it caught is its own."""
    import inspect

    above = inspect.currentframe()
    while above is not None and above is not frame:
        above = above.f_back
    return above is not None and not _is_ours(frame.f_globals.get("__name__", ""))


def raises_at_caller(function: F) -> F:
    """Let a function or a coroutine function raise its errors as `for_caller` returns them.

    In a forked child where an import would never end, it raises before it imports anything (`_fork.ready`).
    """

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        ready()
        try:
            return function(*args, **kwargs)
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error

    @wraps(function)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        ready()
        try:
            return await function(*args, **kwargs)
        except SpaceError as error:
            raise for_caller(error)  # noqa: B904 # the same error

    return cast(F, awaited if function.__code__.co_flags & COROUTINE else called)


def warn_caller(text: str, kind: type[Warning]) -> None:
    """Warn at the line of the caller's own code: the nearest frame outside this library."""
    import inspect
    import warnings

    level, frame = 1, inspect.currentframe()
    while frame is not None and _is_ours(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, kind, stacklevel=level)


def _is_ours(module: str) -> bool:
    return f"{module}.".startswith(f"{__package__}.")
