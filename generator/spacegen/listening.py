"""Takes a port of this machine for a server of ours."""

from __future__ import annotations

import errno
import socket

from spacegen.errors import SpacegenError

HOST = "127.0.0.1"


def listen(port: int, option: str) -> socket.socket:
    """A socket that listens already: who connects from now on waits for the server, and is not refused.

    So its address may be told before the server runs.

    Args:
        port: 0 takes a free one.
        option: The option that names the port, for the advice.

    Raises:
        SpacegenError: The port is taken, or may not be used.
    """
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        what = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise SpacegenError(f"port {port} {what}.", f"Choose another: {option} 0 takes a free one.") from None
