"""What a process sees of calls as a whole: threads, interrupts, forks, event loops, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, aclosing, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime.conftest import App, Shell, function, needs, space_at
from spacegen_runtime.errors import CallTimeout, ConfigurationError
from spacegen_runtime.shells import alarm
from spacegen_runtime.shells.alarm import Alarm
from spacegen_runtime.shells.blocking import _Watched
from support.proxy import Proxy
from support.servers import Servers
from support.waiting import noted

pytestmark = pytest.mark.first_gradio

HEAD = """
import sys
from spacegen_runtime import Space, endpoint
space = Space("app", url=sys.argv[1], prefix="/gradio_api")
@endpoint
def sleep(seconds, mark):
    return space.call("/sleep_async", {"seconds": seconds, "mark": mark})
@endpoint
def slow(steps, seconds, mark):
    return space.call("/slow_async", {"steps": steps, "seconds": seconds, "mark": mark})
"""
IN_FLIGHT = """
from pathlib import Path
jobs = [sleep.submit(60, mark) for mark in sys.argv[2:]]
while not all(Path(mark).exists() for mark in sys.argv[2:]):
    assert not any(job.done() for job in jobs)
print("leaves")
"""
OPEN = """
steps = slow.stream(100, 0.1, sys.argv[2])
next(steps)
print("leaves")
"""
MANY = """
for result in sleep.map([0] + [60] * 100, ""):
    break
jobs = [sleep.submit(60, "") for _ in range(100)]
"""
AT_EXIT = """
import atexit
atexit.register(lambda: print(sleep.with_options(timeout=60)(0, ""), sleep.submit(0, "").result()))
sleep(0, "")
sleep.submit(0, "").result()
"""
FORKED = """
import os
steps = slow.stream(5, 0.1, sys.argv[2])
next(steps)
if os.fork() == 0:
    try:
        next(steps)
    except Exception as error:
        print(type(error).__name__, sleep(0, ""), flush=True)
    sys.exit()
os.wait()
print(list(steps))
"""
BUSY = """
import os, threading, time
sleep(0, ""), sleep.submit(0, "").result()  # all is imported: Python's locks of modules are its own affair
calls = [threading.Thread(target=sleep.with_options(timeout=60), args=(0.2, "")) for _ in range(4)]
for call in calls:
    call.start()
for _ in range(4):
    if os.fork() == 0:
        fine = sleep.with_options(timeout=60)(0, "") == sleep.submit(0, "").result() == "slept 0"
        os._exit(0 if fine else 1)
    time.sleep(0.05)  # at several moments of the calls
print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)])
for call in calls:
    call.join()
"""
# A module is run while Python holds the lock of its import: at the chosen one, the first call waits for the fork.
FIRST = """
import json, os, threading
from spacegen_runtime import FileData
other = Space("other", url="http://127.0.0.1:9")
ways = {
    "call": lambda: sleep(0, ""),
    "submit": lambda: sleep.submit(0, "").result(),
    "with_options": lambda: sleep.with_options(retries=1) and "made",
    "configure": lambda: other.configure(retries=1),
    "session": lambda: other.session() and "made",
    "copy": lambda: other.copy(retries=1) and "made",
    "rows": lambda: sleep.rows(concurrency=1) and "made",
    "read": lambda: FileData.of(b"x").read(),  # which no Space has
}
def tried(way):
    try:
        return way()
    except Exception as error:
        return [type(error).__name__, str(error)]
chosen, forked, there, names = sys.argv[2], threading.Event(), threading.Event(), []
def hook(event, args):
    if event == "exec" and threading.current_thread() is not threading.main_thread():
        module = sys._getframe(2).f_locals.get("module")  # of the loader
        names.append(getattr(module, "__name__", ""))
        if names[-1] == chosen:
            there.set()
            forked.wait()
sys.addaudithook(hook)
def first():
    try:
        sleep(0, "")
    finally:
        there.set()
call = threading.Thread(target=first)
call.start()
there.wait()
read, write = os.pipe()
child = os.fork()
if child == 0:
    said = {name: tried(way) for name, way in ways.items()}
    os.write(write, json.dumps(said).encode())
    os._exit(0)
