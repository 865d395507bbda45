"""A job's happenings as the bytes of an event stream: of the queue, and of /call."""

from __future__ import annotations

import json
from typing import Any

from ._dialect import Dialect
from ._jobs import BEAT, Beat, Ended, FakeJob, FakeSession, FunctionStarted, Reported
from ._script import Garbled, Step
from ._wire import Body, Run, WaitForAny, spaced

NO_JSON = b"data: this is not JSON\n\n"


def session_events(dialect: Dialect, session: FakeSession | None) -> Body:
    """GET /queue/data: every job of a session, one after the other."""
    if session is None:
        fields: dict[str, Any] = {"message": dialect.lost, "success": False}
        if dialect.since(5, 50):
            fields["session_not_found"] = True
        yield dialect.message("unexpected_error", None, **fields)
        return
    try:
        if not session.pending:
            yield from _silence(dialect)
        while session.pending:
            yield from messages(dialect, session.pending[0])
        if session.dropped:
            yield from _silence(dialect)
    except GeneratorExit:
        session.drop()
        raise
    if dialect.cancels:
        yield dialect.message("close_stream", None)


def _silence(dialect: Dialect) -> Body:
    """A stream that nothing comes of, and that does not end by itself."""
    while True:
        yield WaitForAny((), BEAT)
        yield dialect.message("heartbeat", None)


def messages(dialect: Dialect, job: FakeJob) -> Body:
    """A job as messages of the queue."""
    last: list[Any] | None = None
    happenings = job.happenings()
    answer = None
    try:
        while True:
            happening = happenings.send(answer)
            answer = None
            match happening:
                case Run() | WaitForAny():
                    answer = yield happening
                case Reported():
                    yield dialect.told(happening.part, job.id)
                case FunctionStarted():
                    yield dialect.message("process_starts", job.id, eta=None)
                case Step():
                    yield dialect.generating(job.id, _changes(last, happening.data, whole=job.simple))
                    last = happening.data
                case Beat():
                    yield dialect.message("heartbeat", None)
                case Garbled():
                    yield NO_JSON
                case Ended():
                    yield _end(dialect, job, happening)
    except StopIteration:
        return
    finally:
        happenings.close()


def _end(dialect: Dialect, job: FakeJob, ended: Ended) -> bytes:
    if ended.refused is not None:
        return dialect.completed(job.id, dialect.failure(ended.refused), success=False)
    output = {} if ended.data is None else dialect.output(ended.data, more=False)
    return dialect.completed(job.id, output, success=True)


def _changes(before: list[Any] | None, data: list[Any], *, whole: bool) -> list[Any]:
    """The values of a step, or how they differ from those of the last: replaced as a whole, or not at all."""
    if whole or before is None:
        return data
    return [[] if old == new else [["replace", [], new]] for old, new in zip(before, data, strict=True)]


def call_events(dialect: Dialect, job: FakeJob | None) -> Body:
    """GET /call/NAME/EVENT: one job."""
    if job is None:
        yield _event("error", json.dumps(dialect.lost))
        return
    happenings = job.happenings()
    answer = None
    try:
        while True:
            happening = happenings.send(answer)
            answer = None
            match happening:
                case Run() | WaitForAny():
                    answer = yield happening
                case Step():
                    yield _event("generating", spaced(happening.data))
                case Beat():
                    yield _event("heartbeat", "null")
                case Garbled():
                    yield NO_JSON
                case Ended() if happening.refused is not None:
                    yield _event("error", dialect.simple_failure(happening.refused))
                case Ended():
                    yield _event("complete", spaced(happening.data))
                case _:
                    pass
    except StopIteration:
        return
    finally:
        job.end()
        happenings.close()


def _event(kind: str, data: str) -> bytes:
    return f"event: {kind}\ndata: {data}\n\n".encode()


def alive() -> Body:
    """GET /heartbeat/SESSION."""
    yield b"data: ALIVE\n\n"
    while True:
        yield WaitForAny((), BEAT)
        yield b"data: ALIVE\n\n"
