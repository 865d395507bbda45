"""Which calls share a session hash, which never do, and what a session tells the server when it ends."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from contextlib import ExitStack, aclosing
from contextvars import Context
from typing import Any

import httpx
import pytest
from runtime.conftest import App, Shell, function, needs, space_at
from spacegen_runtime import FileData, SpaceError
from spacegen_runtime.protocol.hashes import Hashes
from spacegen_runtime.protocol.request import caller_of
from spacegen_runtime.protocol.session import Turn, has_file, has_update
from support.servers import Servers
from support.waiting import until

TOWNS = {"hidden_outputs": (1,)}


def test_calls_are_strangers_to_each_other(shell: Shell, app: Callable[[str], App], gradio_version: str) -> None:
    needs("4.44", gradio_version, "apps do not see the session hash")
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
    assert has_update(answer) != has_file(answer)
    assert (has_update(answer), has_file(answer)) == (has_update(answer.encode()), has_file(answer.encode()))
    assert not has_update(plain := '{"data":["a path, a __type__"]}')
    assert not has_file(plain)


def test_an_error_before_the_job_takes_no_hash() -> None:
    hashes = Hashes()
    hashes.give_back("used", unchanged=True)
    turn = Turn(hashes=hashes)

    assert turn.known == ""
    turn.release(drained=True, unchanged=True)
    assert (Turn(hashes=hashes).hash, Turn(session=None).known) == ("used", "")


def test_a_hash_never_serves_two_calls_at_once() -> None:
    hashes = Hashes()
    first = hashes.take()
    hashes.give_back(first, unchanged=True)

    assert hashes.take() == first != hashes.take()


KEPT: dict[str, Any] = {"stateful": True, "hidden_inputs": (1,), "hidden_outputs": (1,)}
STOP: dict[str, Any] = {"stateful": True, "hidden_inputs": (0,), "hidden_outputs": (1,)}


def ended(app: App) -> list[str]:
    said: str = app("/ended")()
    return said.splitlines()


@pytest.mark.parametrize("parallel", [False, True])
def test_the_end_of_a_session_is_told(
    shell: Shell, app: Callable[[str], App], gradio_version: str, parallel: bool
) -> None:
    needs("4.44", gradio_version, "it cannot be told")
    served = app("sessions")
    session, unused = served.space.session(parallel=parallel), served.space.session()
    with session:
        with session, unused:
            pass
        shell.call(served("/note"), "x")
        assert session.hash not in ended(served)

    assert session.hash in until(lambda: ended(served), lambda hashes: session.hash in hashes)
    assert unused.hash not in ended(served)


def test_a_session_that_is_kept_ends_when_it_is_told_to(
    shell: Shell, app: Callable[[str], App], gradio_version: str
) -> None:
    needs("4.44", gradio_version, "it cannot be told")
    served = app("sessions")
    session = served.space.session(keep=True)
    for word in "ab":
        with session:
            said = shell.call(served("/note"), word)
    assert said == "a | b"
    assert session.hash not in ended(served)

    session.end() if shell.name == "sync" else asyncio.run(session.aend())

    assert session.hash in until(lambda: ended(served), lambda hashes: session.hash in hashes)


@pytest.mark.parametrize("block", ["with", "async with"])
def test_a_session_in_an_event_loop_ends_too(app: Callable[[str], App], gradio_version: str, block: str) -> None:
    needs("4.44", gradio_version, "it cannot be told")
    served = app("sessions")

    async def main() -> str:
        session = served.space.session()
        if block == "with":
            with session:
                await served("/note").aio("x")
        else:
            async with session:
                await served("/note").aio("x")
        return session.hash

    used = asyncio.run(main())

    assert used in until(lambda: ended(served), lambda hashes: used in hashes)


def test_a_job_holds_its_session_until_it_ends(app: Callable[[str], App], gradio_version: str) -> None:
    needs("4.44", gradio_version, "it cannot be told")
    served = app("sessions")
    with served.space.session() as session:
        jobs = [served("/note").submit(word) for word in "ab"]

    assert [job.result() for job in jobs] == ["a", "a | b"]
    assert session.hash in until(lambda: ended(served), lambda hashes: session.hash in hashes)


def test_a_call_with_state_ends_its_session_unless_it_brings_files(
    shell: Shell, app: Callable[[str], App], gradio_version: str
) -> None:
    needs("4.44", gradio_version, "it cannot be told")
    served = app("sessions")
    before = len(ended(served))

    for _ in range(3):
        assert shell.call(served("/keep", **KEPT), "x") == "x"
    until(lambda: ended(served), lambda hashes: len(hashes) == before + 3)
    shell.call(served("/drawing", FileData, stateful=True), "x")
    shell.call(served("/note"), "x")

    assert len(ended(served)) == before + 3


def test_calls_that_wait_for_their_turn_keep_no_other_call_waiting(server: Servers) -> None:
    space = space_at(server("streaming").url)
    count, first, second = function(space, "/count", int), space.session(), space.session()

    async def waits() -> Any:
        async with first:
            return await count.aio(2)

    async def main() -> list[Any]:
        async with first, aclosing(count.astream(9)) as steps:
            await anext(steps)
            waiting = [Context().run(asyncio.create_task, waits()) for _ in range(20)]  # as many as run at once
            while len(first._state.line._waiting) < len(waiting):
                await asyncio.sleep(0)
            async with second:
                assert await asyncio.wait_for(count.aio(3), 20) == 2
            await steps.aclose()
            return await asyncio.gather(*waiting)

    assert asyncio.run(main()) == [1] * 20


def test_sessions_may_close_in_any_order(server: Servers) -> None:
    space = space_at(server("sessions").url)
    visitor = function(space, "/visitor")
    first, second = space.session(), space.session()
    with ExitStack() as stack:
        first.__enter__()
        stack.enter_context(second)
        first.__exit__()
        assert visitor() == second.hash

    assert visitor() not in (first.hash, second.hash)


@pytest.mark.parametrize("stop", ["/stop", "/stop_at_once"])
def test_a_stop_button_does_not_wait_for_what_it_stops(
    shell: Shell, app: Callable[[str], App], gradio_version: str, stop: str
) -> None:
    needs("4", gradio_version, "streams to browsers only")
    served = app("sessions")
    begin = served("/begin", **KEPT)
    stops = served(stop, queued=stop == "/stop", **STOP)

    def press() -> list[str]:
        seen: list[str] = []
        for step in begin.stream(400):
            seen.append(step)
            if len(seen) == 2:
                seen.append(stops())
        return seen

    async def apress() -> list[str]:
        seen: list[str] = []
        async for step in begin.astream(400):
            seen.append(step)
            if len(seen) == 2:
                seen.append(await stops.aio())
        return seen

    with served.space.session(parallel=True):
        seen = press() if shell.name == "sync" else asyncio.run(apress())

    assert seen[2] == "stops"
    assert seen[-1] == "stopped"
    assert len(seen) < 100


def test_calls_of_a_parallel_session_each_get_their_own_results(shell: Shell, server: Servers) -> None:
    space = space_at(server("streaming").url)
    count = function(space, "/count", int)

    async def many() -> list[Any]:
        return await asyncio.gather(*(count.aio(n) for n in range(1, 30)))

    with space.session(parallel=True):
        for _ in range(3):
            if shell.name == "sync":
                results = [job.result() for job in [count.submit(n) for n in range(1, 30)]]
            else:
                results = asyncio.run(many())
            assert results == list(range(29))


def test_a_space_travels_to_other_processes(server: Servers) -> None:
    space = space_at(server("sessions").url)
    space.configure(retries=7)
    assert function(space, "/trip")("Paris") == "to Paris"

    with space.session():
        copy = pickle.loads(pickle.dumps(space))

    assert copy.options == space.options
    assert copy.current_session() is None
    assert function(copy, "/trip")("Paris") == "to Paris"


def test_what_stays_in_its_process_says_so() -> None:
    """Also to cloudpickle and other libraries, which ask objects in the same way."""
    space = space_at("http://127.0.0.1:9")
    job = function(space, "/trip").submit("Paris")
    with pytest.raises(SpaceError):
        job.result()
    with httpx.Client() as client:
        mine = space_at("http://127.0.0.1:9")
        mine.configure(http_client=client)
        for thing, said in ((space.session(), "open one in"), (job, "its result"), (mine, "client_options")):
            with pytest.raises(TypeError, match=f"stays in .*{said}"):
                pickle.dumps(thing)
        mine.configure(http_client=None)
    assert pickle.loads(pickle.dumps(mine)).base_url == mine.base_url
