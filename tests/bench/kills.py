"""kill -9 again and again during one run with a checkpoint, on a real server: nothing lost, nothing twice unsaid.

The app counts each start of each row. In the end every row has one outcome, and only rows that a later run
reported as in flight at a kill were started twice.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from support.servers import GradioServer

from bench._compare import say

ROWS, KILLS = 2000, 50
PROGRAM = """
import json, sys
from spacegen_runtime import Space, endpoint
url, folder, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
space = Space("app", url=url, prefix="/gradio_api")
@endpoint
def sleep(mark, seconds):
    return space.call("/sleep_async", {"seconds": seconds, "mark": mark})
marks = [f"{folder}/marks/{number}" for number in range(rows)]
seen, told = [], []
for outcome in sleep.rows(checkpoint=folder + "/done.jsonl", concurrency=16).outcomes(marks, 0.002):
    seen.append(outcome.number)
    if outcome.interrupted:
        told.append(outcome.number)
    assert outcome.error is None, outcome.error
print(json.dumps([seen, told]))
"""


def kill(url: str, folder: Path, rows: int, kills: int, chosen: random.Random) -> tuple[int, list[int], list[int]]:
    """Run, kill, run again until `kills` kills have hit; the last run ends.

    Returns:
        How often it was killed, the rows that the last run handed over, and those that it calls interrupted.
    """
    (folder / "marks").mkdir()
    command = [sys.executable, "-c", PROGRAM, url, str(folder), str(rows)]
    journal, hit = folder / "done.jsonl", 0
    while True:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            if hit < kills:
                # Let it come so much further, whatever the speed of this machine is; then at any moment.
                before = size(journal)
                while run.poll() is None and size(journal) < before + 60 * rows // (kills + 1):
                    time.sleep(0.002)
                time.sleep(chosen.uniform(0, 0.02))
                if run.poll() is None:
                    os.kill(run.pid, signal.SIGKILL)
                    hit += 1
                    run.communicate()
                    continue
            said = run.communicate()[0]
        assert run.returncode == 0, "the run failed"
        seen, told = json.loads(said)
        return hit, seen, told


def size(path: Path) -> int:
    """Bytes of a file; none where there is none."""
    return path.stat().st_size if path.exists() else 0


def starts(folder: Path) -> Counter[int]:
    """How often the app started each row."""
    marks = (folder / "marks").iterdir()
    return Counter({int(mark.name): mark.read_text().count("start") for mark in marks})


def main() -> None:
    with GradioServer("streaming") as server, tempfile.TemporaryDirectory(prefix="spacegen-kills-") as name:
        folder = Path(name)
        hit, seen, told = kill(server.url, folder, ROWS, KILLS, random.Random(4))
        counted = starts(folder)
        twice = {row for row, times in counted.items() if times > 1}
        say("kill -9 during a run", f"{hit} kills, {len(seen)} outcomes of {ROWS} rows")
        say("rows that ran twice", f"{len(twice)}, all reported: {twice <= set(told)}; reported: {len(told)}")
        assert seen == list(range(ROWS))
        assert len(counted) == ROWS
        assert twice <= set(told)


if __name__ == "__main__":
    main()
