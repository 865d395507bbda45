"""How a Space brings about each error of the runtime: what it does on the wire, so that this error is raised."""

from __future__ import annotations

import re
from typing import NoReturn

from .. import errors
from ..protocol.messages import REFUSED
from ._bodies import AnswerInstead
from ._script import Aborted, Garbled, JobFailed
from ._store import too_large
from ._wire import Answered, Cut, json_answer, text_answer

NOT_OF_A_SPACE = (errors.ConfigurationError, errors.Unsupported, errors.NoSuchFile, errors.TooManyFailures)
LIMITS = ("connect", "queue", "total", "upload", "idle", "client")
"""Limits that pass while an answer is waited for; the others are of a wait here, or end in other errors."""
STAGES: dict[type[errors.SpaceUnavailable], str] = {
    errors.SpaceAsleep: "SLEEPING",
    errors.SpaceBuilding: "BUILDING",
    errors.SpacePaused: "PAUSED",
    errors.SpaceBroken: "RUNTIME_ERROR",
    errors.SpaceNotFound: "NOT_FOUND",
    errors.SpaceUnavailable: "RUNTIME_ERROR",
}
SAID: dict[type[errors.SpaceError], str] = {
    errors.AppError: "The app failed, as the test told it to.",
    errors.LoginRequired: "Not authenticated",
    errors.QueueFull: "Queue is full. Max size is 1 and size is 1.",
}


def stage_of(error: BaseException) -> str | None:
    """The Hub's word for a Space that causes this error; None where it runs."""
    if not isinstance(error, errors.SpaceUnavailable):
        return None
    return error.stage or STAGES[type(error)]


def before_a_job(error: BaseException) -> None:
    """Raise what the server does instead of taking the job; nothing where the job begins, and fails then."""
    match error:
        case errors.QueueFull():
            text = _words(error)
            shown = text if "queue is full" in text.lower() else f"Queue is full. {text}"
            # So that tries again come at once; a real server names no time.
            raise AnswerInstead(json_answer({"detail": shown}, 503, ("retry-after", "0")))
        case errors.RateLimited():
            wait = "0" if error.retry_after is None else f"{error.retry_after:g}"
            raise AnswerInstead(json_answer({"detail": _words(error)}, 429, ("retry-after", wait)))
        case errors.LoginRequired() | errors.LoginFailed():
            raise AnswerInstead(json_answer({"detail": "Not authenticated"}, 401))
        case errors.AuthError():
            raise AnswerInstead(json_answer({"detail": _words(error)}, 403))
        case errors.SpaceNotFound():
            raise AnswerInstead(_page(404))
        case errors.SpaceUnavailable():
            raise AnswerInstead(_page(503))
        case errors.FileRefused():
            raise AnswerInstead(too_large(1))
        case errors.EndpointChanged():
            raise AnswerInstead(text_answer("Internal Server Error", 500))
        case errors.CannotConnect():
            raise Cut("connect", _words(error))
        case errors.CallTimeout(limit="connect"):
            raise Cut("connect", _words(error), error)
        case errors.CallTimeout(limit="upload"):
            raise Cut("read", _words(error), error)
        case errors.BadStatus():
            raise AnswerInstead(_status(error))
        case errors.InputRefused() if error.problems or not re.search(REFUSED, _words(error)):
            raise AnswerInstead(_invalid(error))
        case _:
            return


def in_a_job(error: BaseException) -> NoReturn:
    """Raise what ends a job so that the caller gets this error."""
    match error:
        case errors.ConnectionLost():
            raise Cut("read", _words(error))
        case errors.CallTimeout():
            raise Cut("read", _words(error), error)
        case errors.CallCancelled():
            raise Aborted
        case errors.ProtocolError():
            raise Garbled
        case errors.QuotaExceeded():
            raise JobFailed(_quota(error))
        case errors.AppError():
            raise JobFailed(None if error.hidden else _words(error), error.title)
        case errors.SpaceError():
            raise JobFailed(_words(error))
        case _:  # a program's own error, which a server keeps to itself
            raise JobFailed(None) from error


def check(error: BaseException, hub_id: str | None) -> None:
    """Raise ConfigurationError for an error that a Space, named `hub_id` on the Hub, does not bring about."""
    kind = type(error).__name__
    match error:
        case _ if isinstance(error, NOT_OF_A_SPACE):
            why = f"no answer of a Space leads to {kind}: the runtime raises it by itself"
        case errors.UnexpectedOutput():
            why = (
                "send the unexpected value itself: fake.on(f).sends_raw(value); with strict=True it "
                "becomes this error"
            )
        case errors.LoginFailed():
            why = (
                "a login fails when the password is wrong: call fake_space(package, auth=(user, "
                "password)) with another one"
            )
        case errors.CallTimeout() if error.limit not in LIMITS:
            why = _no_such_limit(error.limit)
        case errors.SpaceUnavailable() if hub_id is None:
            why = (
                f"{kind} is raised only for Spaces on the Hub, and this app is not on the Hub; use "
                "BadStatus(status=503)"
            )
        case _:
            return
    raise errors.ConfigurationError(why)


def at_an_upload(error: BaseException | None) -> bool:
    """Whether the upload of a file fails with this error, before the call is made."""
    late = isinstance(error, errors.CallTimeout) and error.limit == "upload"
    return late or isinstance(error, errors.FileRefused)


def _no_such_limit(limit: str) -> str:
    instead = {
        "wake": "past it comes errors.SpaceAsleep or errors.SpaceBuilding",
        "result": "job.result(seconds) raises it by itself: fake.on(f).pauses(60)",
        "deadline": "rows(deadline=...) raises it by itself: fake.on(f).pauses(60)",
    }
    known = f"a limit is one of {', '.join(LIMITS)}"
    return f"no answer of a Space leads to CallTimeout(limit={limit!r}): {instead.get(limit, known)}"


def _words(error: errors.SpaceError) -> str:
    text = str(error.args[0]) if error.args else ""
    return text or SAID.get(type(error), "as the test told it to")


def _quota(error: errors.QuotaExceeded) -> str:
    asked, left = error.requested or 60, error.left or 0
    hours, rest = divmod(int(error.retry_after or 3600), 3600)
    when = f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"You have exceeded your GPU quota ({asked:.0f}s requested vs. {left:.0f}s left). Try again in {when}"


def _invalid(error: errors.InputRefused) -> Answered:
    entries = [
        {"__type__": "validate", "is_valid": False, "message": why, "parameter_name": name or None}
        for name, why in (error.problems or {"": _words(error)}).items()
    ]
    return json_answer({"detail": entries}, 422)


def _status(error: errors.BadStatus) -> Answered:
    status = error.status or 502
    body = error.body
    if isinstance(body, (dict, list)):
        return json_answer(body, status)
    return text_answer(str(body or _words(error)), status)


def _page(status: int) -> Answered:
    """What the Hub's proxy sends where no app runs."""
    text = "<html><body>This Space does not run.</body></html>"
    return Answered(status, text.encode(), [("content-type", "text/html; charset=utf-8"), ("retry-after", "0")])
