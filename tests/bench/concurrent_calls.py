"""Three hundred calls at once: the others fail the run where they lose one, the peer loses some each time."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable

from support.servers import GradioServer

from bench._clients import AsyncRaw, gradio_client, package, quiet
from bench._compare import OURS, PEER, RAW, measure, report, say

CALLS = 300
ROUNDS = 3
PATIENCE = 30
"""Seconds after which a call of the peer counts as lost: some never end."""


def main() -> None:
    quiet()
    loop = asyncio.new_event_loop()  # one for all rounds, so that connections stay open between them
    with GradioServer("text") as server, package(server.url, "bench_concurrent") as ours:
        peer, raw = gradio_client(server.url), AsyncRaw(server.url)

        lost: list[int] = []

        def peers() -> None:
            jobs = [peer.submit("x", api_name="/echo") for _ in range(CALLS)]
            done, waiting = concurrent.futures.wait([job.future for job in jobs], timeout=PATIENCE)
            lost.append(len(waiting) + sum(future.exception() is not None for future in done))

        def raws() -> None:
            loop.run_until_complete(_all(lambda: raw.call("echo", "x")))

        ours_beside = {OURS: lambda: loop.run_until_complete(_all(lambda: ours.echo.aio("x"))), RAW: raws}
        report(f"{CALLS} calls at once", measure(ours_beside, rounds=2 * ROUNDS))
        # Apart, for the calls that the peer loses go on in its threads and burden whoever comes next.
        report(f"{CALLS} calls at once", measure({PEER: peers, RAW: raws}, rounds=ROUNDS, warm=0))
        say(f"{CALLS} calls at once, lost", f"{PEER} {sum(lost) / len(lost) / CALLS:.0%}, the others none")
        loop.run_until_complete(raw.client.aclose())
    loop.close()


async def _all(call: Callable[[], Awaitable[object]]) -> None:
    await asyncio.gather(*(call() for _ in range(CALLS)))


if __name__ == "__main__":
    main()
