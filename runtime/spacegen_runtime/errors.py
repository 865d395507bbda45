"""What can go wrong, as one tree.

SpaceError
├── ConfigurationError      a setting of this process is missing or contradicts itself; nothing was sent
│   ├── NotRecorded         a test's call is not in its recording
│   └── RealCall            a test was about to call a real Space
├── CannotConnect           no connection was made; nothing has run
├── ConnectionLost          the link broke on the way (`may_have_run`)
├── CallTimeout             a limit of `Timeouts` passed (`limit`); also a TimeoutError
├── SpaceUnavailable        the Hub says that the Space does not run (`stage`)
│   ├── SpaceAsleep
│   ├── SpaceBuilding
│   ├── SpacePaused
│   ├── SpaceBroken
│   └── SpaceNotFound
├── AuthError
│   ├── LoginRequired       the app wants a user and a password, or a token
│   ├── LoginFailed         the app refused the user and password that were given
│   └── NotAllowed          the server knows who calls, and refuses
├── RateLimited             HTTP 429 (`retry_after`)
├── QueueFull               the app's queue is full; nothing has run
├── QuotaExceeded           ZeroGPU time is used up (`requested`, `left`, `retry_after`)
├── InputRefused            a value was refused, by the app or before it was sent (`problems`)
│   └── NoSuchFile          a file that an argument names is not here; also a FileNotFoundError
├── AppError                the app's own function raised (`title`, `hidden`)
├── CallCancelled           the job was cancelled, here or on the server
├── EndpointChanged         the Space no longer has what the package was written against
├── Unsupported             this Gradio version cannot do that
├── TooManyFailures         more rows of a run failed than `max_failures` allows (`failures`)
├── UnexpectedOutput        a result does not fit the promised type, under `strict=True` (`raw`)
├── FileRefused             a file could not be sent or fetched
├── BadStatus               any other HTTP status
└── ProtocolError           the server said something that is not Gradio's protocol
"""

from __future__ import annotations

import re
from typing import Any

HASH = r"(session_hash(?:=|%3D)|/heartbeat/)[^&\s/?%]+"
"""A session hash in an address. As text, because `re` compiles it when the first one is seen, not at import."""


def without_hash(text: str) -> str:
    """A text without session hashes: whoever has one can read what is sent to that session."""
    seen = "session_hash" in text or "/heartbeat/" in text
    return re.sub(HASH, r"\1...", text) if seen else text


class SpaceError(Exception):
    """The root of all errors of a call.

    Attributes:
        endpoint: The api name that was called.
        event_id: The server's id of the job, once it has one.
        row: In a run over many rows (`map` and the like): the row's place in the input, counted from 0.
        url: The URL of the request that failed, otherwise the address of the Space.
        status: Its HTTP status, if there was a response.
        body: What the server sent, as text or parsed JSON.
    """

    endpoint: str | None = None
    event_id: str | None = None
    row: int | None = None
    url: str | None = None
    status: int | None = None
    body: Any = None

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(without_hash(message))
        self.__dict__.update(context)
        if self.url is not None:
            self.url = without_hash(self.url)

    def __str__(self) -> str:
        message = str(self.args[0]) if self.args else type(self).__name__
        row = None if self.row is None else f"row {self.row}"
        where = ", ".join(filter(None, (self.endpoint, row)))
        return f"{where}: {message}" if where else message


class ConfigurationError(SpaceError):
    """A setting of this process is missing or contradicts itself; nothing was sent."""


class NotRecorded(ConfigurationError):
    """A call of a test is not in its recording, and real calls are not allowed."""


class RealCall(ConfigurationError):
    """A test was about to call a real Space."""


class CannotConnect(SpaceError):
    """No connection to the server was made; nothing has run."""


class ConnectionLost(SpaceError):
    """The link broke while the job was on its way; it is not sent again because it may have run.

    Attributes:
        may_have_run: False only where it is certain that the app's function did not start.
    """

    may_have_run: bool = True


