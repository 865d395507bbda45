"""What a call reports to its caller: its state, and messages of the app. Options refer to these types."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


class Event:
    """Something that is passed to the caller of the flow."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ProgressUnit:
    """One bar of `gr.Progress`.

    Attributes:
        desc: What is being done.
        progress: Share that is done, 0 to 1, if known.
        index: Units that are done.
        length: Units in all, if known.
        unit: What a unit is called.
    """

    desc: str | None = None
    progress: float | None = None
    index: float | None = None
    length: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Log(Event):
    """A message of the app: `gr.Info`, `gr.Warning` or `gr.Success`.

    Attributes:
        message: The text.
        level: "info", "warning" or "success".
        title: Its heading, if the app gave one.
        duration: Seconds for which a page would show it.
    """

    message: str
    level: str = "info"
    title: str | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How a call is doing.

    Attributes:
        stage: "sending" until the queue has it, then "queued", "running", and at last "done", "failed" or
            "cancelled".
        position: Calls before it in the queue.
        queue_size: Calls in the queue.
        eta: Seconds that the server expects until the result.
        progress: The bars that the app shows now.
    """

    stage: Literal["sending", "queued", "running", "done", "failed", "cancelled"] = "sending"
    position: int | None = None
    queue_size: int | None = None
    eta: float | None = None
    progress: tuple[ProgressUnit, ...] = ()

    def __str__(self) -> str:
        words = str(self.stage)
        if self.position is not None:
            calls = "1 call" if self.position == 1 else f"{self.position} calls"
            words = f"queued behind {calls}" if self.position else "next in the queue"
        return words if not self.eta or self.eta < 1 else f"{words}, about {self.eta:.0f} s"

    def ended(self, stage: Literal["done", "failed", "cancelled"]) -> Status:
        """The status of a call that is over."""
        return replace(self, stage=stage, position=None, eta=None)
