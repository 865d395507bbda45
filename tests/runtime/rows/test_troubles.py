"""One run through all that a Space does to those who call it much, on a real server.

What the server cannot be made to say at will (429, the page of a Space that sleeps) a proxy in front of it says.
Each trouble begins after so many outcomes, and ends when the run says that it waits for it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runtime.conftest import function, space_at
from spacegen_runtime import Status
from spacegen_runtime.rows import core
from support import faults
from support.hub import Hub
from support.hub import Space as HubSpace
from support.proxy import Proxy
from support.servers import APPS, GradioServer

ROWS = 120
FOREVER = 10**9
APP = """
import sys, time
from pathlib import Path
import gradio as gr
sys.path.insert(0, {apps!r})
from _serve import endpoint, serve

def work(text):
    if Path("no-quota").exists():
        raise gr.Error("You have exceeded your GPU quota (60s requested vs. 0s left). Try again in 0:00:01")
    with Path("mark" + text).open("a") as file:
        file.write("x")
    time.sleep(0.01)
    return text.upper()

def hold(text):
    while not Path("go").exists():
        time.sleep(0.01)
    return text

def build():
    with gr.Blocks() as demo:
        endpoint(work, gr.Textbox(label="Text"), gr.Textbox(label="Done"), concurrency_limit=4)
        endpoint(hold, gr.Textbox(label="Text"), gr.Textbox(label="Held"), concurrency_limit=1)
    return demo

import os
os.chdir({folder!r})
serve(build)
"""


def test_a_run_goes_through_all_troubles_of_a_space_and_says_what_it_waited_for(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "LONGEST_PAUSE", 1.0)  # while it restarts, not up to half a minute
    script = tmp_path / "app.py"
    script.write_text(APP.format(apps=str(APPS), folder=str(tmp_path)))
    with GradioServer(script, queue_size=3) as server, Proxy(server.url) as proxy:
        hub.add(HubSpace(id="ada/work", host=proxy.url))
        space = space_at(proxy.url, id="ada/work")
        fill_the_queue(function(space, "/hold"))

        def asleep() -> None:
            hub.spaces["ada/work"].stages = ("SLEEPING",)
            proxy.add(faults.answer(503, body=b"<html>asleep", on="POST", times=FOREVER))

        def awake() -> None:
            hub.spaces["ada/work"].stages = ("RUNNING",)
            proxy.clear()

        troubles: dict[int, Callable[[], object]] = {
            20: lambda: proxy.add(faults.answer(429, {"retry-after": "1"}, on="POST", times=FOREVER)),
            40: asleep,
            60: (tmp_path / "no-quota").touch,
            80: server.restart,
        }
        ends: dict[str, Callable[[], object]] = {
            "queue": (tmp_path / "go").touch,
            "too many requests": proxy.clear,
            "SLEEPING": awake,
            "quota": lambda: (tmp_path / "no-quota").unlink(missing_ok=True),
        }
        told: list[str] = []

        def waits(words: str, seconds: float) -> None:
            told.append(words)
            for pattern, end in ends.items():
                if re.search(pattern, words, re.IGNORECASE):
                    end()

        run = function(space, "/work").rows(attempts=FOREVER, ordered=False, on_wait=waits)
        outcomes = run.outcomes(f"row{number}" for number in range(ROWS))
        seen: list[Any] = []
        for outcome in outcomes:
            seen.append(outcome)
            troubles.pop(len(seen), lambda: None)()

    assert sorted(one.number for one in seen) == list(range(ROWS)), told
    assert [one for one in seen if one.error is not None or one.value != one.row.upper()] == []
    waited = outcomes.progress().waited
    assert {"QueueFull", "RateLimited", "SpaceAsleep", "QuotaExceeded"} <= set(waited)
    assert {"CannotConnect", "ConnectionLost"} & set(waited), "and for the restart"
    assert waited["RateLimited"] >= 1, "as long as the server said"
    assert waited["QuotaExceeded"] >= 1
    for pattern in ends:
        assert any(re.search(pattern, words, re.IGNORECASE) for words in told)
    for one in seen:
        started = (tmp_path / f"mark{one.row}").read_text()
        assert len(started) == 1 or one.tries > 1, "only a row in flight at the restart ran twice"


def fill_the_queue(hold: Any) -> None:
    """One call of others' runs, and as many as may be wait behind it."""
    for number in range(4):
        there, wanted = threading.Event(), "queued" if number else "running"

        def look(status: Status, there: threading.Event = there, wanted: str = wanted) -> None:
            if status.stage == wanted:
                there.set()

        hold.with_options(on_progress=look).submit(str(number))
        assert there.wait(60)
