"""The endpoint that a run calls, as the run sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from inspect import Signature

    from ..calls.space import Call
    from ..protocol.hashes import Hashes
    from ..protocol.start import Start


class Target(NamedTuple):
    """An endpoint, as a run sees it.

    Attributes:
        name: Its api name, or its number.
        space: The Space's id.
        package: The package that it belongs to, if any.
        describe: The generated function: arguments to a call.
        shape: Its signature.
        returns: The type of its result.
        start: What makes a call happen.
        decode: The result behind the output list of a call.
        check_clients: Refuses an HTTP client of the caller, because a run uses another thread.
    """

    name: str
    space: str
    package: str | None
    describe: Callable[..., Call[Any]]
    shape: Signature
    returns: Any
    start: Callable[[Call[Any], Hashes], Start]
    decode: Callable[[Call[Any], list[Any]], Any]
    check_clients: Callable[[], None]
