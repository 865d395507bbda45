"""What a slow link makes of a call: requests and connections until the first result, and warm calls over it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from support.proxy import Proxy
from support.servers import GradioServer

from bench._clients import Raw, generate, gradio_client, package, quiet
from bench._compare import OURS, PEER, RAW, measure, report, say

ROUND_TRIP = 0.05
FIRST = {
    OURS: "import sys; sys.path.insert(0, {folder!r}); import bench_first; bench_first.echo('x')",
    PEER: "from gradio_client import Client; Client({url!r}, verbose=False).predict('x', api_name='/echo')",
    RAW: "from bench._clients import Raw; Raw({url!r}).call('echo', 'x')",
}


def main() -> None:
    quiet()
    with GradioServer("text") as server, Proxy(server.url) as proxy:
        _first_result(proxy)
        proxy.round_trip = ROUND_TRIP
        with package(proxy.url, "bench_far") as ours:
            peer, raw = gradio_client(proxy.url), Raw(proxy.url)
            contestants = {
                OURS: lambda: ours.echo("x"),
                PEER: lambda: peer.predict("x", api_name="/echo"),
                RAW: lambda: raw.call("echo", "x"),
            }
            report("one call over a link of 50 ms", measure(contestants, rounds=20))


def _first_result(proxy: Proxy) -> None:
    told = []
    with tempfile.TemporaryDirectory(prefix="spacegen-bench-") as folder:
        generate(proxy.url, Path(folder), "bench_first")
        for name, code in FIRST.items():
            proxy.clear()
            before = proxy.connections
            command = [sys.executable, "-c", code.format(folder=folder, url=proxy.url)]
            subprocess.run(command, check=True, capture_output=True)
            told.append(f"{name} {len(proxy.requests)} / {proxy.connections - before}")
    say("requests / connections to a first result", ", ".join(told))


if __name__ == "__main__":
    main()
