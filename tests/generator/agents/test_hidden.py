"""What a client hears of a Space while a call runs, and of its files, has nothing hidden in it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen_runtime import FileData, tools
from spacegen_runtime._status import Log, ProgressUnit
from spacegen_runtime.tools._text import visible

pytest.importorskip("mcp", reason="the mcp package is not installed (extra mcp)")

from spacegen.agents.content import blocks
from spacegen.agents.watching import follow
from support.drawn import examples

TEXTS = st.text(st.sampled_from("ab*< \n\u200b\u202e\ufe0f\ufe01\U000e0041\U000e0100\u2764\u6771"), max_size=30)


class Client:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def report_progress(self, _: float, __: float | None, words: str) -> None:
        self.heard.append(words)

    async def send_log_message(self, _: str, words: str, **__: Any) -> None:
        self.heard.append(words)


def job_that_says(log: str, progress: str) -> Any:
    async def changes() -> Any:
        yield None

    unit = ProgressUnit(desc=progress)
    status = SimpleNamespace(stage="running", position=None, progress=(unit,))
    return SimpleNamespace(changes=changes, logs=(Log(log),), status=lambda: status, outputs=list)


@settings(max_examples=examples(30))
@given(TEXTS, TEXTS)
def test_messages_and_progress_hide_nothing_and_are_bounded(log: str, progress: str) -> None:
    client, tool = Client(), cast(Any, SimpleNamespace(tools=tools, name="x"))
    asyncio.run(follow(client, job_that_says(log * 500, progress * 50), tool, "debug"))
    said, done = client.heard
    assert (visible(said), visible(done)) == (said, done)
    assert len(said) <= 2000
    assert len(done) <= 200


@settings(max_examples=examples(30))
@given(TEXTS)
def test_the_name_of_a_linked_file_hides_nothing(name: str) -> None:
    files = tools.Files()
    uri = files.keep(FileData("/tmp/x", orig_name=name + "x.bin"))
    result = SimpleNamespace(text="done", files={uri: files.kept(uri)})
    _, link = asyncio.run(blocks(result, files, 0))
    assert link.type == "resource_link"
    assert visible(link.name) == link.name
    assert link.name.endswith("x.bin")
