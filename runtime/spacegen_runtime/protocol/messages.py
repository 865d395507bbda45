"""Reading what a server says: queue messages to events, refusals to errors. No I/O."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from math import isfinite, nan
from time import time
from typing import Any

from .. import errors
from .._json import as_dict, as_list, as_number, as_text, parse
from .actions import Event, Log, Progressed, ProgressUnit, Queued, Reply, Started
from .provenance import marked

QUOTA_TITLES = ("ZeroGPU quota exceeded", "ZeroGPU pending credits exceeded")  # Gradio sends titles from 5.29 on
# Patterns as text: `re` compiles one when the first refusal is read, and no import waits for it.
QUOTA = (
    r"(?i)exceeded your (?:.{0,40}GPU quota|.{0,40}\bruns limit)|GPU quota exceeded|reached its GPU limit|"
    r"runn{1,2}ing out of daily ZeroGPU quotas|too many ZeroGPU credits"
)
"""What the package `spaces` (0.14 to 0.51) says when time is used up, including its spelling mistake."""
SECONDS = r"(-?\d{1,9}(?:\.\d{1,9})?)s"
ASKED = rf"\({SECONDS} requested vs\.? {SECONDS} left\)"
ASKED_LAST = rf"\({SECONDS} left vs\.? {SECONDS} requested\)"  # 0.25 to 0.29
AGAIN = r"(?i)(?:try again|retry) in (?:(\d{1,6}) days?,? )?(\d{1,6}):(\d\d):(\d\d)"
ACCOUNT = r"(?i)\b(?:Pro|free) (?:Zero)?GPU quota|(?<!Unlogged )\bUser is run|GPU limit|ZeroGPU credits"
"""Messages for a caller with a known account, or about a limit that holds for every account."""
TAG = r"<[^<>]*>"  # a tag that is never closed is scanned only once
REFUSED = (
    r"(?i)is not in the list of choices|is (?:less|greater) than (?:the )?(?:minimum|maximum)|"
    r"Invalid file type|enough input values|is not a valid (?:value|number)"
)
WORDS = 200  # characters of a server's own text that go into a message
TOO_FEW = "enough input values"
NEEDS_LOGIN = "requires a logged in user"
HAND_OVER = (
    "Pass oauth_token=... to give the app your token; Gradio before 6.31 does not accept one from a program."
)


def parsed(text: str) -> dict[str, Any]:
    """A message of a stream; raises ProtocolError if it is not JSON."""
    try:
        return as_dict(parse(text))
    except ValueError as error:
        raise errors.ProtocolError("a message is not JSON", body=text[:2000]) from error


def read_event(message: Mapping[str, Any]) -> Event | None:
    """The event for a message about the job's state; None for other messages."""
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
        desc=marked(as_text(data.get("desc"))),
        progress=as_number(data.get("progress")),
        index=as_number(data.get("index")),
        length=as_number(data.get("length")),
        unit=as_text(data.get("unit")),
    )


def _log(message: Mapping[str, Any]) -> Log:
    return Log(
        message=marked(str(message.get("log", ""))),
        level=str(message.get("level") or "info"),
        title=marked(as_text(message.get("title")) or None),
        duration=as_number(message.get("duration")),
    )


def app_error(output: Any, *, ran: bool = False) -> errors.SpaceError:
    """The error behind an `output` of a job that failed; `ran` if the app's function has given a step before."""
    details = as_dict(output) or {"error": output}
    text = details.get("error")
    if text is None:
        return errors.AppError(
            "the app raised an error and hides its message (the app's author can show it with show_error=True)",
            hidden=True,
            body=output,
        )
    said = _unquote(str(text)) if "title" not in details else str(text)
    title = as_text(details.get("title"))
    if title in QUOTA_TITLES or re.search(QUOTA, said):
        return _quota(said, title, output)
    if NEEDS_LOGIN in said:
        return errors.LoginRequired(f"{said} {HAND_OVER}", body=output)
    if not ran and re.search(REFUSED, said):
        return errors.InputRefused(said, body=output)
    return errors.AppError(said, title=title, body=output)


def _unquote(text: str) -> str:
    """Undo the repr() that Gradio put around gr.Error texts before 5.29."""
    if len(text) < 2 or text[0] not in "'\"" or text[0] != text[-1]:
        return text
    try:
        return str(ast.literal_eval(text))
    except (
        ValueError,
        SyntaxError,
        RecursionError,
        MemoryError,
    ):  # the last one for text that is nested too deeply
        return text


