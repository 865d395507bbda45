"""Which calls share a session hash, which never do, and what a session tells the server when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from runtime.conftest import App, Shell, function, space_at
from spacegen_runtime import FileData, SpaceError
from spacegen_runtime._exchange import caller_of
from spacegen_runtime._session import Hashes, leaves_traces
from support.servers import Servers

TOWNS = {"hidden_outputs": (1,)}


def test_calls_are_strangers_to_each_other(shell: Shell, app: Callable[[str], App]) -> None:
    note = app("sessions")("/note")

    assert [shell.call(note, "my card is 4711"), shell.call(note, "hello")] == ["my card is 4711", "hello"]
    assert [shell.job(note, text)[1] for text in "ab"] == ["a", "b"]


def test_calls_of_one_event_loop_are_strangers_too(server: Servers) -> None:
    note = function(space_at(server("sessions").url), "/note")

    async def several() -> list[str]:
        return [await note.aio("a"), await note.aio("b"), *await asyncio.gather(note.aio("c"), note.aio("d"))]

    assert asyncio.run(several()) == ["a", "b", "c", "d"]


def test_every_call_sees_the_page_as_it_is_at_first(shell: Shell, server: Servers) -> None:
    space = space_at(server("sessions").url)
    towns, trip = function(space, "/towns", **TOWNS), function(space, "/trip")

    assert shell.call(towns, "Italy") == "Italy"
    assert shell.call(trip, "Paris") == "to Paris"
    with pytest.raises(SpaceError):
        shell.call(trip, "Rome")
    with space.session():
        shell.call(towns, "Italy")
        assert shell.call(trip, "Rome") == "to Rome"


def test_the_rows_of_a_map_share_hashes_and_no_others(shell: Shell, server: Servers) -> None:
    space = space_at(server("sessions").url)
    visitor = function(space, "/note")

    assert shell.map(visitor, "ab", concurrency=1) == ["a", "a | b"]
    assert shell.map(visitor, "ab", concurrency=1) == ["a", "a | b"]


def test_hashes_are_used_again_where_the_user_says_so(shell: Shell, server: Servers) -> None:
    visitor = function(space_at(server("sessions").url), "/visitor").with_options(reuse_sessions=True)

    assert shell.call(visitor) == shell.call(visitor)


@pytest.mark.parametrize(
    ("name", "values", "more"),
    [
        ("/towns", ["Italy"], TOWNS),
        ("/towns_meanwhile", ["Italy"], TOWNS),
        ("/drawing", ["x"], {"returns": FileData}),
        ("/refuse", ["x"], {}),
        ("/keep", ["x"], {"stateful": True, "hidden_inputs": (1,), "hidden_outputs": (1,)}),
    ],
)
def test_a_hash_that_may_have_changed_is_given_up(
    shell: Shell, server: Servers, name: str, values: list[Any], more: dict[str, Any]
) -> None:
    space = space_at(server("sessions").url)
    space.configure(reuse_sessions=True)
    visitor, other = function(space, "/visitor"), function(space, name, **more)
    first = shell.call(visitor)
    try:
        shell.call(other, *values)
    except SpaceError:
        assert name == "/refuse"
    kept = shell.call(visitor)

    assert (kept == first) == (name == "/keep")  # which never had it


def test_a_hash_is_given_up_after_a_stream_that_was_left(shell: Shell, server: Servers) -> None:
    space = space_at(server("streaming").url)
    space.configure(reuse_sessions=True)
    slow, hashes = function(space, "/slow_async", float), caller_of(space.server, space.options).hashes
    shell.call(slow, 1, 0.01, "")
    assert len(hashes._idle) == 1

    shell.stream(slow, 50, 0.05, "", leave_after=1)

    assert hashes._idle == []


@pytest.mark.parametrize(
    "answer",
    [
        '{"data":[{"choices":[],"__type__":"update"}]}',
        '{"data":["x",{"path":"/tmp/a","meta":{"_type":"gradio.FileData"}}]}',
        '{"data":[[{"name":"/tmp/a","is_file":true}]]}',
    ],
)
def test_updates_and_files_leave_traces(answer: str) -> None:
    assert leaves_traces(answer)
    assert leaves_traces(answer.encode())
    assert not leaves_traces('{"data":["a path, a __type__"]}')


def test_a_hash_never_serves_two_calls_at_once() -> None:
    hashes = Hashes()
    first = hashes.take()
    hashes.give_back(first, unchanged=True)

    assert hashes.take() == first != hashes.take()
