"""What the Hub knows about a Space: where it answers, what it runs, whether it is awake.

Asked through huggingface_hub, so that its settings (`HF_ENDPOINT`, `HF_TOKEN`, the token file) and its rules
hold here too. It is imported when a Space is asked for; plain addresses and files do without.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from spacegen.errors import (
    NotGradio,
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceUnavailable,
    SpacegenError,
)
from spacegen.text import printable
from spacegen.transport import Connection

_AWAKE = frozenset({"RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING"})
_ON_ITS_WAY = {
    "SLEEPING": "asleep",  # a request to the app wakes it
    "STOPPED": "asleep",
    "BUILDING": "being built",
    "APP_STARTING": "starting",
}
_BROKEN = {
    "PAUSED": ("is paused, and only its owner can restart it.", "Duplicate it, or ask for it on its page:"),
    "BUILD_ERROR": ("could not be built.", "Its page has the log:"),
    "RUNTIME_ERROR": ("crashed.", "Its page has the log:"),
    "CONFIG_ERROR": ("is set up wrongly.", "Its page has the reason:"),
    "NO_APP_FILE": ("has no app yet.", "See"),
    "DELETING": ("is being deleted.", "See"),
}
_IF_PRIVATE = "If it is private, pass --token or set HF_TOKEN; see https://huggingface.co/settings/tokens."


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSpaceInfo:
    """A Space as the Hub describes it.

    Attributes:
        id: `owner/name` in the Hub's own spelling.
        url: Where the app answers, without a trailing slash.
        page: The Space's page for people.
        sdk: `gradio`, `docker`, `static` or `streamlit`; None where the Hub does not say.
        sha: Revision of the Space's repository.
        stage: What its runtime is doing (`RUNNING`, `SLEEPING`, ...); empty where the Hub does not say.
        trouble: The Hub's own words about a runtime that failed; may be empty.
    """

    id: str
    url: str
    page: str
    sdk: str | None
    sha: str | None
    stage: str
    trouble: str = ""


def look_up(space: str, *, token: str | None, timeout: float) -> HubSpaceInfo:
    """Ask the Hub for a Space.

    Args:
        space: `owner/name`.
        token: The user's token; None for the one that the Hub's library finds.
        timeout: Seconds that the Hub may take.

    Raises:
        SourceNotFound: There is no such Space, or it is private and the token may not see it.
        SourceForbidden: The Hub refuses the token, or the Space is gated.
        SourceUnavailable: The Hub cannot be reached.
        NotGradio: The Space runs something that is never a Gradio app.
    """
    from huggingface_hub import HfApi

    try:
        found = HfApi(token=token).space_info(space, timeout=timeout)
    except Exception as error:  # its transport is requests, httpx or httpx2 depending on the version
        _refuse_space(space, error, has_token=bool(token or implicit_token()))
    if found.sdk in ("static", "streamlit"):
        raise NotGradio(f"{found.id} is a {found.sdk} Space; spacegen reads Gradio apps.")
    raw = found.runtime.raw if found.runtime else {}
    host = found.host or (f"https://{found.subdomain}.hf.space" if found.subdomain else None)
    if not isinstance(host, str) or not host.startswith(("https://", "http://")):
        raise SourceUnavailable(f"The Hub does not say where {space} runs.", "It may never have been started.")
    return HubSpaceInfo(
        id=found.id,
        url=host.rstrip("/"),
        page=f"{endpoint()}/spaces/{found.id}",
        sdk=found.sdk,
        sha=found.sha,
        stage=str(raw.get("stage") or ""),
        trouble=printable(str(raw.get("errorMessage") or ""))[:200],
    )


def wait_until_awake(
    space: HubSpaceInfo,
    *,
    refresh: Callable[[], HubSpaceInfo],
    wake: Callable[[], object],
    patience: float,
    report: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> HubSpaceInfo:
    """Wait until a Space runs; wake it where that helps.

    Args:
        space: The Space as it was a moment ago.
        refresh: Asks the Hub again.
        wake: Sends the app a request, which is what wakes a sleeping Space.
        patience: Seconds to wait at most.
        report: Told in a few words whenever the stage changes.
        pause: Waits between two looks.

    Raises:
        SourceUnavailable: It is paused or broken, or was not ready in time.
    """
    deadline, told, delay = time.monotonic() + patience, "", 1.0
    while space.stage not in _AWAKE and space.stage:
        state = _state(space)
        if state != told:
            if patience:
                report(f"{space.id} is {state}; waiting up to {patience:.0f} s")
            told = state
            _quietly(wake)
        if time.monotonic() + delay > deadline:
            if patience:
                raise SourceUnavailable(f"{space.id} is still {state} after {patience:.0f} s.", "Try again later.")
            raise SourceUnavailable(f"{space.id} is {state}.", "Try again later; --wait 300 gives it time.")
        pause(delay)
        delay = min(delay * 1.5, 10)
        space = refresh()
    return space


def space_of_subdomain(subdomain: str, *, token: str | None, timeout: float) -> str | None:
    """Return the id of the Space at `https://{subdomain}.hf.space`, or None where the Hub does not know."""
    # Gradio's own JavaScript client asks this route; huggingface_hub has no method for it.
    address = f"{endpoint()}/api/spaces/by-subdomain/{subdomain}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with Connection(endpoint(), headers, timeout) as connection:
            found = connection.get(address).json()
    except SpacegenError:  # the caller reports what the app itself said
        return None
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None


def implicit_token() -> str | None:
    """Return the token that the Hub's library finds (`HF_TOKEN`, the token file), or None."""
    from huggingface_hub import get_token

    return get_token()


