"""Two hundred small tests with a fake Space: what a call costs, and that nothing is left of them.

The base is what httpx alone needs for two requests that nobody answers over a network; the processor's own time is
taken, which other programs do not lengthen.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from pathlib import Path

import httpx
import text_app
from spacegen_runtime.testing import fake_space
from text_app import echo

from bench._compare import say

TESTS = 200


def main() -> None:
    bare = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=["x"])), trust_env=False)
    _test("warm")
    before = _left()
    taken = [(*_test(str(number)), _two_requests(bare)) for number in range(TESTS)]
    call, later, whole, base = (statistics.median(seconds) * 1000 for seconds in zip(*taken, strict=True))
    said = f"{later:.2f} ms, the first of a test {call:.2f} ms, all of a test of one call {whole:.2f} ms"
    say("one call of a fake", f"{said}; two requests of httpx {base:.2f} ms")
    say("left of 200 tests", f"threads and files: {_left() - before}")


def _test(text: str) -> tuple[float, float, float]:
    start = time.process_time()
    with fake_space(text_app) as fake:
        fake.on(echo).returns(text)
        first = time.process_time()
        assert echo("x") == text
        second = time.process_time()
        assert echo("y") == text
        third = time.process_time()
        assert [call["text"] for call in fake.calls(echo)] == ["x", "y"]
    return second - first, third - second, time.process_time() - start - (third - second)


def _two_requests(client: httpx.Client) -> float:
    start = time.process_time()
    client.post("http://space.invalid/call", json={"data": ["x"]})
    client.get("http://space.invalid/data")
    return time.process_time() - start


def _left() -> int:
    return threading.active_count() + len(list(Path("/proc/self/fd").iterdir())) if os.name == "posix" else 0
