"""What the error of a failed call says: of whom it is, whether the job may have run, and no secret. Pure."""

from __future__ import annotations

from .. import errors
from ..protocol.actions import Broken
from ..protocol.job import ServerJob
from ..protocol.provenance import censored

NOTHING_RAN = (
    errors.CannotConnect,
    errors.RateLimited,
    errors.QueueFull,
    errors.SpaceAsleep,
    errors.SpaceBuilding,
)
"""Errors that say so, and after which callers may try again."""


def lost(broken: Broken) -> errors.SpaceError:
    """The error for a connection that broke."""
    return errors.ConnectionLost(f"the connection broke: {broken}", url=broken.url or None)


def with_details(
    error: errors.SpaceError, endpoint: str, base: str, job: ServerJob | None, oauth_token: str | None
) -> errors.SpaceError:
    """The error, with the endpoint, the event id and the address that it concerns.

    A server may repeat in its answer what it was sent; the session hash and a token are taken out of that.
    """
    if job is not None and job.accepted and error.endpoint is None:  # else a recording's real call raised it
        error = _out_of_touch(error)
    error.endpoint = error.endpoint or endpoint
    error.event_id = error.event_id or (job.event_id if job else None)
    secrets = [job.turn.known if job else "", oauth_token or ""]
    error.url = str(censored(error.url or base, secrets))
    error.args = (censored(error.args[0], secrets), *error.args[1:]) if error.args else ()
    error.body = censored(error.body, secrets)  # what the server said in it may be given to another call
    if isinstance(error, errors.UnexpectedOutput):
        error.raw = censored(error.raw, ())
    if isinstance(error, errors.ConnectionLost):
        # It can also break before the job is sent, for example during an upload.
        error.may_have_run = job is not None and (job.may_run or job.event_id is not None)
        fate = "the job is not sent again because it may have run" if error.may_have_run else "nothing has run"
        error.args = (f"{error.args[0]}; {fate}",)
    return error


def _out_of_touch(error: errors.SpaceError) -> errors.SpaceError:
    """The error, for a job that the server has taken: such a job may run, whatever the error's class says."""
    redirected = isinstance(error, errors.ConfigurationError) and error.status is not None
    if (
        isinstance(error, NOTHING_RAN)
        or redirected
        or (isinstance(error, errors.CallTimeout) and error.limit == "connect")
    ):
        said = {"url": error.url, "status": error.status, "body": error.body}
        return errors.ConnectionLost(f"lost touch with the job: {error.args[0]}", **said)
    return error
