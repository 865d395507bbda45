"""Reading what a server says: queue messages to events, refusals to errors. No I/O."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Mapping
from typing import Any

from . import errors
from ._actions import Event, Log, Progressed, ProgressUnit, Queued, Reply, Started
from ._json import as_dict, as_list, as_number, as_text, parse

QUOTA = re.compile(r"exceeded your .{0,40}GPU quota|GPU quota exceeded", re.IGNORECASE)
ASKED = re.compile(r"\((\d{1,9})s requested vs\.? (-?\d{1,9})s left\)")
AGAIN = re.compile(r"(?:try again|retry) in (?:(\d{1,6}) days?,? )?(\d{1,6}):(\d\d):(\d\d)", re.IGNORECASE)
REFUSED = re.compile(
    r"is not in the list of choices|is (?:less|greater) than (?:the )?(?:minimum|maximum)|"
    r"Invalid file type|enough input values|is not a valid (?:value|number)",
    re.IGNORECASE,
)
TOO_FEW = "enough input values"
NEEDS_LOGIN = "requires a logged in user"
HAND_OVER = "Pass token=... to hand the app your token; a Gradio before 6.31 takes none from a program."


def read_event(message: Mapping[str, Any]) -> Event | None:
    """The event behind a message that says how the job goes; None for those that say nothing about it."""
    match message.get("msg"):
        case "estimation":
            return Queued(*(as_number(message.get(key)) for key in ("rank", "queue_size", "rank_eta")))
        case "process_starts":
            return Started(as_number(message.get("eta")))
        case "progress":
            return Progressed(tuple(_unit(as_dict(unit)) for unit in as_list(message.get("progress_data"))))
        case "log":
            return _log(message)
        case _:
            return None


def _unit(data: dict[str, Any]) -> ProgressUnit:
    return ProgressUnit(
        desc=as_text(data.get("desc")),
        progress=as_number(data.get("progress")),
        index=as_number(data.get("index")),
        length=as_number(data.get("length")),
        unit=as_text(data.get("unit")),
    )


def _log(message: Mapping[str, Any]) -> Log:
    return Log(
        message=str(message.get("log", "")),
        level=str(message.get("level") or "info"),
        title=as_text(message.get("title")) or None,
        duration=as_number(message.get("duration")),
    )


def app_error(output: Any) -> errors.SpaceError:
    """The error behind an `output` of a job that failed."""
    details = as_dict(output) or {"error": output}
    text = details.get("error")
    if text is None:
        return errors.AppError(
            "the app raised an error and keeps its text to itself (its author can show it with show_error=True)",
            hidden=True,
            body=output,
        )
    said = _unquote(str(text)) if "title" not in details else str(text)
    if QUOTA.search(said):
        return _quota(said, output)
    if NEEDS_LOGIN in said:
        return errors.LoginRequired(f"{said} {HAND_OVER}", body=output)
    if REFUSED.search(said):
        return errors.InputRefused(said, body=output)
    return errors.AppError(said, title=as_text(details.get("title")), body=output)


def _unquote(text: str) -> str:
    """Undo the repr() that Gradio put around gr.Error texts before 5.29."""
    if len(text) < 2 or text[0] not in "'\"" or text[0] != text[-1]:
        return text
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # the last is the parser's word for too deep
        return text


def _quota(said: str, output: Any) -> errors.QuotaExceeded:
    plain = html.unescape(re.sub(r"<[^>]*>", "", said))
    asked, again = ASKED.search(plain), AGAIN.search(plain)
    wait = None
    if again:
        days, hours, minutes, seconds = (int(part or 0) for part in again.groups())
        wait = float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    return errors.QuotaExceeded(
        f"{plain} (an anonymous caller has the least: pass token=...)",
        requested=float(asked[1]) if asked else None,
        left=float(asked[2]) if asked else None,
        retry_after=wait,
        body=output,
    )


def json_of(reply: Reply) -> Any:
    """The body as JSON, or None where it is something else."""
    try:
        return parse(reply.body)
    except ValueError:
        return None


def retry_after(reply: Reply) -> float | None:
    """Seconds of a Retry-After header (its date form is not used by any server in question)."""
    try:
        return max(0.0, float(reply.headers.get("retry-after", "")))
    except ValueError:
        return None


def status_error(reply: Reply) -> errors.SpaceError:
    """The error behind an HTTP status."""
    body = json_of(reply)
    context: dict[str, Any] = {"status": reply.status, "url": reply.url}
    context["body"] = reply.body.decode("utf-8", "replace") if body is None else body
    detail = as_dict(body).get("detail")
    match reply.status:
        case 401:
            return errors.LoginRequired("login needed: give auth=(user, password) or token=...", **context)
        case 403:
            return errors.NotAllowed("the server refuses this caller (HTTP 403)", **context)
        case 413:
            return errors.FileRefused(f"too large: {context['body']}", **context)
        case 422:
            return _validation(detail, context)
        case 429:
            wait = retry_after(reply)
            return errors.RateLimited(f"too many requests; retry after {wait} s", retry_after=wait, **context)
        case 503 if "queue is full" in str(detail).lower():
            return errors.QueueFull(f"{detail} Try again later.", **context)
        case 500 if "error" in as_dict(body):
            failed = app_error(body)
            failed.__dict__.update(context)
            return failed
        case _:
            return errors.BadStatus(f"HTTP {reply.status} from {reply.url}", **context)


def _validation(detail: Any, context: dict[str, Any]) -> errors.SpaceError:
    """A validator's refusal (6.x), or FastAPI's own where a request has the wrong form."""
    problems: dict[str, str] = {}
    for position, entry in enumerate(map(as_dict, as_list(detail))):
        if entry.get("is_valid") is False:
            name = str(entry.get("parameter_name") or f"input {position}")
            problems[name] = str(entry.get("message") or "refused")
    if not problems:
        return errors.ProtocolError("the server does not understand the request (HTTP 422)", **context)
    text = "; ".join(f"{name}: {why}" for name, why in problems.items())
    return errors.InputRefused(f"refused: {text}", problems=problems, **context)
