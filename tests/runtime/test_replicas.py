"""Behind a balancer that tells visitors apart by a cookie, each call stays with the replica that took it."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from runtime.conftest import Shell, function, space_at
from spacegen_runtime import Endpoint, FileData, Space

LATEST = 30.0  # seconds; for what comes at once
AT_ONCE = 4


class Balancer:
    """Two replicas; whoever comes without a cookie gets the one whose turn it is, and a cookie for it.

    Attributes:
        before: Called with a job's argument and what it is asked for before the answer.
        jobs: The jobs of each session hash that no stream has ended yet: replica and argument of each.
        ended: The replicas that were told of the end of a session.
    """

    def __init__(self, before: Callable[[str, str], object] = lambda argument, what: None) -> None:
        self.before = before
        self.jobs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.ended: list[str] = []
        self._turns = 0
        self._lock = threading.Lock()

    def space(self) -> Space:
        space = space_at("http://127.0.0.1:9")
        space.configure(retries=0, client_options={"transport": httpx.MockTransport(self.answer)})
        return space

    def answer(self, request: httpx.Request) -> httpx.Response:
        cookies = SimpleCookie(request.headers.get("cookie", ""))
        replica = cookies["replica"].value if "replica" in cookies else None
        headers: dict[str, str] = {}
        if replica is None:
            with self._lock:
                self._turns += 1
                replica = "AB"[self._turns % 2]
            headers["set-cookie"] = f"replica={replica}; Path=/"
        path = request.url.path
        if "/call/" in path:
            body = json.loads(request.content)
            self.jobs[body["session_hash"]].append((replica, body["data"][0]))
            self.before(body["data"][0], "join")
            return httpx.Response(200, json={"event_id": body["data"][0]}, headers=headers)
        if "/queue/data" in path:
            return self._stream(replica, request.url.params["session_hash"])
        if "/heartbeat/" in path:
            self.ended.append(replica)
        where = path.partition("/file=")[2]
        return httpx.Response(200 if where == f"/{replica}" else 404, content=replica.encode())

    def _stream(self, replica: str, session_hash: str) -> httpx.Response:
        messages: list[dict[str, Any]] = [{"msg": "heartbeat"}]
        for took, argument in self.jobs.pop(session_hash, []):
            self.before(argument, "stream")
            if took != replica:
                messages.append({"msg": "unexpected_error", "message": "404", "session_not_found": True})
                continue
            output = {"data": [{"path": f"/{replica}", "meta": {"_type": "gradio.FileData"}}]}
            done = {"msg": "process_completed", "event_id": argument, "success": True, "output": output}
            messages.append(done)
        text = "".join(f"data: {json.dumps(message)}\n\n" for message in messages)
        return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})


def called(shell: Shell, target: Endpoint[..., Any], argument: str) -> str:
    """Which replica a call went to, with all of its requests."""
    file: FileData = shell.call(target, argument)
    return shell.read(file).decode()


def test_each_call_of_a_cold_burst_stays_where_its_join_was(shell: Shell) -> None:
    """All of them come without a cookie, and get different ones."""
    together = threading.Barrier(AT_ONCE)
    balancer = Balancer(lambda argument, what: what == "join" and together.wait(LATEST))
    do = function(balancer.space(), "/do", FileData)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        replicas = list(pool.map(lambda argument: called(shell, do, argument), "abcd"))

    assert sorted(replicas) == ["A", "A", "B", "B"]


@pytest.mark.parametrize("parallel", [False, True])
def test_all_calls_of_a_cold_burst_in_one_session_go_to_one_replica(shell: Shell, parallel: bool) -> None:
    """Each would be sent without a cookie, and to another replica, if the first one were not waited for."""
    second = threading.Event()
    seen: list[str] = []

    def before(argument: str, what: str) -> None:
        if what == "join":
            seen.append(argument)
            second.wait(0.2) if len(seen) == 1 else second.set()

    balancer = Balancer(before)
    space = balancer.space()
    do = function(space, "/do", FileData)
    session = space.session(parallel=parallel)

    def one(argument: str) -> str:
        with session:
            return called(shell, do, argument)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        replicas = list(pool.map(one, "abcd"))

    assert len({*replicas}) == 1


class LateStranger:
    """A call without a cookie, which the second replica gets in the middle of the join of another call."""

    def __init__(self, shell: Shell, during: str) -> None:
        self.shell, self.during = shell, during
        self.came, self.go, self.told = threading.Event(), threading.Event(), threading.Event()
        self.balancer = Balancer(self.before)
        self.space = self.balancer.space()
        self.do = function(self.space, "/do", FileData)

    def before(self, argument: str, what: str) -> None:
        if (argument, what) == ("stranger", "join"):
            self.came.set()
            assert self.go.wait(LATEST)
        elif (argument, what) == ("stranger", "stream"):
            self.told.set()  # its own cookie has been taken
        elif (argument, what) == (self.during, "join"):
            self.go.set()
            assert self.told.wait(LATEST)

    def begin(self, pool: ThreadPoolExecutor) -> Future[str]:
        stranger = pool.submit(called, self.shell, self.do, "stranger")
        assert self.came.wait(LATEST)
        return stranger


def test_a_call_keeps_the_cookie_that_it_began_with(shell: Shell) -> None:
    late = LateStranger(shell, "second")
    with ThreadPoolExecutor(1) as pool:
        stranger = late.begin(pool)
        replicas = [called(shell, late.do, argument) for argument in ("first", "second")]

        assert (replicas, stranger.result(LATEST)) == (["A", "A"], "B")


def test_all_calls_of_a_session_go_to_one_replica(shell: Shell) -> None:
    """It has the session's state; other calls of the same caller may have been told another one meanwhile."""
    late = LateStranger(shell, "second")
    with ThreadPoolExecutor(1) as pool:
        stranger = late.begin(pool)
        with late.space.session():
            replicas = [called(shell, late.do, argument) for argument in ("first", "second", "third")]

        assert (replicas, stranger.result(LATEST)) == (["A"] * 3, "B")
        assert late.balancer.ended == ["A"]


def test_a_session_stays_with_its_replica_when_options_change(shell: Shell) -> None:
    balancer = Balancer()
    space = balancer.space()
    do = function(space, "/do", FileData)
    with space.session():
        first = called(shell, do, "first")
        space.configure(timeout=30)

        assert called(shell, do, "second") == first
    assert balancer.ended == [first]
