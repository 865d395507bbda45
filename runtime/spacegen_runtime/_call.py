"""Call: what one use of a generated function asks for. Imported with every package, so it imports little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from ._actions import Flow
    from ._options import Options
    from ._server import Server
    from ._space import Space

R = TypeVar("R")
NOTHING: Any = object()  # the promise of an endpoint without outputs


class Plan(NamedTuple):
    """What a generated function says about one call."""

    endpoint: str | int
    arguments: Mapping[str, Any]
    returns: Any
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

    def start(self, options: Options, *, steps: bool = False) -> Start:
        """What makes it happen, in the session that is open here and now."""
        from ._protocol import call

        server = self.space.server.seen_by(options.auth)
        flow = call(self.plan, server, options, self.space.current_session(), steps=steps)
        return Start(server, flow, str(self.plan.endpoint))

    def __repr__(self) -> str:
        return f"Call({self.space.id!r}, {self.plan.endpoint!r})"
