"""What the Hub knows about a Space: where it answers, what it runs, whether it is awake.

The settings are those of huggingface_hub (`HF_ENDPOINT`, `HF_TOKEN`, the token file, `HF_HUB_OFFLINE`). It is
imported only for Spaces, not for other addresses and files. Answers are read by `transport`, within its limits.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlencode

from spacegen.errors import (
    DocumentError,
    NotGradio,
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceUnavailable,
    SpacegenError,
)
from spacegen.fetching.source import Address, read_source
from spacegen.fetching.transport import Answer, Connection
from spacegen.text import printable

_NAME = re.compile(r"[A-Za-z0-9_][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
_AWAKE = frozenset({"RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING"})
_ON_ITS_WAY = {
    "SLEEPING": "asleep",  # a request to the app wakes it
    "STOPPED": "asleep",
    "BUILDING": "being built",
    "APP_STARTING": "starting",
}
_BROKEN = {
    "PAUSED": ("is paused, and only its owner can restart it.", "Duplicate it, or ask its owner on its page:"),
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
        stage: The state of its runtime (`RUNNING`, `SLEEPING`, ...); empty where the Hub does not say.
        trouble: The Hub's own message about a runtime that failed; may be empty.
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
        SourceForbidden: The Hub refuses the token, or the Space is gated: access must be granted.
        SourceUnavailable: The Hub cannot be reached.
        NotGradio: The Space runs something that is never a Gradio app.
    """
    found = ask(f"/api/spaces/{_checked(space)}", token=token, timeout=timeout, what=space)
    name, sdk = found.get("id"), found.get("sdk")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DocumentError(f"The Hub's answer about {space} cannot be understood.")
    if sdk in ("static", "streamlit"):
        raise NotGradio(f"{name} is a {sdk} Space; spacegen reads Gradio apps.")
    runtime = found["runtime"] if isinstance(found.get("runtime"), dict) else {}
    sha = found.get("sha")
    return HubSpaceInfo(
        id=name,
        url=_host(found, space),
        page=f"{endpoint()}/spaces/{name}",
        sdk=sdk if isinstance(sdk, str) else None,
        sha=sha if isinstance(sha, str) else None,
        stage=str(runtime.get("stage") or ""),
        trouble=printable(str(runtime.get("errorMessage") or ""))[:200],
    )


def _host(found: dict[str, Any], space: str) -> str:
    host, subdomain = found.get("host"), found.get("subdomain")
    if not host and isinstance(subdomain, str) and re.fullmatch(r"[a-z0-9-]+", subdomain):
        host = f"https://{subdomain}.hf.space"
    try:
        asked = read_source(host) if isinstance(host, str) else None
    except SourceNotFound:
        asked = None
    if not isinstance(asked, Address):
        raise SourceUnavailable(f"The Hub does not say where {space} runs.", "Perhaps it was never started.")
    return asked.url


def _checked(space: str) -> str:
    if not _NAME.fullmatch(space) or "--" in space or ".." in space:
        raise SourceNotFound(f"{space!r} cannot be a Space's name.", "A Space is named owner/space.")
    return space


def ask(
    route: str, *, token: str | None, timeout: float, what: str, query: Mapping[str, str] | None = None
) -> Any:
    """Ask the Hub one question, within bounds of time and size, and return the JSON of its answer.

    huggingface_hub is not used for it: its timeouts limit only single reads, and its answers have no size limit.

    Args:
        route: The path of the API.
        token: The user's token; None for the one that the Hub's library finds.
        timeout: Seconds that the Hub may take.
        what: What is asked for, for errors: a Space's name, `the search`.
        query: Words of the address.

    Raises:
        SourceError: The Hub refuses, or cannot be reached.
        DocumentError: Its answer makes no sense.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise SourceUnavailable(
            f"{what} cannot be looked up: HF_HUB_OFFLINE is set.", "Unset it, or give the app's own address."
        )
    token = token or implicit_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{endpoint()}{route}" + (f"?{urlencode(query)}" if query else "")
    try:
        with Connection(endpoint(), headers, timeout) as connection:
            answer = connection.get(address)
    except (SourceNotFound, SourceUnavailable) as error:
        raise SourceUnavailable(
            f"The Hub at {endpoint()} cannot be reached: {error.message.rstrip('.')}.",
            "Check the network and HF_ENDPOINT.",
        ) from error
    if answer.status != 200:
        _refuse_status(what, answer, has_token=bool(token))
    return answer.json()


def _refuse_status(what: str, answer: Answer, *, has_token: bool) -> NoReturn:
    code = answer.headers.get("x-error-code")
    if code == "GatedRepo":
        raise SourceForbidden(
            f"{what} is gated: access must be granted.", "Ask for access on its page, then pass --token."
        )
    if code == "RepoNotFound" or answer.status == 404 or (answer.status == 401 and not has_token):
        hint = "Check the name, and whether your token may see the Space." if has_token else _IF_PRIVATE
        # The Hub gives the same answer in both cases, so that nobody can find out private names.
        raise SourceNotFound(f"There is no Space {what} on the Hub, or it is private.", hint)
    if answer.status in (401, 403):
        raise SourceForbidden(
            f"The Hub refuses the token (HTTP {answer.status}).", "See https://huggingface.co/settings/tokens."
        )
    raise SourceUnavailable(f"The Hub answered with HTTP {answer.status} for {what}.", "Try again later.")


def wait_until_awake(
    space: HubSpaceInfo,
    *,
    refresh: Callable[[], HubSpaceInfo],
    wake: Callable[[], object],
    patience: float,
    report: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> HubSpaceInfo:
    """Wait until a Space runs; wake it if it sleeps.

    Args:
        space: The Space as it was a moment ago.
        refresh: Asks the Hub again.
        wake: Sends a request to the app, which wakes a sleeping Space.
        patience: Seconds to wait at most.
        report: Told in a few words whenever the stage changes.
        pause: Waits between two requests to the Hub.

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
    """Return the id of the Space at `https://{subdomain}.hf.space`, or None if the Hub does not know it."""
    # Gradio's own JavaScript client asks this route; huggingface_hub has no method for it.
    try:
        found = ask(f"/api/spaces/by-subdomain/{subdomain}", token=token, timeout=timeout, what=subdomain)
    except SpacegenError:  # the caller reports the app's own message
        return None
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


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
        return  # a Space that is waking up may answer with anything, or not at all


def endpoint() -> str:
    """Return the Hub's address (`HF_ENDPOINT`)."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def refuse(what: str, error: Exception) -> NoReturn:
    """Raise an error of ours for an error of the Hub's library.

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
