"""Jobs of the fake server, the sessions that they belong to, and what happens in one of them. No I/O."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ..protocol.actions import Log, Progressed, Queued
from ._dialect import new_event
from ._offer import Offered
from ._script import Aborted, Garbled, JobFailed, Part, Pause, Script, Step
from ._wire import AnyFuture, Run, WaitForAny

BEAT = 15.0  # seconds of silence after which a server sends a heartbeat


class Reported(NamedTuple):
    """A part that is no value."""

    part: Log | Progressed | Queued


class FunctionStarted(NamedTuple):
    """The function starts."""


class Beat(NamedTuple):
    """Nothing has happened for a while."""


class Ended(NamedTuple):
    """The job is over: with its values, with an error, or cancelled."""

    data: list[Any] | None = None
    refused: JobFailed | None = None


Happening: TypeAlias = "Reported | FunctionStarted | Step | Beat | Ended | Garbled"
Happenings: TypeAlias = "Generator[Happening | Run | WaitForAny, Any, None]"


@dataclass(eq=False)
class FakeJob:
    """One job.

    Attributes:
        stop: Done once the job is cancelled, or its reader has gone.
        simple: Steps are wanted whole, not as differences.
    """

    offered: Offered
    script: Script
    session: FakeSession
    simple: bool = True
    id: str = field(default_factory=new_event)
    stop: AnyFuture = field(default_factory=Future[Any])

    def end(self) -> None:
        """Stop it at its next step."""
        with self.session.lock:
            if not self.stop.done():
                self.stop.set_result(None)

    def happenings(self) -> Happenings:
        """All that happens in it, from the queue to its end."""
        script = self.script
        started = False
        waiting = False
        try:
            part: Part = next(script)
            if not isinstance(part, Queued):
                yield Reported(Queued(0, 1, None))
            while not self.stop.done():
                if isinstance(part, Queued):
                    waiting = True
                elif not started and not (waiting and isinstance(part, Pause)):
                    started = True
                    yield FunctionStarted()
                answer = yield from self._act(part)
                if not self.stop.done():
                    part = script.send(answer)
            yield Ended()
        except StopIteration as end:
            if not started:
                yield Reported(Queued(0, 1, None))
                yield FunctionStarted()
            yield Ended(data=end.value)
        except JobFailed as refused:
            if not started:
                yield FunctionStarted()
            yield Ended(refused=refused)
        except Aborted:
            yield Ended()
        except Garbled as garbled:
            yield garbled
        finally:
            self.session.over(self)
            script.close()

    def _act(self, part: Part) -> Generator[Happening | Run | WaitForAny, Any, Any]:
        match part:
            case Step():
                yield part
            case Log() | Progressed() | Queued():
                yield Reported(part)
            case Run():
                return (yield part)
            case Pause():
                yield from self._wait(WaitForAny((), part.seconds))
            case WaitForAny():
                return (yield from self._wait(part))
        return None

    def _wait(self, wait: WaitForAny) -> Generator[Happening | WaitForAny, Any, bool]:
        left = wait.seconds
        while True:
            turn = BEAT if left is None else min(left, BEAT)
            done: bool = yield WaitForAny((*wait.futures, self.stop), turn)
            if done:
                return any(future.done() for future in wait.futures)
            if left is not None:
                left -= turn
                if left <= 0:
                    return False
            yield Beat()


class FakeSession:
    """What one session hash has: jobs that are not over, in their order."""

    def __init__(self, hash: str, lock: threading.Lock) -> None:  # noqa: A002 # the field's own word
        self.hash = hash
        self.lock = lock
        self.pending: list[FakeJob] = []
        self.dropped = False  # a reader went away in the middle; from then on its streams do not end by themselves

    def over(self, job: FakeJob) -> None:
        """The job is over."""
        with self.lock:
            if job in self.pending:
                self.pending.remove(job)

    def drop(self) -> None:
        """Stop all its jobs: their reader has gone."""
        for job in [*self.pending]:
            self.dropped = True
            job.end()
            self.over(job)


class FakeSessions:
    """All sessions and jobs of a server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, FakeSession] = {}
        self._jobs: dict[str, FakeJob] = {}

    def session(self, session_hash: str) -> FakeSession:
        """The session of a hash, made where it is new."""
        with self._lock:
            found = self._sessions.get(session_hash)
            if found is None:
                found = self._sessions[session_hash] = FakeSession(session_hash, threading.Lock())
            return found

    def known(self, session_hash: str) -> FakeSession | None:
        """The session of a hash that a job was sent in."""
        return self._sessions.get(session_hash)

    def add(self, job: FakeJob) -> FakeJob:
        """Remember a job until it is over."""
        with self._lock:
            self._jobs[job.id] = job
        with job.session.lock:
            job.session.pending.append(job)
        return job

    def job(self, event_id: str) -> FakeJob | None:
        """The job of an event id, if it is not over."""
        job = self._jobs.get(event_id)
        return job if job is not None and job in job.session.pending else None

    def taken(self, event_id: str) -> FakeJob | None:
        """The job of an event id, for the one who reads it; then it is nobody's. A session's hash will do, too."""
        job = self._jobs.pop(event_id, None)
        session = self.known(event_id)
        if job is None and session is not None and session.pending:
            job = session.pending[0]
        return job

    def end_all(self) -> None:
        """Stop every job."""
        for session in [*self._sessions.values()]:
            for job in [*session.pending]:
                job.end()
