"""A copy of a Space under the user's account, and how to make a package use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from spacegen.errors import SourceForbidden, SourceNotFound, SpacegenError, TargetError
from spacegen.fetching import hub
from spacegen.fetching.source import HubSpace, read_source
from spacegen.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A Space that was duplicated.

    Attributes:
        source: The Space that it is a copy of.
        id: `owner/name` of the copy.
        page: Its page for people.
        private: Whether only its owner can see it.
    """

    source: str
    id: str
    page: str
    private: bool


def duplicate(
    source: str,
    *,
    to: str | None = None,
    private: bool = True,
    hardware: str | None = None,
    secrets: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    token: str | None = None,
) -> Copy:
    """Copy a Space to the user's account, through the Hub's own library.

    Args:
        source: `owner/space`, or the address of its page.
        to: `name` or `owner/name` of the copy; by default the same name under the user's account.
        private: Whether only the owner may see and call the copy.
        hardware: The hardware that it will run on (`t4-small`); by default the Hub's free hardware.
        secrets: Secrets that its code reads.
        variables: Public variables that its code reads.
        token: The user's token; None for the one that the Hub's library finds.

    Raises:
        SourceNotFound: There is no such Space, or the token may not see it.
        SourceForbidden: There is no token, or the Hub refuses it.
        TargetError: The copy cannot be made under that name.
        SourceUnavailable: The Hub cannot be reached.
    """
    space = read_source(source)
    if not isinstance(space, HubSpace):
        raise SourceNotFound(
            f"{source!r} is not a Space on the Hub; only Spaces on the Hub can be duplicated.", "Give owner/space."
        )
    token = token or hub.implicit_token()
    if not token:
        raise SourceForbidden(
            "Duplicating needs a token with write access.", "Pass --token, set HF_TOKEN or run `hf auth login`."
        )
    options = {
        "hardware": hardware,
        "secrets": _pairs(secrets),
        "variables": _pairs(variables),
    }
    try:
        new = _ask_hub(space.id, to, token, private, {name: value for name, value in options.items() if value})
    except SpacegenError:
        raise
    except Exception as error:  # its transport is requests, httpx or httpx2 depending on the version
        _refuse(space.id, to, error)
    return Copy(source=space.id, id=new, page=f"{hub.endpoint()}/spaces/{new}", private=private)


def _ask_hub(source: str, to: str | None, token: str, private: bool, options: dict[str, Any]) -> str:
    from huggingface_hub import HfApi

    api = HfApi(token=token)
    if hasattr(api, "duplicate_space"):  # before 2.0
        if to and "/" not in to:
            to = f"{api.whoami()['name']}/{to}"
        name = {"to_id": to} if to else {}  # it takes no None
        url = api.duplicate_space(source, private=private, **name, **options)
    else:
        options = {f"space_{name}": value for name, value in options.items()}
        url = api.duplicate_repo(source, to, repo_type="space", private=private, **options)
    return "/".join(str(url).rstrip("/").split("/")[-2:])


def _pairs(values: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in (values or {}).items()]


def _refuse(space: str, to: str | None, error: Exception) -> NoReturn:
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.HFValidationError):
        raise TargetError(f"{to!r} cannot be a Space's name.", "A Space is named owner/space.") from error
    if isinstance(error, errors.RepositoryNotFoundError) and not isinstance(error, errors.GatedRepoError):
        raise SourceNotFound(
            f"There is no Space {space} on the Hub, or this token may not see it.", "Is the name right?"
        ) from error
    if status == 409:
        raise TargetError("You already have a Space with that name.", "Choose another with --to NAME.") from error
    said = printable(str(getattr(error, "server_message", None) or ""))[:300].rstrip(".")
    if status is not None and status != 401 and said:
        raise TargetError(f"The Hub refuses to duplicate {space}: {said} (HTTP {status}).") from error
    hub.refuse(space, error)
