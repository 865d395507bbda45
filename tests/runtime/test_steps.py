"""Steps of generators: what is left out stays, and edits of 4.17 to 4.19 give the whole step."""

from __future__ import annotations

import asyncio
import copy
import json
import warnings
from itertools import pairwise
from typing import Any, NamedTuple
from unittest import mock

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.conftest import Shell, function
from spacegen_runtime import Call, Space, UnexpectedOutputWarning, endpoint
from spacegen_runtime.calls import record
from spacegen_runtime.protocol.config import Config
from spacegen_runtime.protocol.steps import BEFORE_4_20, edited, kept

SKIP = {"__type__": "update"}
VALUES = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=10,
)


def edits(old: Any, new: Any, path: tuple[Any, ...] = ()) -> list[Any]:
    """What Gradio 4.17 and later say of a change: ends of lists are deleted by the numbers that they had."""
    if old == new and type(old) is type(new):
        return []
    at = list(path)
    if isinstance(old, str) and isinstance(new, str) and new.startswith(old):
        return [["append", at, new[len(old) :]]]
    if isinstance(old, list) and isinstance(new, list):
        both = min(len(old), len(new))
        found = [edit for n in range(both) for edit in edits(old[n], new[n], (*path, n))]
        found += [["delete", [*path, n], None] for n in range(both, len(old))]
        return found + [["add", [*path, n], new[n]] for n in range(both, len(new))]
    if isinstance(old, dict) and isinstance(new, dict):
        found = [edit for key in old if key in new for edit in edits(old[key], new[key], (*path, key))]
        found += [["delete", [*path, key], None] for key in old if key not in new]
        return found + [["add", [*path, key], new[key]] for key in new if key not in old]
    return [["replace", at, new]]


@given(st.lists(VALUES, min_size=2, max_size=2), st.lists(VALUES, min_size=2, max_size=2))
def test_edits_give_the_whole_step_and_leave_the_one_before_alone(old: list[Any], new: list[Any]) -> None:
    before = copy.deepcopy(old)
    assert edited(old, [edits(one, other) for one, other in zip(old, new, strict=True)]) == new
    assert old == before


@given(st.lists(VALUES, max_size=2), VALUES)
def test_edits_that_do_not_fit_are_a_value_error(old: list[Any], said: Any) -> None:
    too_large = [["append", [0], 0.5], ["append", [0], 10**400]]
    leaps = [["replace", [5], 1]], [["leap", [], 1]], [["append", [], 1]], [["add", ["q"], said]]
    for strange in (too_large, *leaps, [said]):
        try:
            edited(old, [strange] * 2)
        except ValueError:
            continue
        assert len(old) == 2


@pytest.mark.parametrize("said", ["Once upon", {"value": 1}, None, 3, True])
def test_a_whole_value_in_place_of_edits_is_no_edit(said: Any) -> None:
    with pytest.raises(ValueError, match="no list of edits"):
        edited(["Once"], [said])


def test_what_a_step_skips_stays_as_it_was() -> None:
    assert kept(["a", 1], [SKIP, 2]) == ["a", 2]
    assert kept(["a"], [{**SKIP, "visible": True}]) == ["a"]
    assert kept([], [SKIP]) == [SKIP]
    assert kept([{**SKIP, "value": 3}], [{**SKIP, "label": "x"}]) == [{**SKIP, "value": 3, "label": "x"}]
    assert kept(["a"], [{**SKIP, "value": None}]) == [{**SKIP, "value": None}]


class Pair(NamedTuple):
    """Two outputs."""

    left: str | None
    right: str | None


def queue_of(steps: list[list[Any]], *, as_edits: bool) -> httpx.MockTransport:
    """A server whose only job has these steps, the last of them again at its end."""
    sent = [steps[0]] + [
        [edits(one, other) for one, other in zip(*pair, strict=True)] if as_edits else pair[1]
        for pair in pairwise(steps)
    ]
    kinds = ["process_generating"] * len(sent) + ["process_completed"]
    messages = [
        {"msg": kind, "event_id": "e", "success": True, "output": {"data": data}}
        for kind, data in zip(kinds, [*sent, steps[-1]], strict=True)
    ]
    stream = "".join(f"data: {json.dumps(message)}\n\n" for message in messages)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/config":
            dependency = {"id": 0, "api_name": "do", "inputs": [], "outputs": []}
            said = {"protocol": "sse_v2", "version": "4.19.2" if as_edits else "4.20.0"}
            return httpx.Response(200, json={"dependencies": [dependency], "components": [], **said})
        if request.method == "GET":
            return httpx.Response(200, text=stream, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, json={"event_id": "e"})

    return httpx.MockTransport(answer)


