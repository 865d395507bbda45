"""A proxy breaks things in front of a real server: a result or a typed error, and no job run twice."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from runtime.conftest import Shell, function, space_at
from spacegen_runtime import Endpoint, Status, Timeouts, errors
from spacegen_runtime.rows.verdict import verdict
from support import faults
from support.proxy import Proxy
from support.servers import Servers
from support.waiting import lines_of, noted, until

FIRST_HEARTBEAT = 15.0  # seconds until a server that has nothing to say speaks
JOIN = r"POST .*/call/"
STREAM = r"GET .*/queue/data"
CANCEL = r"POST .*/cancel"


@pytest.fixture
def proxy(server: Servers) -> Iterator[Proxy]:
    with Proxy(server("streaming").url) as proxy:
        yield proxy


@pytest.fixture
def marked(proxy: Proxy, tmp_path: Path) -> Marked:
    return Marked(proxy, tmp_path / "mark")


class Marked:
    """An endpoint that writes down when it runs."""

    def __init__(self, proxy: Proxy, mark: Path) -> None:
        self.space = space_at(proxy.url)
        self.mark = mark
        self.path = str(mark)

    def __call__(self, name: str = "/sleep_async", **options: Any) -> Endpoint[..., Any]:
        made = function(self.space, name, Any)
        return made.with_options(**options) if options else made

    def lines(self) -> list[str]:
        return lines_of(self.mark)

    def wait_for(self, line: str) -> list[str]:
        """The lines, as soon as `line` is one of them."""
        return noted(line, self.mark)


def count(proxy: Proxy, pattern: str) -> int:
    import re

    return sum(1 for seen in proxy.requests if re.search(pattern, f"{seen.method} {seen.path}"))


@pytest.mark.parametrize("fault", [faults.answer(429, {"retry-after": "0"}, on=JOIN), faults.answer(503, on=JOIN)])
def test_retries_where_nothing_can_have_run(shell: Shell, proxy: Proxy, marked: Marked, fault: Any) -> None:
    fault.seen = 0
    proxy.add(fault)

    assert shell.call(marked(), 0, marked.path) == "slept 0"
    assert (count(proxy, JOIN), marked.lines()) == (2, ["start", "end"])


def test_gives_up_after_so_many_retries(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    proxy.add(faults.answer(429, {"retry-after": "0.01"}, on=JOIN, times=9))
    with pytest.raises(errors.RateLimited) as caught:
        shell.call(marked(retries=1), 0, marked.path)

    assert (caught.value.retry_after, caught.value.status, count(proxy, JOIN)) == (0.01, 429, 2)


def test_a_long_retry_after_is_the_callers_to_wait(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    proxy.add(faults.answer(429, {"retry-after": "3600"}, on=JOIN))
    with pytest.raises(errors.RateLimited):
        shell.call(marked(), 0, marked.path)

    assert count(proxy, JOIN) == 1


@pytest.mark.parametrize("kind", ["before", "after"])
def test_a_join_of_unknown_fate_is_not_repeated(shell: Shell, proxy: Proxy, marked: Marked, kind: str) -> None:
    proxy.add(faults.reset_before(on=JOIN) if kind == "before" else faults.reset_after(on=JOIN))
    with pytest.raises(errors.ConnectionLost) as caught:
        shell.call(marked(), 0, marked.path)

    assert caught.value.may_have_run
    assert count(proxy, JOIN) == 1
    assert marked.lines().count("start") <= 1


@pytest.mark.parametrize("after", [0, 1, 200])
@pytest.mark.parametrize("cut", [faults.reset_during, faults.truncate])
def test_a_lost_stream_is_an_error_that_says_so(
    shell: Shell, proxy: Proxy, marked: Marked, cut: Any, after: int
) -> None:
    proxy.add(cut(after, on=STREAM))
    with pytest.raises(errors.ConnectionLost) as caught:
        shell.call(marked(), 0.3, marked.path)

    assert caught.value.event_id
    assert count(proxy, JOIN) == 1


def test_the_next_call_after_a_loss_works(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    proxy.add(faults.reset_during(100, on=STREAM))
    with pytest.raises(errors.ConnectionLost):
        shell.call(marked(), 0.1, "")

    assert shell.call(marked(), 0, "") == "slept 0"


@pytest.mark.parametrize("where", [JOIN, STREAM])
def test_a_stall_ends_with_the_limit(shell: Shell, proxy: Proxy, marked: Marked, where: str) -> None:
    proxy.add(faults.stall(20, on=where))
    began = time.monotonic()
    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(marked(timeout=0.5), 0.1, "")

    assert caught.value.limit == "total"
    assert time.monotonic() - began < FIRST_HEARTBEAT


def test_an_idle_limit(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    proxy.add(faults.stall(20, on=STREAM))
    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(marked(timeout=Timeouts(idle=0.3)), 0.1, "")

    assert caught.value.limit == "idle"
    assert "/queue/data?" in (caught.value.url or "")


def test_a_stream_that_does_not_end_is_left(shell: Shell, server: Servers) -> None:
    """Once a stream of its session was dropped, a server never ends another."""
    space = space_at(server("streaming").url)
    story = function(space, "/story")
    with space.session() as session:
        with httpx.Client(base_url=f"{space.base_url}/gradio_api") as other:
            other.post("/call/slow_async", json={"data": [50, 0.05, ""], "session_hash": session.hash})
            with other.stream("GET", f"/queue/data?session_hash={session.hash}") as dropped:
                next(line for line in dropped.iter_lines() if "process_generating" in line)
        began = time.monotonic()

        assert shell.call(story, "Once") == "Once upon a time"
        assert 1 < time.monotonic() - began < FIRST_HEARTBEAT


def test_split_anywhere(shell: Shell, server: Servers) -> None:
    with Proxy(server("streaming").url, pieces=7) as proxy:
        story = function(space_at(proxy.url), "/story")

        assert shell.stream(story, "日本") == ["日本", "日本 upon", "日本 upon a", "日本 upon a time"]


def test_other_statuses_are_errors_with_their_body(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    proxy.add(faults.answer(502, body=b"<h1>bad gateway</h1>", on=JOIN, times=9))
    with pytest.raises(errors.BadStatus) as caught:
        shell.call(marked(), 0, marked.path)

    assert (caught.value.status, caught.value.body) == (502, "<h1>bad gateway</h1>")
    assert (count(proxy, JOIN), marked.lines()) == (1, [])


def test_nobody_listens(shell: Shell) -> None:
    lost = function(space_at("http://127.0.0.1:1"), "/echo").with_options(retries=1)
    with pytest.raises(errors.CannotConnect, match=r"cannot connect to .*: \[Errno \d+\] Connection refused"):
        shell.call(lost, "x")


class _Deaf(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Nobody accepts its connections."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.url.path)
        raise httpx.ConnectTimeout("deaf", request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


class _Unreachable(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """Reaches the server, except for the streams of jobs."""

    def __init__(self, error: type[httpx.TransportError]) -> None:
        self._error = error
        self._blocking, self._asyncio = httpx.HTTPTransport(), httpx.AsyncHTTPTransport()

    def _look(self, request: httpx.Request) -> None:
        if request.url.path.endswith("/queue/data"):
            raise self._error("no way there", request=request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._look(request)
        return self._blocking.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._look(request)
        return await self._asyncio.handle_async_request(request)

    def close(self) -> None:
        self._blocking.close()

    async def aclose(self) -> None:
        await self._asyncio.aclose()


FULL = b'{"detail": "Queue is full. Max size is 1 and size is 1."}'
NO_STREAM = [
    faults.answer(429, {"retry-after": "0"}, on=STREAM, times=9),
    faults.answer(503, {"content-type": "application/json"}, FULL, on=STREAM, times=9),
    httpx.ConnectError,
    httpx.ConnectTimeout,
]


@pytest.mark.parametrize("way", NO_STREAM, ids=["429", "503", "refused", "deaf"])
def test_a_job_whose_stream_cannot_be_opened_may_have_run(
    shell: Shell, proxy: Proxy, marked: Marked, way: Any
) -> None:
    if isinstance(way, type):
        marked.space.configure(client_options={"transport": _Unreachable(way)})
    else:
        way.seen = 0
        proxy.add(way)
    with pytest.raises(errors.ConnectionLost, match=r"lost touch with the job: .*not sent again") as caught:
        shell.call(marked(retries=1, timeout=Timeouts(connect=2)), 30, marked.path)

    assert caught.value.may_have_run
    assert caught.value.event_id
    assert verdict(caught.value) == "again"  # so a run over many rows calls it again only if it may
    assert (count(proxy, JOIN), count(proxy, CANCEL)) == (1, 1)
    assert "end" not in marked.lines()


BROKEN = [faults.answer(502, on=STREAM), faults.reset_before(on=STREAM), faults.truncate(on=STREAM)]


@pytest.mark.parametrize("fault", [*BROKEN, *NO_STREAM[:2]])
def test_no_error_and_no_log_has_the_session_hash(
    shell: Shell, proxy: Proxy, marked: Marked, caplog: pytest.LogCaptureFixture, fault: faults.Fault
) -> None:
    caplog.set_level(logging.DEBUG, logger="spacegen_runtime")
    fault.seen = 0
    proxy.add(fault)
    with marked.space.session() as session, pytest.raises(errors.SpaceError) as caught:
        shell.call(marked(retries=0), 0, "")

    assert session.hash not in f"{caught.value} {vars(caught.value)}"
    assert session.hash not in caplog.text


@pytest.mark.parametrize("connect", [1, None])
def test_what_was_never_sent_is_not_cancelled(shell: Shell, connect: float | None) -> None:
    space, deaf = space_at("http://127.0.0.1:1"), _Deaf()
    space.configure(client_options={"transport": deaf})
    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(function(space, "/echo").with_options(timeout=Timeouts(connect=connect, total=9)), "x")

    assert (caught.value.limit, deaf.seen) == ("connect", ["/gradio_api/call/echo"])


def test_a_closed_client_is_named() -> None:
    space, client = space_at("http://127.0.0.1:1"), httpx.Client()
    client.close()
    space.configure(http_client=client)
    with pytest.raises(errors.ConfigurationError, match="the http client is closed"):
        function(space, "/echo")("x")


def test_leaving_a_stream_stops_the_job(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    assert shell.stream(marked("/slow_async"), 50, 0.1, marked.path, leave_after=2) == [0, 1]
    assert "stopped" in marked.wait_for("stopped")
    assert count(proxy, CANCEL) == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, errors.ConnectionLost])
def test_an_error_in_a_callback_stops_the_job(
    shell: Shell, proxy: Proxy, marked: Marked, error: type[BaseException]
) -> None:
    def fails(status: Status) -> None:
        if status.stage == "running":
            marked.wait_for("start")  # the server says "running" before the function begins
            raise error("from the callback")

    kept: list[BaseException] = []  # with its traceback, and so with every frame of the call
    with marked.space.session():
        with pytest.raises(error, match="from the callback") as caught:
            shell.call(marked(on_progress=fails), 30, marked.path)
        kept.append(caught.value)

        assert marked.wait_for("stopped") == ["start", "stopped"]
        assert count(proxy, CANCEL) == 1
        shell.call(marked(timeout=20), 0, "")  # the session's line is free


def test_a_timeout_stops_the_job(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    for limit in (0.6, 3, 15):  # on a busy machine the job begins later
        with pytest.raises(errors.CallTimeout) as caught:
            shell.call(marked(timeout=limit), 30, marked.path)
        assert isinstance(caught.value, TimeoutError)
        if marked.lines():
            break

    lines = until(marked.lines, lambda lines: 0 < lines.count("start") == lines.count("stopped"))
    assert "end" not in lines


def test_a_queue_limit(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    first = marked("/alone").submit(3, marked.path)
    assert marked.wait_for("start") == ["start"]
    with pytest.raises(errors.CallTimeout) as caught:
        shell.call(marked("/alone", timeout=Timeouts(queue=0.3)), 0, marked.path)
    first.result()

    assert caught.value.limit == "queue"
    assert marked.lines() == ["start", "end"]


def test_cancelling_a_task_stops_the_job(proxy: Proxy, marked: Marked) -> None:
    async def main() -> None:
        task = asyncio.create_task(marked().aio(30, marked.path))
        await asyncio.to_thread(marked.wait_for, "start")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        rest = asyncio.all_tasks() - {asyncio.current_task()}

        assert not rest

    asyncio.run(main())

    assert marked.wait_for("stopped") == ["start", "stopped"]


def test_anyio_stops_the_job_too(proxy: Proxy, marked: Marked) -> None:
    """Its scopes cancel a task again whenever it waits."""

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(marked().aio, 30, marked.path)
            await asyncio.to_thread(marked.wait_for, "start")
            tasks.cancel_scope.cancel()

        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())

    assert marked.wait_for("stopped") == ["start", "stopped"]


def test_a_cancelled_job_says_which_it_was(proxy: Proxy, marked: Marked) -> None:
    async def main() -> errors.CallCancelled:
        job = await marked().asubmit(30, marked.path)
        async for status in job.changes():  # the app may start before the answer to the join is here
            if status.stage == "running":
                break
        await asyncio.to_thread(marked.wait_for, "start")  # or after it says so
        assert job.cancel()
        with pytest.raises(errors.CallCancelled) as caught:
            await job
        return caught.value

    error = asyncio.run(main())

    assert (error.endpoint, error.url) == ("/sleep_async", proxy.url)
    assert error.event_id
    assert marked.wait_for("stopped") == ["start", "stopped"]


def test_a_job_that_is_cancelled_before_it_began_says_so(proxy: Proxy, marked: Marked) -> None:
    async def main() -> None:
        job = await marked().asubmit(30, marked.path)
        job.cancel()
        stages = [status.stage async for status in job.changes()]

        assert (stages[-1], job.status().stage, job.done()) == ("cancelled", "cancelled", True)

    asyncio.run(main())

    assert (count(proxy, JOIN), marked.lines()) == (0, [])


def test_cancelling_while_the_join_is_on_its_way(proxy: Proxy, marked: Marked) -> None:
    async def main() -> None:
        task = asyncio.create_task(marked().aio(30, marked.path))
        while not count(proxy, JOIN):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    proxy.round_trip = 0.1
    asyncio.run(main())

    time.sleep(1)  # for a job that has not begun; no event tells that it never will
    assert marked.lines() == [] or marked.wait_for("stopped") == ["start", "stopped"]


def test_cancelling_a_job_stops_only_this_one(proxy: Proxy, marked: Marked, tmp_path: Path) -> None:
    running = threading.Event()

    def look(status: Status) -> None:
        if status.stage == "running":
            running.set()

    told = marked().with_options(on_progress=look)
    other = marked().submit(1, str(tmp_path / "other"))
    job = told.submit(30, marked.path)
    assert running.wait(30)
    marked.wait_for("start")

    assert job.cancel()
    with pytest.raises(errors.CallCancelled) as caught:
        job.result(5)
    assert (caught.value.endpoint, caught.value.url) == ("/sleep_async", proxy.url)
    assert caught.value.event_id
    assert job.status().stage == "cancelled"
    assert marked.wait_for("stopped") == ["start", "stopped"]
    assert other.result(10) == "slept 1"
    assert not job.cancel()


def test_a_job_can_be_asked_for_its_result_with_a_limit(proxy: Proxy, marked: Marked) -> None:
    job = marked().submit(1, "")
    for wait in (job.result, job.exception):
        with pytest.raises(errors.CallTimeout, match="continues") as caught:
            wait(0.05)
        assert (caught.value.limit, caught.value.endpoint) == ("result", "/sleep_async")

    assert job.result(10) == "slept 1"


def test_hashes_are_used_again_only_after_a_clean_end(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    def hashes() -> list[str]:
        return [seen.path.rpartition("=")[2] for seen in proxy.requests if "session_hash" in seen.path]

    again, slow = (marked(name).with_options(reuse_sessions=True) for name in ("/sleep_async", "/slow_async"))
    for _ in range(3):
        shell.call(again, 0, "")
    assert len(set(hashes())) == 1

    shell.stream(slow, 50, 0.05, "", leave_after=1)
    shell.call(again, 0, "")

    assert hashes()[-1] not in hashes()[:-1]


def test_two_jobs_never_share_a_hash(proxy: Proxy, marked: Marked) -> None:
    async def main() -> None:
        await asyncio.gather(*(marked().aio(0.2, "") for _ in range(10)))

    asyncio.run(main())
    hashes = [seen.path.rpartition("=")[2] for seen in proxy.requests if "session_hash" in seen.path]

    assert len(set(hashes)) == 10


def test_streams_are_asked_for_uncompressed(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    """An older Starlette with GZipMiddleware holds events that it compresses back until the last."""
    shell.call(marked(), 0, "")

    assert proxy.requests[-1].headers["accept-encoding"] == "identity"


def test_two_requests_before_the_first_result(shell: Shell, proxy: Proxy, marked: Marked) -> None:
    shell.call(marked(), 0, "")

    assert [seen.method for seen in proxy.requests] == ["POST", "GET"]
    assert proxy.connections == 1


def test_a_restarted_server(shell: Shell, server: Servers, tmp_path: Path) -> None:
    from support.servers import GradioServer

    with GradioServer("text") as restarting:
        echo = function(space_at(restarting.url), "/echo")
        assert shell.call(echo, "before") == "before"
        restarting.restart()

        assert shell.call(echo, "after") == "after"


def test_nothing_is_left_behind(shell: Shell, server: Servers) -> None:
    """No thread, task or socket stays when calls, early exits and errors are over."""
    marked = Marked(_Direct(server("streaming").url), Path("unused"))  # type: ignore[arg-type] # has a url
    shell.job(marked(), 0, "")
    shell.call(marked(timeout=5), 0, "")
    marked.space.configure()
    before = len([*Path("/proc/self/fd").iterdir()]), threading.active_count()
    for _ in range(3):
        shell.call(marked(), 0, "")
        shell.stream(marked("/slow_async"), 20, 0.05, "", leave_after=1)
        with pytest.raises(errors.CallTimeout):
            shell.call(marked(timeout=0.2), 9, "")
    marked.space.configure()  # lets go of the connections
    after = len([*Path("/proc/self/fd").iterdir()]), threading.active_count()

    assert after[0] <= before[0] + 1
    assert after[1] <= before[1]


class _Direct:
    def __init__(self, url: str) -> None:
        self.url = url
