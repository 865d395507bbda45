"""The servers of tests end with the run, however it ends."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import textwrap
from pathlib import Path

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"""
RUN = """
import sys, time
from pathlib import Path
from support.servers import Servers

with Servers() as servers:
    server = servers(Path(sys.argv[1]))
    servers.pause()
    print(server.pid, flush=True)
    time.sleep(600)
"""


def test_a_server_that_sleeps_ends_when_the_run_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    words = [sys.executable, "-c", textwrap.dedent(RUN), str(script)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=env, text=True) as run:
        assert run.stdout is not None
        handle = os.pidfd_open(int(run.stdout.readline()))
        try:
            run.kill()
            with selectors.DefaultSelector() as selector:  # plain select() knows no descriptor above 1023
                selector.register(handle, selectors.EVENT_READ)
                assert selector.select(30)  # readable once the process has ended
        finally:
            os.close(handle)