def _quota(said: str, title: str | None, output: Any) -> errors.QuotaExceeded:
    plain = " ".join(_unescaped(re.sub(TAG, "", said)).split())
    first, last, again = (re.search(one, plain) for one in (ASKED, ASKED_LAST, AGAIN))
    requested, left = first.groups() if first else last.groups()[::-1] if last else (None, None)
    wait = None
    if again:
        days, hours, minutes, seconds = (int(part or 0) for part in again.groups())
        wait = float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    return errors.QuotaExceeded(
        plain,
        title=title,
        requested=None if requested is None else float(requested),
        left=None if left is None else float(left),
        retry_after=wait,
        body=output,
    )


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # "&#" and more digits than Python reads
        return text


def quota_advice(said: str, *, token: bool, visitor: bool) -> str:
    """Advice for a caller who has no time left; empty if the server's own message says it.

    Args:
        said: The server's words.
        token: The call carried a Hugging Face token.
        visitor: It carried the `x-ip-token` of a visitor.
    """
    if visitor:
        return " (this is the quota of the visitor whose x-ip-token was sent)"
    if token or re.search(ACCOUNT, said):
        return ""
    return " (callers without a token have the smallest quota: pass token=...)"


def json_of(reply: Reply) -> Any:
    """The body as JSON, or None where it is something else."""
    try:
        return parse(reply.body)
    except ValueError:
        return None


def body_of(reply: Reply) -> Any:
    """The body as an error shows it: as JSON if possible, else as text."""
    body = json_of(reply)
    return reply.body.decode("utf-8", "replace") if body is None else body


def retry_after(reply: Reply) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or as the date at which they are over."""
    said = reply.headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        seconds = _until(said)
    return max(0.0, seconds) if isfinite(seconds) else None


def _until(date: str) -> float:
    """Seconds until an HTTP date, by the clock of this machine; NaN for anything else."""
    try:
        read = parsedate_to_datetime(date)
        return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).timestamp() - time()
    except (ValueError, TypeError, IndexError, OverflowError):  # the date comes from the server
        return nan


def status_error(reply: Reply) -> errors.SpaceError:
    """The error behind an HTTP status."""
    body = body_of(reply)
    context: dict[str, Any] = {"status": reply.status, "url": reply.url, "body": body}
    detail, words = as_dict(body).get("detail"), _words(body)
    match reply.status:
        case 401:
            hint = as_text(as_dict(detail).get("auth_message"))
            text = "login needed: give auth=(user, password) or token=..."
            return errors.LoginRequired(f"{text}; the app says: {hint}" if hint else text, **context)
        case 403:
            return errors.NotAllowed(f"the server refuses this caller (HTTP 403){words}", **context)
        case 413:
            return errors.FileRefused(f"too large: {body}", **context)
        case 422:
            return _validation(detail, context, words)
        case 429:
            wait = retry_after(reply)
            when = "later" if wait is None else f"in {wait:g} s"
            return errors.RateLimited(f"too many requests; try again {when}", retry_after=wait, **context)
        case 503 if "queue is full" in str(detail).lower():
            return errors.QueueFull(f"{detail} Try again later.", **context)
        case 500 if "error" in as_dict(body):
            failed = app_error(body)
            failed.__dict__.update(context)
            return failed
        case _:
            where = reply.url.partition("?")[0]  # the query is the session hash, or long
            return errors.BadStatus(f"HTTP {reply.status} from {where}{words}", **context)


def _words(body: Any) -> str:
    """The server's own message about a status, shortened; empty for an HTML page."""
    details = as_dict(body)
    said = str(body if isinstance(body, str) else details.get("detail") or details.get("error") or "").strip()
    if said.startswith("Traceback"):  # 5.0 to 6.0; only the last line says what happened
        said = said.rpartition("\n")[2]
    return "" if not said or said.startswith("<") else f": {said[:WORDS]}"


def _validation(detail: Any, context: dict[str, Any], words: str) -> errors.SpaceError:
    """The error for a validator's refusal (6.x), or for FastAPI's own about a malformed request."""
    problems: dict[str, str] = {}
    for position, entry in enumerate(map(as_dict, as_list(detail))):
        if entry.get("is_valid") is False:
            name = str(entry.get("parameter_name") or f"input {position}")
            problems[name] = str(entry.get("message") or "refused")
    if not problems:
        return errors.ProtocolError(f"the server does not understand the request (HTTP 422){words}", **context)
    text = "; ".join(f"{name}: {why}" for name, why in problems.items())
    return errors.InputRefused(f"refused: {text}", problems=problems, **context)
