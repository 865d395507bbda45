"""Call: what one use of a generated function asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ._actions import Flow
from ._options import Options
from ._protocol import Plan, call

if TYPE_CHECKING:
    from ._space import Space

R = TypeVar("R")


class Call(Generic[R]):
    """One call, described and not yet made; `R` is the type of its result."""

    __slots__ = ("plan", "space")

    def __init__(self, space: Space, plan: Plan) -> None:
        self.space = space
        self.plan = plan

    def of(self, endpoint: str | int) -> Call[R]:
        """The same call of another endpoint, which takes and returns the same."""
        return Call(self.space, replace(self.plan, endpoint=endpoint))

    def flow(self, options: Options, *, steps: bool = False) -> Flow[None]:
        """The actions that make it happen, in the session that is open here and now."""
        return call(self.plan, self.space.server, options, self.space.current_session(), steps=steps)

    def __repr__(self) -> str:
        return f"Call({self.space.id!r}, {self.plan.endpoint!r})"
