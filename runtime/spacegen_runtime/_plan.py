"""Call: what one use of a generated function asks for. Imported with every package, so it imports little."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, get_args, get_origin

from .errors import ConfigurationError

if TYPE_CHECKING:
    from ._options import Options
    from ._space import Space
    from .protocol.actions import Flow
    from .protocol.server import Server
    from .protocol.session import Hashes

R = TypeVar("R")


class Plan(NamedTuple):
    """What a generated function says about one call."""

    endpoint: str | int
    arguments: Mapping[str, Any]
    files: tuple[str, ...] = ()
    hidden_inputs: tuple[int, ...] = ()
    hidden_outputs: tuple[int, ...] = ()
    stateful: bool = False
    queued: bool = True
    oauth: bool = False
    package: str | None = None


class Start(NamedTuple):
    """One call about to be made: where, how, and of what."""

    server: Server
    flow: Flow[None]
    endpoint: str


class Call(Generic[R]):
    """One call, described and not yet made; `R` is the type of its result."""

    __slots__ = ("plan", "space")

    def __init__(self, space: Space, plan: Plan) -> None:
        self.space = space
        self.plan = plan

    def of(self, endpoint: str | int) -> Call[R]:
        """The same call of another endpoint, which takes and returns the same."""
        return Call(self.space, self.plan._replace(endpoint=endpoint))

    def start(self, options: Options, returns: Any, *, steps: bool = False, hashes: Hashes | None = None) -> Start:
        """What makes it happen, in the session that is open here and now.

        Args:
            options: The settings of this call.
            returns: The type of its result.
            steps: Steps of a generator are wanted, too.
            hashes: Session hashes that it may use again.
        """
        from ._call_flow import call
        from .protocol.request import caller_of

        server = self.space.server
        if hashes is None and options.reuse_sessions:
            hashes = caller_of(server, options).hashes
        session = self.space.current_session()
        flow = call(self.plan, returns, server, options, session, steps=steps, hashes=hashes)
        return Start(server, flow, str(self.plan.endpoint))

    def __repr__(self) -> str:
        return f"Call({self.space.id!r}, {self.plan.endpoint!r})"


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
