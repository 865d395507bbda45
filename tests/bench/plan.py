"""The model of docs/data-sets.md ("Plan past this machine") beside real servers and simulated Spaces.

Real: a Space with so many workers, each call of which takes so many seconds. Simulated: Spaces that no machine
here can be. And what a checkpoint costs: bytes a row, and what reading it takes.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import text_app
from spacegen_runtime.rows.journal import Journal
from spacegen_runtime.rows.outcome import Outcome, Row
from support.servers import GradioServer
from support.simulated import SimulatedSpace, run

from bench._clients import package, quiet
from bench._compare import say, timed
from bench.data_set import held, worker_app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-sets.md"
REAL = ((4, 0.25), (16, 1.0), (32, 2.0))  # workers, seconds of a call
SIMULATED = {
    "1 replica": SimulatedSpace(4, seconds=2),
    "8 replicas": SimulatedSpace(4, replicas=8, seconds=2),
    "25 replicas": SimulatedSpace(4, replicas=25, seconds=2),
    "25, p99 ten times the mean": SimulatedSpace(4, replicas=25, seconds=2, slow=10),
    "25, 10 s away every 100 s": SimulatedSpace(4, replicas=25, seconds=2, up=100, down=10),
}
REAL_ROWS, SIMULATED_ROWS, JOURNAL_ROWS = 600, 20_000, 200_000


def model() -> Callable[..., float]:
    """`hours`, as the page has it."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(next(block for block in blocks if "def hours(" in block), names)
    made: Callable[..., float] = names["hours"]
    return made


def main() -> None:
    quiet()
    hours = model()
    for workers, seconds in REAL:
        with (
            tempfile.TemporaryDirectory() as folder,
            GradioServer(worker_app(Path(folder), workers, seconds)) as server,
            package(server.url, f"bench_plan_{workers}") as ours,
        ):
            rows = [str(number) for number in range(REAL_ROWS)]
            took = timed(lambda ours=ours, rows=rows: list(ours.work.map(rows)))  # type: ignore[misc]
        expected = hours(REAL_ROWS, seconds=seconds, replicas=1, workers=workers) * 3600
        say(f"real: {workers} workers, {seconds:g} s", f"{took:.1f} s, by the model {expected:.1f} s")
    for name, space in SIMULATED.items():
        found = run(space, SIMULATED_ROWS)
        expected = hours(SIMULATED_ROWS, seconds=space.mean, replicas=space.replicas, workers=4) * 3600
        again = f"{found.starts - SIMULATED_ROWS} rows twice, {found.pace:.0f} in flight"
        say(f"simulated: {name}", f"{found.seconds:.0f} s, by the model {expected:.0f} s; {again}")
    _checkpoint()


def _checkpoint() -> None:
    """Bytes a row beside its result, and what reading costs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "done.jsonl"
        target = text_app.echo.target()
        journal = Journal(path, target, retry_failed=False, save_to=None)
        for number in range(JOURNAL_ROWS):
            row = Row(number, "", key=f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}")
            journal.start(row)
            journal.keep(Outcome(number=number, row="", value="", raw=[""], key=row.key), again=False)
        journal.close()
        before, began = held(), time.process_time()
        journal = Journal(path, target, retry_failed=False, save_to=None)
        took, more = time.process_time() - began, held() - before
        journal.close()
        size = path.stat().st_size / JOURNAL_ROWS
    millions = 10_000_000 / JOURNAL_ROWS
    say("the checkpoint, beside the results", f"{size:.0f} bytes a row")
    say("read again, for ten million rows", f"{took * millions:.0f} s of processor, {more * millions:.0f} MB")


if __name__ == "__main__":
    main()