class CallTimeout(SpaceError, TimeoutError):
    """A time limit passed; the job was cancelled on the server, if the server can do that.

    Attributes:
        limit: The field of `Timeouts` that passed: "connect", "queue", "total", "upload" or "idle" (past "wake"
            comes `SpaceAsleep` or `SpaceBuilding`); "result" if only the waiting for a job ended, and the job
            itself continues; "client" for the timeout of an HTTP client of your own.
    """

    limit: str = "total"


class SpaceUnavailable(SpaceError):
    """The Hub says that the Space does not run.

    Attributes:
        stage: The Hub's word for it, such as "PAUSED".
    """

    stage: str = ""


class SpaceAsleep(SpaceUnavailable):
    """The Space sleeps, and did not wake within `Timeouts.wake`."""


class SpaceBuilding(SpaceUnavailable):
    """The Space is being built or started, and was not ready within `Timeouts.wake`."""


class SpacePaused(SpaceUnavailable):
    """The Space's owner paused or stopped it; only the owner can start it."""


class SpaceBroken(SpaceUnavailable):
    """The Space failed to build, to configure or to run."""


class SpaceNotFound(SpaceUnavailable):
    """The Hub shows no such Space to this token: it is missing, renamed or private."""


class AuthError(SpaceError):
    """The server does not let this caller in."""


class LoginRequired(AuthError):
    """The app wants a login; give `auth=(user, password)` or `token=`."""


class LoginFailed(AuthError):
    """The app refused the user and password that were given."""


class NotAllowed(AuthError):
    """The server knows who calls, and refuses (HTTP 403)."""


class RateLimited(SpaceError):
    """Too many requests (HTTP 429); nothing has run.

    Attributes:
        retry_after: Seconds to wait, if the server said so.
    """

    retry_after: float | None = None


class QueueFull(SpaceError):
    """The app's queue is full; nothing has run."""


class QuotaExceeded(SpaceError):
    """The caller's ZeroGPU time, or the number of runs, is used up.

    Attributes:
        title: The heading of the message, where the Space's Gradio sends one (5.29 and later).
        requested: Seconds that the endpoint asks for.
        left: Seconds that remain.
        retry_after: Seconds until there is time again.
    """

    title: str | None = None
    requested: float | None = None
    left: float | None = None
    retry_after: float | None = None


class InputRefused(SpaceError):
    """A value was refused: by the app, before its function ran, or here, because it cannot be sent.

    Attributes:
        problems: Parameter name to what is wrong with its value.
    """

    problems: dict[str, str] = {}  # noqa: RUF012  # a default that is never written to; errors set their own


class NoSuchFile(InputRefused, FileNotFoundError):
    """An argument names a file that is not on this machine; nothing was sent."""


class AppError(SpaceError):
    """The app's function raised.

    Attributes:
        title: The heading that the app gave the error.
        hidden: True if the app hides its error messages (Gradio's default for plain exceptions).
    """

    title: str | None = None
    hidden: bool = False


class CallCancelled(SpaceError):
    """The job was cancelled, by this program or on the server."""


class EndpointChanged(SpaceError):
    """The Space no longer has what the package was written against; run `spacegen update`."""


class Unsupported(SpaceError):
    """The Space's Gradio version cannot do that."""


class TooManyFailures(SpaceError):
    """More rows of a run failed than `max_failures` allows; the last error is the cause.

    Attributes:
        failures: How many rows failed.
    """

    failures: int = 0


class UnexpectedOutput(SpaceError):
    """A result does not fit the type that the Space promised (only under `strict=True`).

    Attributes:
        raw: The value as the server sent it.
    """

    raw: Any = None


class FileRefused(SpaceError):
    """A file could not be sent to the Space or fetched from it."""


class BadStatus(SpaceError):
    """An HTTP status for which there is no other error class."""


class ProtocolError(SpaceError):
    """The server said something that is not Gradio's protocol."""


class UnexpectedOutputWarning(UserWarning):
    """A result does not fit the type that the Space promised; it was returned as the server sent it."""
