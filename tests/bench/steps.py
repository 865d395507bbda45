"""A result that comes in a thousand steps."""

from __future__ import annotations

from support.servers import GradioServer

from bench._clients import Raw, gradio_client, package, quiet
from bench._compare import OURS, PEER, RAW, measure, report

STEPS = 1000


def main() -> None:
    quiet()
    with GradioServer("streaming") as server, package(server.url, "bench_steps") as ours:
        peer, raw = gradio_client(server.url), Raw(server.url)

        def count(steps: list[object]) -> None:
            # Each step, and with raw messages once more the last one.
            assert STEPS <= len(steps) <= STEPS + 1, len(steps)

        contestants = {
            OURS: lambda: count(list(ours.count.stream(STEPS))),
            PEER: lambda: count(list(peer.submit(STEPS, api_name="/count"))),
            RAW: lambda: count(raw.steps("count", STEPS)),
        }
        report(f"a stream of {STEPS} steps", measure(contestants, rounds=5, warm=1))


if __name__ == "__main__":
    main()
