"""Which credentials are sent to the source of a package. A stranger may have written its manifest.

A pull request can put any address into a `spacegen.json`. So an address in a manifest is trusted only as far as
the Hub vouches for it: the token goes to the Hub and to Spaces on it, whose proxy removes the token before the
Space's code sees the request. Everything else goes only to the app that the user named, or to one on this machine,
where nobody but its user listens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from spacegen.errors import SourceForbidden
from spacegen.fetching.routes import basic_header, hf_subdomain
from spacegen.fetching.source import Address, HubSpace, Source, read_source
from spacegen.fetching.transport import TIMEOUT, origin_of, same_origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How Spaces are asked.

    Attributes:
        token: Hugging Face token; by default the one that the Hub's library finds, for Spaces only.
        auth: User and password of an app with a login page, or of a gateway.
        headers: Headers that a gateway requires.
        auth_found: Whether `auth` comes from the environment, and was not typed for this command.
        origin: The app that `auth`, `headers` and, where it is not on the Hub, `token` are for: a Space id, or an
            address, in which a user and a password may stand. Without it, they are sent only to apps on this
            machine, and an `auth` from the environment is not sent at all.
        patience: Seconds that a sleeping Space may take to wake up.
        timeout: Seconds that one document may take.
    """

    token: str | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth_found: bool = False
    origin: str | None = field(default=None, repr=False)
    patience: float = 0
    timeout: float = TIMEOUT


def credentials_for(source: str, access: Access) -> dict[str, Any]:
    """Return what may be passed to `fetch` for the source of a package: token, auth and headers.

    Args:
        source: What the package's manifest names.
        access: What the user gave.
    """
    asked = read_source(source)
    named = read_source(access.origin) if access.origin else None
    is_named = _is_here(asked) if named is None else _same(asked, named)
    headers = {**access.headers, **_basic(named)} if is_named else {}
    auth = access.auth if is_named and not (named is None and access.auth_found) else None
    return {"token": access.token if is_named or _is_on_hub(asked) else None, "auth": auth, "headers": headers}


def left_out(given: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
    """Return those of the headers that a package was written with which are not among the credentials given."""
    known = {name.lower() for name in given["headers"]} | ({"authorization"} if given["auth"] else set())
    return [name for name in wanted if name.lower() not in known]


def refused(source: str, access: Access, missing: Sequence[str], answer: str = "") -> SourceForbidden:
    """Return the error for headers that a package was written with and that the user did not give.

    Args:
        source: What the package's manifest names.
        access: What the user gave.
        missing: Names of the headers.
        answer: How the app refused what the user gave instead; "" if it was not asked.
    """
    said = f"{answer} The package was written with" if answer else f"{source} requires"
    return SourceForbidden(f"{said} {_listed(missing)}.", how_to_give(source, access, missing))


def how_to_give(source: str, access: Access, wanted: Sequence[str] = ()) -> str:
    """Say how a user gives credentials to the source of a package."""
    asked = read_source(source)
    origin = origin_of(asked.url) if isinstance(asked, Address) else source
    options = [f"--header '{name}: VALUE'" for name in wanted if name.lower() != "authorization"]
    if not options and access.auth and access.auth_found and access.origin is None:
        return f"SPACEGEN_AUTH goes only to an app that you name: if you trust it, pass --origin {origin} too."
    if not options:
        options = ["--auth USER:PASSWORD"]
    if _is_here(asked) and access.origin is None:
        return f"Pass them: {' '.join(options)}"
    return f"Credentials go only to an app that you name. If you trust it: --origin {origin} {' '.join(options)}"


def _same(asked: Source, named: Source) -> bool:
    if isinstance(asked, HubSpace) and isinstance(named, HubSpace):
        return asked.id.lower() == named.id.lower()
    return isinstance(asked, Address) and isinstance(named, Address) and same_origin(asked.url, named.url)


def _basic(named: Source | None) -> dict[str, str]:
    return basic_header(named.basic) if isinstance(named, Address) and named.basic else {}


def _is_here(asked: Source) -> bool:
    """Return whether the app is on this machine; the runtime has the same rule for the machine's token."""
    return isinstance(asked, Address) and urlsplit(asked.url).hostname in ("localhost", "127.0.0.1", "::1")


def _is_on_hub(asked: Source) -> bool:
    return isinstance(asked, HubSpace) or (isinstance(asked, Address) and hf_subdomain(asked.url) is not None)


def _listed(names: Sequence[str]) -> str:
    if [name.lower() for name in names] == ["authorization"]:
        return "a user and a password, or an Authorization header, which packages do not store"
    return f"the header {' and '.join(names)}, whose value packages do not store"
