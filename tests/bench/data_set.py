"""A run over a data set: its rate beside hand-written asyncio httpx, its memory, what the checkpoint costs.

Every contestant gets a server of its own in every round: Gradio keeps each session, so one that has served ten
thousand calls takes longer over the next.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from support.servers import APPS, GradioServer

from bench._clients import _last_output, package, quiet
from bench._compare import OURS, RAW, measure, report, say, timed

ROWS = int(os.environ.get("ROWS", "5000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WORKED = 2000
MANY = int(os.environ.get("MANY", "100000"))
SEARCHED = (4, 8, 16, 24)
WORKERS = """
import sys, time
import gradio as gr
sys.path.insert(0, {apps!r})
from _serve import endpoint, serve

def work(text):
    time.sleep({seconds})
    return text

def build():
    with gr.Blocks() as demo:
        endpoint(work, gr.Textbox(label="Text"), gr.Textbox(label="Echo"), concurrency_limit={workers})
    return demo

serve(build)
"""


def worker_app(folder: Path, workers: int, seconds: float) -> Path:
    """The script of an app with so many workers, whose calls take so many seconds."""
    script = folder / "workers.py"
    script.write_text(WORKERS.format(apps=str(APPS), workers=workers, seconds=seconds))
    return script


def main() -> None:
    quiet()
    rows = [str(number) for number in range(ROWS)]
    with GradioServer("text") as server, package(server.url, "bench_rows") as ours:
        best = min(SEARCHED, key=lambda at_once: _seconds(server.url, rows[:300], at_once))
        with tempfile.TemporaryDirectory() as folder:
            names = (Path(folder) / f"{number}.jsonl" for number in itertools.count())
            contestants: dict[str, Callable[[str], object]] = {
                RAW: lambda url: _raw(url, rows, best),
                OURS: lambda url: list(_at(ours, url).map(rows)),
                f"{OURS} amap": lambda url: asyncio.run(_all(_at(ours, url), rows)),
                f"{OURS} with a checkpoint": lambda url: list(
                    _at(ours, url).rows(checkpoint=next(names)).map(rows)
                ),
            }
            taken = _measure(contestants, rounds=ROUNDS)
        report(f"{ROWS} rows, trivial (httpx at its best: {best})", taken)
        report("the same, beside no checkpoint", {key: taken[key] for key in taken if OURS in key}, base=OURS)
        say("short calls a second, of one process", f"{ROWS / min(taken[OURS]):.0f}")
        _work()
        _memory(ours)


def _measure(contestants: Mapping[str, Callable[[str], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every contestant in every round, each on a server that was just started."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        for place in range(len(contestants)):
            name = list(contestants)[(number + place) % len(contestants)]
            with GradioServer("text") as server:
                taken[name].append(timed(partial(contestants[name], server.url)))
    return taken


def _at(ours: ModuleType, url: str) -> Any:
    """The endpoint, on another server of the same app."""
    return ours.echo.with_options(base_url=url)


async def _all(echo: Any, rows: list[str]) -> None:
    _ = [one async for one in echo.amap(rows)]


def _raw(url: str, rows: list[str], at_once: int, name: str = "echo") -> None:
    async def every() -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=at_once, keepalive_expiry=3)
        places = asyncio.Semaphore(at_once)
        base = url + "/gradio_api"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=600, limits=limits) as client:

            async def one(row: str) -> Any:
                async with places:
                    session = uuid.uuid4().hex
                    body = {"data": [row], "session_hash": session}
                    (await client.post(f"/call/{name}", json=body)).raise_for_status()
                    query = {"session_hash": session}
                    async with client.stream("GET", "/queue/data", params=query) as stream:
                        return await _last_output(stream.aiter_bytes())

            await asyncio.gather(*map(one, rows))

    asyncio.run(every())


def _seconds(url: str, rows: list[str], at_once: int) -> float:
    return measure({RAW: lambda: _raw(url, rows, at_once)}, rounds=1, warm=0)[RAW][0]


def _memory(ours: ModuleType) -> None:
    """Megabytes that a run holds after a thousand rows, and at the end.

    `spacegen serve` answers: the rows are too many for one Gradio, which keeps each session.
    """
    command = [sys.executable, "-m", "spacegen", "serve", str(Path(str(ours.__file__)).parent), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-4]
        results, early = _at(ours, url).map(str(number) for number in range(MANY)), 0.0
        for number, _ in enumerate(results):
            if number == 1000:
                early = held()
        process.terminate()
    say(f"memory, from 1,000 rows to {MANY:,}", f"{held() - early:+.1f} MB")


def held() -> float:
    """Megabytes that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _work() -> None:
    """Rows with 20 ms of work on 4 workers, no concurrency given."""
    with (
        tempfile.TemporaryDirectory() as folder,
        GradioServer(worker_app(Path(folder), 4, 0.02)) as server,
        package(server.url, "bench_work") as ours,
    ):
        rows = [str(number) for number in range(WORKED)]
        contestants = {
            RAW: lambda: _raw(server.url, rows, 8, "work"),
            OURS: lambda: list(ours.work.map(rows)),
        }
        report(f"{WORKED} rows of 20 ms on 4 workers", measure(contestants, rounds=2, warm=0))


if __name__ == "__main__":
    main()
