"""The port of a server of ours."""

from __future__ import annotations

import socket

import pytest
from spacegen.errors import SpacegenError
from spacegen.listening import listen


def test_who_connects_before_the_server_runs_waits_for_it() -> None:
    with listen(0, "--port") as listening, socket.create_connection(listening.getsockname()) as early:
        early.sendall(b"first")
        late, _ = listening.accept()
        with late:
            assert late.recv(5) == b"first"


def test_a_port_that_is_taken() -> None:
    with listen(0, "--port") as listening:
        port = listening.getsockname()[1]
        with pytest.raises(SpacegenError, match=rf"port {port} is taken\. Choose another: --http 0 takes"):
            listen(port, "--http")
