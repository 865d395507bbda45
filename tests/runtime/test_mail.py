"""One stream for a parallel session: one reader at a time, and no call joins while it closes its stream."""

from __future__ import annotations

from typing import Any

import pytest
from spacegen_runtime._options import Options
from spacegen_runtime.protocol.actions import Broken, Close, Finished, Flow, InBackground, Reply
from spacegen_runtime.protocol.mail import Box, Mail, in_background
from spacegen_runtime.protocol.request import Sender
from spacegen_runtime.protocol.server import Server

HEARTBEAT = '{"msg": "heartbeat"}'


def joined(mail: Mail, event_id: str) -> Box:
    assert mail.expect() is None
    box = mail.open(event_id)
    assert box is not None
    return box


def started(mail: Mail) -> tuple[InBackground, Flow[None]]:
    """A reader whose stream is open."""
    reader = mail.reader()
    assert reader is not None
    server = Server("http://127.0.0.1:9", prefix="", protocol="sse_v3")
    work = in_background(mail, reader, Sender(server, Options()), "hash")
    next(work.flow)
    work.flow.send(Reply(200, {}, b"", ""))
    return work, work.flow


def test_nobody_joins_while_the_reader_closes_its_stream() -> None:
    mail = Mail()
    joined(mail, "first")
    work, flow = started(mail)
    mail.close("first")
    closing: Any = flow.send(HEARTBEAT)

    assert isinstance(closing, Close)
    waits = mail.expect()
    assert waits is not None
    assert isinstance(flow.send(None), Finished)
    assert not waits.done()
    work.ended()
    assert waits.done()
    joined(mail, "second")
    assert mail.reader() is not None


def test_a_reader_that_is_told_to_stop_is_no_trouble_to_the_next_call() -> None:
    mail = Mail()
    joined(mail, "first")
    work, _ = started(mail)

    assert not work.is_over()
    mail.close("first")
    assert work.is_over()
    assert mail.expect() is not None
    work.ended()
    box = joined(mail, "second")
    assert mail.reader() is not None
    work.ended()
    assert work.is_over()
    assert not isinstance(box.take(), str)  # it waits


def test_a_call_that_joins_in_time_keeps_the_reader() -> None:
    mail = Mail()
    joined(mail, "first")
    work, flow = started(mail)
    mail.close("first")
    box = joined(mail, "second")

    assert mail.reader() is None
    assert not work.is_over()
    flow.send(HEARTBEAT)
    flow.send('{"event_id": "second"}')
    assert box.take() == '{"event_id": "second"}'


def test_all_calls_hear_of_a_stream_that_broke_and_the_next_has_a_reader_of_its_own() -> None:
    mail = Mail()
    box = joined(mail, "first")
    work, flow = started(mail)

    assert isinstance(flow.throw(Broken("gone")), Finished)
    with pytest.raises(Broken, match="the stream of the session broke: gone"):
        box.take()
    mail.close("first")
    other = joined(mail, "second")
    assert mail.reader() is not None
    work.ended()  # its task is over only now
    assert not isinstance(other.take(), str)


def test_calls_hear_of_a_reader_that_was_given_up() -> None:
    mail = Mail()
    box = joined(mail, "first")
    work, _ = started(mail)
    work.ended()
    with pytest.raises(Broken, match="was given up"):
        box.take()
