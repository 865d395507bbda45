"""Which server the calls of a package go to, and whether that server may get the token stored on this machine."""

from __future__ import annotations

import os

from .._settings import check_url, hub_host, is_hub_id
from ..errors import ConfigurationError
from ..protocol.server import Server, origin


def server_of(
    space: str, *, recorded: str | None, source: str | None, package: str | None, prefix: str, protocol: str
) -> Server:
    """The server to call: the configured one, else the one in the environment, else the recorded one.

    Args:
        space: The Space's id, as the package has it.
        recorded: Its address when the package was written.
        source: What was configured instead: an address, or "owner/name" on the Hub.
        package: The package's name, after which the environment variable is named.
        prefix: The path before the API's own, as recorded.
        protocol: The protocol, as recorded.

    Raises:
        ConfigurationError: There is no address, or it is not an http(s) URL.
    """
    variable = None if source else _set_variable(package)
    source = source if variable is None else os.environ[variable]
    space_id = space if is_hub_id(space) else None
    base = recorded
    if source is not None and is_hub_id(source):
        space_id, base = source, f"https://{hub_host(source)}"
    elif source is not None:
        base = source
    if base is None:
        raise ConfigurationError("the package has no address; use space.configure(base_url=...)")
    check_url(base, said_by=variable)
    scheme, host = origin(base)[:2]
    at_home = recorded is not None and origin(base) == origin(recorded)
    # Without being asked for, the machine's own token is sent only over TLS, or to a server on this machine.
    here = host in ("localhost", "127.0.0.1", "::1")
    known = scheme == "https" and (at_home or host.endswith(".hf.space"))
    return Server(
        base,
        prefix=prefix,
        protocol=protocol,
        hub_id=space_id if at_home or host.endswith(".hf.space") else None,
        trusted=space_id is not None and (here or known),
    )


def _set_variable(package: str | None) -> str | None:
    """The variable that says where to call, if it is set; CI sets some to nothing, which says nothing."""
    name = (package or "").rpartition(".")[2]
    variable = f"SPACEGEN_{name.upper()}_SOURCE"
    return variable if name and os.environ.get(variable) else None