forked.set()
call.join()
os.waitpid(child, 0)
print(json.dumps([names, json.loads(os.read(read, 65536))]))
"""
BLOCKED = """
print("calls", flush=True)
sleep(60, sys.argv[2])
"""


@pytest.fixture
def streaming(server: Servers, gradio_version: str) -> App:
    """A real app, for other processes to call."""
    if gradio_version < "5":
        pytest.skip("needs a server that can cancel")
    return App(server("streaming", version=gradio_version), gradio_version)


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", HEAD + code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_hundreds_of_jobs_need_one_thread(app: Callable[[str], App]) -> None:
    echo = app("text")("/echo")
    echo("once")
    before = set(threading.enumerate())

    jobs = [echo.submit(str(number)) for number in range(300)]
    fresh = {thread.name for thread in set(threading.enumerate()) - before}

    assert [job.result() for job in jobs] == [str(number) for number in range(300)]
    the_fakes = {"spacegen-fake", "AnyIO worker thread"}  # it runs the app's functions in this process
    assert fresh <= {"spacegen-runtime", *the_fakes}


def test_threads_share_a_package(app: Callable[[str], App]) -> None:
    echo = app("text")("/echo")

    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(echo, map(str, range(200)))) == [str(number) for number in range(200)]


def test_so_many_calls_run_at_once(server: Servers) -> None:
    """More connections make the server slower, and looking for a free one among many waiting takes long."""

    async def many() -> list[str]:
        return [*await asyncio.gather(*(echo.aio(str(number)) for number in range(100)))]

    with Proxy(server("text").url) as proxy:
        echo = function(space_at(proxy.url), "/echo")
        assert asyncio.run(many()) == [str(number) for number in range(100)]
        assert proxy.most_open < 30  # 20, and some that were idle for too long and are being closed


def test_open_streams_do_not_keep_calls_waiting(shell: Shell, server: Servers) -> None:
    """However many streams are open, a call from inside of one has a connection."""
    space = space_at(server("streaming").url)
    slow, sleep = function(space, "/slow_async", int), function(space, "/sleep_async", str)

    def nested() -> list[str]:
        with ExitStack() as stack:
            streams = [stack.enter_context(closing(slow.stream(2, 0.01, ""))) for _ in range(25)]
            return [sleep(next(stream) * 0, "") for stream in streams]

    async def anested() -> list[str]:
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(aclosing(slow.astream(2, 0.01, ""))) for _ in range(25)]
            return [await sleep.aio(await anext(stream) * 0, "") for stream in streams]

    assert (nested() if shell.name == "sync" else asyncio.run(anested())) == ["slept 0"] * 25


def test_the_wait_for_a_place_counts(shell: Shell, server: Servers, tmp_path: Path) -> None:
    space = space_at(server("streaming").url)
    space.configure(client_options={"limits": httpx.Limits(max_connections=1)})
    sleep = function(space, "/sleep_async", str)
    first, second = tmp_path / "first", tmp_path / "second"

    def crowd() -> None:
        with ThreadPoolExecutor(1) as threads:
            busy = threads.submit(sleep, 1.5, str(first))
            noted("start", first)
            with pytest.raises(CallTimeout, match=r"total limit of 0\.3 s"):
                sleep.with_options(timeout=0.3)(0, str(second))
            assert busy.result() == "slept 1.5"

    async def acrowd() -> None:
        busy = asyncio.ensure_future(sleep.aio(1.5, str(first)))
        await asyncio.to_thread(noted, "start", first)
        with pytest.raises(CallTimeout, match=r"total limit of 0\.3 s"):
            await sleep.with_options(timeout=0.3).aio(0, str(second))
        assert await busy == "slept 1.5"

    crowd() if shell.name == "sync" else asyncio.run(acrowd())
    assert not second.exists()
    assert shell.call(sleep, 0, "") == "slept 0"


def test_event_loops_come_and_go(app: Callable[[str], App]) -> None:
    echo = app("text")("/echo")

    async def twice() -> list[str]:
        return [*await asyncio.gather(echo.aio("a"), echo.aio("b"))]

    assert [asyncio.run(twice()) for _ in range(3)] == [["a", "b"]] * 3


def test_a_process_ends_with_jobs_in_flight(streaming: App, tmp_path: Path) -> None:
    marks = [tmp_path / str(number) for number in range(3)]

    process = started(IN_FLIGHT, streaming.server.url, *map(str, marks))

    assert process.communicate() == ("leaves\n", "")
    assert process.returncode == 0
    for mark in marks:
        noted("stopped", mark)


def test_a_process_ends_with_a_stream_open(streaming: App, tmp_path: Path, gradio_version: str) -> None:
    needs("5.29", gradio_version, "a generator whose reader is gone stops, but is not closed")
    process = started(OPEN, streaming.server.url, str(tmp_path / "mark"))

    assert process.communicate() == ("leaves\n", "")
    noted("stopped", tmp_path / "mark")


def test_a_process_ends_quietly_with_many_jobs_in_flight(streaming: App) -> None:
    assert started(MANY, streaming.server.url).communicate() == ("", "")


def test_a_call_can_be_made_at_exit(streaming: App) -> None:
    assert started(AT_EXIT, streaming.server.url).communicate() == ("slept 0 slept 0\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_leaves_the_stream_of_its_parent_alone(streaming: App, tmp_path: Path) -> None:
    process = started(FORKED, streaming.server.url, str(tmp_path / "mark"))

    assert process.communicate() == ("ConfigurationError slept 0\n[1, 2, 3, 4]\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_in_the_midst_of_calls_leaves_no_lock_behind(streaming: App) -> None:
    assert started(BUSY, streaming.server.url).communicate() == (f"{[0] * 4}\n", "")


def forked_in_the_first_call(server: App, module: str) -> tuple[list[str], dict[str, Any]]:
    """What a first call imports, and what each way said in a child forked while it imported the module."""
    process = started(FIRST, server.server.url, module)
    try:
        out, errors = process.communicate(timeout=60)
    finally:
        process.kill()  # a child that hangs is what this is about
    assert errors == ""
    names, said = json.loads(out)
    return names, said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_in_the_first_call_of_another_thread_says_what_is_wrong(streaming: App) -> None:
    """Python would wait for ever there for the module that is half imported."""
    names, said = forked_in_the_first_call(streaming, "none")  # when all is imported
    made = dict.fromkeys(("with_options", "session", "copy", "rows"), "made")
    assert said.pop("read")[0] == "FileRefused"
    assert said == {"call": "slept 0", "submit": "slept 0", "configure": None, **made}
    modules = [name for name in names if name]
    assert len(modules) > 50

    for module in modules[:: len(modules) // 4]:
        for way, (kind, why) in forked_in_the_first_call(streaming, module)[1].items():
            assert kind == "ConfigurationError", (module, way)
            assert "while another thread imported" in why
            assert "make one call before you fork" in why


@pytest.mark.parametrize("tidy", [True, False])
def test_an_event_loop_is_freed_after_its_calls(server: Servers, tidy: bool) -> None:
    echo, loops = function(space_at(server("text").url), "/echo"), []
    for _ in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it is untidy
            loop = asyncio.new_event_loop()
            assert loop.run_until_complete(echo.aio("x")) == "x"
            if tidy:
                loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            loops.append(weakref.ref(loop))
            del loop
            gc.collect()

    assert [loop() for loop in loops] == [None] * 3


def test_a_cancel_while_a_stream_winds_up_is_not_lost(server: Servers) -> None:
    slow = function(space_at(server("streaming").url), "/slow_async", float)

    async def main() -> None:
        leaving = asyncio.Event()

        async def leave() -> None:
            steps = slow.astream(50, 0.05, "")
            await anext(steps)
            leaving.set()
            await steps.aclose()

        task = asyncio.ensure_future(leave())
        await leaving.wait()  # it closes the stream now
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_without_an_asyncio_loop_it_says_so() -> None:
    """As under trio, which runs coroutines, too."""
    echo = function(space_at("http://127.0.0.1:1"), "/echo")
    for work in (echo.aio("x"), echo.asubmit("x"), echo.astream("x").__anext__()):
        with pytest.raises(ConfigurationError, match="no asyncio event loop"):
            work.send(None)


def test_an_interrupt_stops_the_job(streaming: App, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    process = started(BLOCKED, streaming.server.url, str(mark))
    noted("start", mark)
    process.send_signal(signal.SIGINT)

    assert "KeyboardInterrupt" in process.communicate()[1]
    noted("stopped", mark)


_inherited: Any = None


def _answer_inherited(texts: list[str], answers: Any) -> None:
    answers.put([*map(_inherited, texts), *(_inherited.submit(text).result() for text in texts)])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system does not fork")
def test_a_forked_child_calls_over_connections_of_its_own(app: Callable[[str], App]) -> None:
    global _inherited
    _inherited = app("text")("/echo")
    assert _inherited.submit("before").result() == "before"  # connections and the thread of jobs exist
    context = multiprocessing.get_context("fork")
    answers: Any = context.Queue()

    child = context.Process(target=_answer_inherited, args=(["a", "b"], answers))
    child.start()
    beside = [_inherited(text) for text in "cde"]

    assert answers.get(timeout=30) == ["a", "b", "a", "b"]
    assert beside == ["c", "d", "e"]
    child.join()
    assert child.exitcode == 0


def test_an_alarm_that_no_thread_can_ring_is_off_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the end of a process that never had an event loop."""

    def refuses() -> None:
        raise ConfigurationError("the process is ending")

    monkeypatch.setattr(alarm, "loop", refuses)
    watch = Alarm(object())
    watch.set(1.0)
    watch.off()

    assert not watch.rang


def test_an_alarm_is_off_before_its_connection_serves_another_call() -> None:
    order: list[str] = []

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"

        def close(self) -> None:
            order.append("back in the pool")

    class Watch(Alarm):
        def off(self) -> None:
            order.append("off")

    response = httpx.Response(200, stream=_Watched(Body(), Watch(None)), request=httpx.Request("GET", "http://a"))
    assert response.read() == b"x"
    assert order == ["off", "back in the pool"]