@given(
    st.lists(st.lists(st.text("ab", max_size=3) | st.just(SKIP), min_size=2, max_size=2), min_size=1, max_size=5)
)
def test_a_step_leaves_out_the_same_whole_or_as_edits(steps: list[list[Any]]) -> None:
    expected: list[Pair] = []
    for left, right in steps:
        before = expected[-1] if expected else Pair(None, None)
        expected.append(Pair(before.left if left == SKIP else left, before.right if right == SKIP else right))
    for protocol in (BEFORE_4_20, "sse_v2"):
        space = Space("app", url="http://127.0.0.1:9", prefix="", protocol=protocol)
        space.configure(client_options={"transport": queue_of(steps, as_edits=protocol == BEFORE_4_20)})

        @endpoint
        def do(space: Space = space) -> Call[Pair]:
            return space.call(0, {})

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnexpectedOutputWarning)  # what was never given is None
            assert list(do.stream()) == expected
            assert do() == expected[-1]


class Tree(NamedTuple):
    """One output of any shape, and one that each step says."""

    tree: Any
    number: int


def ruin(value: Any) -> None:
    """Change a value everywhere inside, as a careless caller may."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            ruin(inner)
        value.clear()


@given(st.lists(VALUES, min_size=1, max_size=5), st.sampled_from([BEFORE_4_20, "sse_v2"]), st.data())
def test_a_step_that_the_caller_changes_is_not_the_base_of_the_next(
    trees: list[Any], protocol: str, data: st.DataObject
) -> None:
    as_edits = protocol == BEFORE_4_20
    sent = [[trees[0], 0]]
    expected = [trees[0]]
    for number, tree in enumerate(trees[1:], start=1):
        skipped = data.draw(st.booleans())
        expected.append(expected[-1] if skipped else tree)
        # The other output changes each time; edits say nothing of what stays.
        sent.append([SKIP if skipped and not as_edits else expected[-1], number])
    sent[-1][0] = expected[-1]  # it is also what the end says
    space = Space("app", url="http://127.0.0.1:9", prefix="", protocol=protocol)
    space.configure(client_options={"transport": queue_of(sent, as_edits=as_edits)})

    @endpoint
    def do(space: Space = space) -> Call[Tree]:
        return space.call(0, {})

    seen = []
    for step in do.stream():
        seen.append(copy.deepcopy(step.tree))
        ruin(step.tree)
    assert seen == expected


@given(st.integers(1, 5), st.integers(0, 12), st.data())
def test_the_latest_are_kept_with_their_numbers(most: int, count: int, data: st.DataObject) -> None:
    with mock.patch.object(record, "MOST", most):
        kept = record.Latest[str]()
        for number in range(count):
            kept.add(str(number))
    assert kept.count == count
    assert kept.all() == [str(number) for number in range(count)][-most:]
    start = data.draw(st.integers(0, 15))
    first = max(start, count - most)
    assert kept.since(start) == ((first, str(first)) if first < count else None)


def test_a_job_keeps_its_latest_steps(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST", 3)
    steps = [[str(number), ""] for number in range(20)]
    space = Space("app", url="http://127.0.0.1:9", prefix="", protocol="sse_v2")
    space.configure(client_options={"transport": queue_of(steps, as_edits=False)})
    do = function(space, "/do", Pair)

    async def late() -> tuple[list[Pair], list[Pair]]:
        job = await do.asubmit()
        await job
        return job.outputs(), [step async for step in job]

    if shell.name == "sync":
        job = do.submit()
        job.result()
        seen = job.outputs(), list(job)
    else:
        seen = asyncio.run(late())
    assert seen == ([Pair(str(number), "") for number in (17, 18, 19)],) * 2


@pytest.mark.parametrize(
    ("said", "version", "protocol"),
    [
        ("sse_v1", "4.9.1", "sse_v1"),
        ("sse_v2", "4.19.2", BEFORE_4_20),
        ("sse_v2", "4.20.0", "sse_v2"),
        ("sse_v3", "6.31.0", "sse_v3"),
        ("sse_v2", "unknown", "sse_v2"),
    ],
)
def test_which_protocol_a_server_speaks(said: str, version: str, protocol: str) -> None:
    assert Config({"dependencies": [], "protocol": said, "version": version}).protocol == protocol
