"""The vocabulary between the fake server, which does no I/O, and whatever carries its bytes.

The server is written as generators. They yield `Run` and `WaitForAny`, are sent the outcome, and return an
`Answered`, whose body may be another such generator that also yields bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from .._json import as_dict, as_list
from ..errors import CallTimeout

AnyFuture: TypeAlias = "Future[Any]"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        path: Without the query, percent-decoded.
        headers: By lower-case name.
        origin: Scheme and host that the client named, such as "http://127.0.0.1:7860".
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Asked:
        """The request behind an absolute URL."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method, unquote(parts.path), query, lowered, body, f"{parts.scheme}://{parts.netloc}")


class Run(NamedTuple):
    """Start this beside everything else: in a thread, or `awaited` on an event loop; answered with its future."""

    function: Callable[[], Any]
    awaited: bool = False


class WaitForAny(NamedTuple):
    """Wait until one of the futures is done, at most so many seconds; answered with whether one is."""

    futures: tuple[AnyFuture, ...]
    seconds: float | None = None


class Cut(Exception):
    """Break the connection here.

    Attributes:
        how: "connect": no connection is made; "read": it breaks.
        late: What the caller gets because a limit of its own has passed. It comes without a silence: the caller
            may have no such limit, or another one that would pass before it.
    """

    def __init__(
        self, how: Literal["connect", "read"] = "read", reason: str = "", late: CallTimeout | None = None
    ) -> None:
        super().__init__(reason or "the fake Space breaks the connection, as it was told")
        self.how = how
        self.late = late


Body: TypeAlias = Generator["bytes | Run | WaitForAny", Any, None]


@dataclass(slots=True)
class Answered:
    """A response."""

    status: int = 200
    body: bytes | Body = b""
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


Serving: TypeAlias = Generator["Run | WaitForAny", Any, Answered]


def json_answer(value: Any, status: int = 200, *more: tuple[str, str]) -> Answered:
    """A JSON response."""
    return Answered(status, compact(value), [("content-type", "application/json"), *more])


def text_answer(text: str, status: int = 200) -> Answered:
    """A plain text response."""
    return Answered(status, text.encode(), [("content-type", "text/plain; charset=utf-8")])


def events_answer(body: Body) -> Answered:
    """A response that is a stream of events."""
    return Answered(
        200, body, [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")]
    )


_COMPACT = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
)  # one for all: it takes long


def compact(value: Any) -> bytes:
    """JSON as orjson writes it: raw UTF-8, no spaces, null for what is no number."""
    try:
        text = _COMPACT.encode(value)
    except ValueError:
        text = _COMPACT.encode(_finite(value))
    return text.encode("utf-8", "surrogatepass")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in as_dict(value).items()}
    if isinstance(value, list):
        return [_finite(item) for item in as_list(value)]
    return value


def spaced(value: Any) -> str:
    """JSON as Python's own module writes it, in ASCII."""
    return json.dumps(value)
