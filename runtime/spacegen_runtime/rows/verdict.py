"""What to do with a row whose call failed. Pure."""

from __future__ import annotations

from typing import Literal

from .. import errors
from ..calls.failing import NOTHING_RAN

Verdict = Literal["fail", "wait", "again", "stop"]

NOT_NOW = (*NOTHING_RAN, errors.QuotaExceeded)
"""The Space takes no calls now, and nothing has run."""
NEVER = (
    errors.AuthError,
    errors.SpacePaused,
    errors.SpaceBroken,
    errors.SpaceNotFound,
    errors.ConfigurationError,
    errors.EndpointChanged,
    errors.Unsupported,
)
"""Every row would get the same error."""
ITS_OWN = (errors.InputRefused, errors.UnexpectedOutput)
"""The row would get the same error again."""
UNREACHED = (502, 503)  # the status codes of a proxy that did not reach the app
DOWN = (*UNREACHED, 504)


def verdict(error: Exception) -> Verdict:
    """What to do with a failed row.

    "fail": it has failed. "wait": the row is not the cause and has not run; try it later. "again": it may have
    run, and may run again if that is allowed. "stop": every other row would fail in the same way.
    """
    if isinstance(error, NOT_NOW):
        return "wait"
    if isinstance(error, errors.ConnectionLost):
        return "again" if error.may_have_run else "wait"
    if isinstance(error, errors.CallTimeout):
        return "wait" if error.limit == "connect" else "again"
    if isinstance(error, NEVER):
        return "stop"
    if isinstance(error, errors.BadStatus) and error.status in UNREACHED and error.event_id is None:
        return "wait"
    if isinstance(error, errors.SpaceError) and not isinstance(error, ITS_OWN):
        return "again"
    return "fail"


def is_down(error: Exception) -> bool:
    """Whether the Space itself seems to take no calls, so that the next rows should wait."""
    lost = isinstance(error, (errors.ConnectionLost, errors.CannotConnect))
    return lost or (isinstance(error, errors.BadStatus) and error.status in DOWN)


def asked(error: Exception) -> float | None:
    """Seconds after which the server wants to be called again, if it said so."""
    if isinstance(error, (errors.RateLimited, errors.QuotaExceeded)):
        return error.retry_after
    return None