def _state(space: HubSpaceInfo) -> str:
    if space.stage in _ON_ITS_WAY:
        return _ON_ITS_WAY[space.stage]
    what, hint = _BROKEN.get(space.stage, (f"is not running ({printable(space.stage)[:40]}).", "See"))
    trouble = f" The Hub says: {space.trouble.rstrip('.')}." if space.trouble else ""
    raise SourceUnavailable(f"{space.id} {what}{trouble}", f"{hint} {space.page}")


def _quietly(wake: Callable[[], object]) -> None:
    try:
        wake()
    except SourceError:
        return  # a Space that wakes answers with anything, or not at all


def endpoint() -> str:
    """Return the Hub's address (`HF_ENDPOINT`)."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def _refuse_space(space: str, error: Exception, *, has_token: bool) -> NoReturn:
    """Turn whatever the Hub's library raised into one sentence."""
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.HFValidationError):
        raise SourceNotFound(f"{space!r} cannot be a Space's name.", "A Space is named owner/space.") from error
    if isinstance(error, errors.GatedRepoError):
        raise SourceForbidden(f"{space} is gated.", "Ask for access on its page, then pass --token.") from error
    if isinstance(error, errors.RepositoryNotFoundError) or (status == 401 and not has_token):
        hint = "Is the name right, and may this token see it?" if has_token else _IF_PRIVATE
        # The Hub gives the same answer to both, so that nobody can probe for private names.
        raise SourceNotFound(f"There is no Space {space} on the Hub, or it is private.", hint) from error
    refuse(space, error)


def refuse(what: str, error: Exception) -> NoReturn:
    """Raise in one sentence what the Hub's library raised about the Hub itself, or about the way to it.

    Args:
        what: What the Hub was asked for.
        error: What the library raised.

    Raises:
        SourceForbidden: The Hub refuses the token.
        SourceUnavailable: Anything else.
    """
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        raise SourceForbidden(
            f"The Hub refuses the token (HTTP {status}).", "See https://huggingface.co/settings/tokens."
        ) from error
    if status is not None:
        raise SourceUnavailable(f"The Hub answered with HTTP {status} for {what}.", "Try again later.") from error
    if isinstance(error, errors.OfflineModeIsEnabled):
        raise SourceUnavailable(
            f"{what} cannot be looked up: HF_HUB_OFFLINE is set.", "Unset it, or give the app's own address."
        ) from error
    raise SourceUnavailable(
        f"The Hub at {endpoint()} cannot be reached: {_root_cause(error)}.",
        "Check the network and HF_ENDPOINT.",
    ) from error


def _root_cause(error: BaseException) -> Any:
    return printable(str(error))[:200].rstrip(".") or type(error).__name__
