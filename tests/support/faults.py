"""What the proxy can do to a request. Bytes of a body are counted as they stand on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from support._http import Head

Kind = Literal["refuse", "lose", "cut", "stall", "trickle", "answer"]


@dataclass(kw_only=True)
class Fault:
    """What happens to one request, or to several; made by the functions below."""

    kind: Kind
    on: str
    nth: int
    times: int
    after: int = 0
    clean: bool = False
    reply: bytes = b""
    seen: int = 0

    def takes(self, request: Head) -> bool:
        """Count a request that matches; true when it is this fault's turn."""
        if not re.search(self.on, f"{request.method} {request.path}"):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


def reset_before(*, on: str = "", nth: int = 1, times: int = 1) -> Fault:
    """Reset the connection before the server has seen the request: nothing can have run.

    Args:
        on: Regular expression for `METHOD /path`; every request when empty.
        nth: Which of the matching requests, counted from 1 since the fault was added.
        times: How many of them from there on.
    """
    return Fault(kind="refuse", on=on, nth=nth, times=times)


def reset_after(*, on: str = "", nth: int = 1, times: int = 1) -> Fault:
    """Reset the connection when the server has the whole request, before its answer: the fate is unknown."""
    return Fault(kind="lose", on=on, nth=nth, times=times)


def reset_during(after: int = 0, *, on: str = "", nth: int = 1, times: int = 1) -> Fault:
    """Reset the connection when so many bytes of the answer's body have passed."""
    return Fault(kind="cut", on=on, nth=nth, times=times, after=after)


def truncate(after: int = 0, *, on: str = "", nth: int = 1, times: int = 1) -> Fault:
    """End the connection in good order when so many bytes of the answer's body have passed."""
    return Fault(kind="cut", on=on, nth=nth, times=times, after=after, clean=True)


def stall(after: int = 0, *, on: str = "", nth: int = 1, times: int = 1) -> Fault:
    """Pass so many bytes of the answer's body, then nothing more, on a connection that stays open."""
    return Fault(kind="stall", on=on, nth=nth, times=times, after=after)


def trickle(after: int = 0, *, on: str = "", nth: int = 1, times: int = 1) -> Fault:
    """Pass so many bytes of the answer's body, then one byte now and then."""
    return Fault(kind="trickle", on=on, nth=nth, times=times, after=after)


def answer(
    status: int,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    on: str = "",
    nth: int = 1,
    times: int = 1,
) -> Fault:
    """Answer in the server's place, which never sees the request."""
    lines = [f"HTTP/1.1 {status} Injected", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    reply = "\r\n".join([*lines, "", ""]).encode() + body
    return Fault(kind="answer", on=on, nth=nth, times=times, reply=reply)
