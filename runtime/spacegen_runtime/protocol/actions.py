"""The vocabulary between the pure core and its two shells.

The core is written as generators ("flows"): they yield an action, are sent its outcome, and never do I/O
themselves. An `Event` is an action as well: the shell hands it to the caller of the flow.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from .._status import Event as Event
from .._status import Log as Log
from .._status import ProgressUnit as ProgressUnit

if TYPE_CHECKING:
    from .credentials import Credentials

T = TypeVar("T")

# Actions are never compared or printed; without `eq` and `repr`, importing each class takes a third of the time.


@dataclass(slots=True, eq=False, repr=False)
class Request:
    """Send this and answer with a `Reply`; limits are in seconds.

    Attributes:
        keep: "events" or "bytes" leaves a good response's body open for `Next`; "" reads it whole.
        limit: Longest wait for one read or write.
        deadline: `time.monotonic()` by which the answer must have arrived, completely if it is read whole.
        files: Multipart files: (name, path (str) or bytes or file object, media type).
        progress: Called with the bytes sent and the bytes in all while files are sent.
        headers: Headers that any server may see.
        credentials: The caller's credentials; they are sent only to one origin, also after redirects.
        outside: A server on the public internet named the address, so it must not lead to this machine or a
            private network.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    form: Mapping[str, str] | None = None
    files: list[tuple[str, Any, str]] | None = None
    progress: Callable[[int, int], object] | None = None
    credentials: Credentials | None = None
    outside: bool = False
    keep: Literal["", "events", "bytes"] = ""
    connect: float | None = None
    limit: float | None = None
    deadline: float | None = None


@dataclass(slots=True, eq=False, repr=False)
class Reply:
    """The response; `body` is empty if it was left open, `peer` if the IP address of the server is unknown."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    peer: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Next:
    """Answer with the next event's data or chunk of bytes, None at the end of the body.

    Attributes:
        deadline: `time.monotonic()` after which to raise `TimedOut`.
        soft: The deadline need not be exact: up to a second later is allowed, if that is cheaper.
    """

    deadline: float | None = None
    soft: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Close:
    """Close the open body; the connection is given up unless the body was read to its end."""


@dataclass(slots=True, eq=False, repr=False)
class Sleep:
    """Wait so many seconds."""

    seconds: float


@dataclass(slots=True, eq=False, repr=False)
class Wait:
    """Wait until the future is done, at most until the deadline."""

    future: Future[None]
    deadline: float | None = None


@dataclass(slots=True, eq=False, repr=False)
class InBackground:
    """Run this flow in the background, over connections of its own; nobody waits for it.

    Attributes:
        flow: What to run.
        is_over: Asked from time to time whether the flow is no longer needed; then it is cancelled.
        ended: Called when it has ended in whatever way, with nothing open.
    """

    flow: Flow[None]
    is_over: Callable[[], bool]
    ended: Callable[[], None]


@dataclass(slots=True, eq=False, repr=False)
class WaitForPlace:
    """Wait for one of the few places that calls of a server have at once, at most until the deadline.

    A shell does not limit calls whose steps go to the caller's own code, because that code may make calls itself.
    """

    deadline: float | None = None


@dataclass(slots=True, eq=False, repr=False)
class Joined(Event):
    """The server has the job, under this id."""

    event_id: str | None


@dataclass(slots=True, eq=False, repr=False)
class Queued(Event):
    """The job's place in the queue."""

    position: int | None
    queue_size: int | None
    eta: float | None


@dataclass(slots=True, eq=False, repr=False)
class Started(Event):
    """The app's function starts."""

    eta: float | None


@dataclass(slots=True, eq=False, repr=False)
class Progressed(Event):
    """The app reports its progress."""

    units: tuple[ProgressUnit, ...]


@dataclass(slots=True, eq=False, repr=False)
class Partial(Event):
    """One step of a streaming endpoint."""

    value: Any


@dataclass(slots=True, eq=False, repr=False)
class Chunk(Event):
    """The next bytes of a download."""

    data: bytes


@dataclass(slots=True, eq=False, repr=False)
class Finished(Event):
    """The result; always the last event of a flow that succeeds.

    Attributes:
        value: What the endpoint returns.
        repeats: The last `Partial` was the same value, which is how Gradio's generators end.
        raw: The outputs that are part of the result, as the server sent them.
    """

    value: Any
    repeats: bool = False
    raw: list[Any] | None = None


class Broken(Exception):
    """A shell could not send a request or read on.

    Attributes:
        unsent: True where it is certain that the server has not seen the request.
    """

    def __init__(self, reason: str, *, unsent: bool = False, url: str = "") -> None:
        super().__init__(reason)
        self.unsent = unsent
        self.url = url


class TimedOut(Exception):
    """A time limit passed in a shell."""

    def __init__(self, limit: str = "total", url: str = "") -> None:
        super().__init__(limit)
        self.limit = limit
        self.url = url


class CallerGone(BaseException):
    """The caller does not need the flow any more.

    The flow may still clean up. This is not a GeneratorExit, because after that no inner flow could yield.
    """


Action: TypeAlias = "Request | Next | Close | Sleep | Wait | InBackground | WaitForPlace | Event"
Flow: TypeAlias = Generator[Action, Any, T]
