"""One blocking call after another: queued, unqueued, and on an app of 390 components.

Like is compared with like: a session hash for each call with a hash for each call, one for all with one for all.
gradio_client has one for all.
"""

from __future__ import annotations

from support.servers import GradioServer

from bench._clients import Raw, gradio_client, package, quiet
from bench._compare import OURS, PEER, RAW, compare


def main() -> None:
    quiet()
    with GradioServer("text") as server, package(server.url, "bench_text") as ours:
        peer, raw = gradio_client(server.url), Raw(server.url)
        queued = {
            OURS: lambda: ours.echo("x"),
            PEER: lambda: peer.predict("x", api_name="/echo"),
            RAW: lambda: raw.call("echo", "x"),
        }
        compare("one queued call", queued, rounds=60, warm=5)
        unqueued = {
            OURS: lambda: ours.fast("x"),
            PEER: lambda: peer.predict("x", api_name="/fast"),
            RAW: lambda: raw.run("fast", "x"),
        }
        compare("one unqueued call", unqueued, rounds=100, warm=5)
    with GradioServer("big") as server, package(server.url, "bench_big") as ours:
        peer, raw, reusing = gradio_client(server.url), Raw(server.url), Raw(server.url, reuse=True)
        fresh = {OURS: lambda: ours.echo_7("x"), RAW: lambda: raw.call("echo_7", "x")}
        compare("one call of a large app, a new hash each", fresh, rounds=40, warm=5)
        reuse = ours.echo_7.with_options(reuse_sessions=True)
        reused = {
            OURS: lambda: reuse("x"),
            PEER: lambda: peer.predict("x", api_name="/echo_7"),
            RAW: lambda: reusing.call("echo_7", "x"),
        }
        compare("one call of a large app, one hash for all", reused, rounds=40, warm=5)


if __name__ == "__main__":
    main()
