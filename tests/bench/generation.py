"""From a cold process to a written package, for small and large apps."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from support.servers import GradioServer

from bench._clients import generate, quiet
from bench._compare import OURS, Contestant, measure, report, say

BUDGET = {7: 1.0}
"""Seconds that an app of so many endpoints may take."""

FETCH = """
import httpx
with httpx.Client(trust_env=False, base_url={url!r}) as client:
    prefix = client.get("/config").json()["api_prefix"]
    client.get(prefix + "/info").json()
    client.get(prefix + "/openapi.json").json()
"""
BASE = "fetching the documents"


def main() -> None:
    quiet()
    for endpoints in (7, 100, 500):
        with (
            GradioServer("many", env={"ENDPOINTS": str(endpoints)}, timeout=300) as server,
            tempfile.TemporaryDirectory(prefix="spacegen-bench-") as folder,
        ):
            contestants = {OURS: _ours(server.url, Path(folder)), BASE: _fetch(server.url)}
            taken = measure(contestants, rounds=3, warm=1)
        question = f"generation of {endpoints} endpoints, cold"
        report(question, taken, base=BASE)
        if endpoints in BUDGET:
            share = statistics.median(taken[OURS]) / BUDGET[endpoints]
            say(question, f"{OURS} {share:.2f}x (of its budget of {BUDGET[endpoints]} s)")


def _ours(url: str, folder: Path) -> Contestant:
    return lambda: generate(url, folder, "bench_many")


def _fetch(url: str) -> Contestant:
    return lambda: subprocess.run([sys.executable, "-c", FETCH.format(url=url)], check=True)


if __name__ == "__main__":
    main()
