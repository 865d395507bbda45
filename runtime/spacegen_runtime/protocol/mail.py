"""One stream for all calls of a session that run side by side: Gradio gives a session hash only one.

With two streams for one hash, each message would go to one of them at random, and the end of either would end
every job of the hash. So one flow reads, in the background, and each call takes its own messages.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import replace

from .. import errors
from .._json import as_text
from .._options import Timeouts
from .actions import Broken, Close, Finished, Flow, InBackground, Next, TimedOut
from .messages import parsed, status_error
from .request import Sender


class Box:
    """The messages of one call, as they arrive."""

    def __init__(self, lock: threading.Lock) -> None:
        self.is_claimed = False  # by the call that has this event id
        self._lock = lock
        self._texts: deque[str] = deque()
        self._failure: str | None = None
        self._news: Future[None] = Future()

    def put(self, text: str | None, failure: str | None = None) -> None:
        """Add a message, or say why there are no more; the caller holds the lock."""
        if text is not None:
            self._texts.append(text)
        self._failure = failure or self._failure
        if not self._news.done():
            self._news.set_result(None)

    def take(self) -> str | Future[None]:
        """The next message, or a future that is done when there is news.

        Raises:
            Broken: The stream has ended.
        """
        with self._lock:
            if self._texts:
                return self._texts.popleft()
            if self._failure is not None:
                raise Broken(self._failure)
            self._news = Future()
            return self._news


Reader = Future[None]
"""The right to read the stream of a session; done when it is given up, and the stream with it."""


class Mail:
    """The calls that wait for messages of one session hash, and which flow reads those.

    The server ends all jobs of the hash with the stream, so nobody joins while a reader closes its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boxes: dict[str, Box] = {}
        self._joining = 0
        self._reader: Reader | None = None
        self._leaving = False  # the reader is about to close its stream

    def expect(self) -> Reader | None:
        """A call is about to join; messages may come before it knows its event id.

        Returns:
            None, or what the call must wait for before it asks again.
        """
        with self._lock:
            if self._reader is not None and self._leaving:
                return self._reader
            self._joining += 1
            return None

    def open(self, event_id: str | None) -> Box | None:
        """The box of a call that has joined, or tried to."""
        with self._lock:
            self._joining -= 1
            if event_id is None:
                return None
            box = self._boxes.setdefault(event_id, Box(self._lock))
            box.is_claimed = True
            return box

    def close(self, event_id: str | None) -> None:
        """Drop the box of a call that has ended."""
        with self._lock:
            self._boxes.pop(event_id or "", None)

    def reader(self) -> Reader | None:
        """The right to read, unless somebody has it; the caller that gets it must start reading."""
        with self._lock:
            if self._reader is not None:
                return None
            self._reader, self._leaving = Reader(), False
            return self._reader

    def deliver(self, event_id: str | None, text: str) -> None:
        """Hand a message to the call that it is for."""
        with self._lock:
            if event_id is None:
                return
            box = self._boxes.get(event_id)
            if box is None and self._joining:
                box = self._boxes[event_id] = Box(self._lock)
            if box is not None:
                box.put(text)

    def leaves(self, reader: Reader) -> bool:
        """Whether this reader must stop, because nobody waits for anything; the next call needs another one."""
        with self._lock:
            if reader is not self._reader:
                return True
            if not self._leaving and not self._joining:
                self._boxes = {name: box for name, box in self._boxes.items() if box.is_claimed}
                self._leaving = not self._boxes
            return self._leaving

    def end(self, reader: Reader, why: str) -> None:
        """This reader has stopped, for a reason that the calls are told which still wait for messages."""
        with self._lock:
            if reader is self._reader:
                self._reader = None
                for box in self._boxes.values():
                    box.put(None, f"the stream of the session {why}")
                reader.set_result(None)


def in_background(mail: Mail, reader: Reader, call: Sender, session_hash: str) -> InBackground:
    """Read the session's stream as long as calls wait for messages; nobody waits for this flow.

    Args:
        mail: Who waits.
        reader: The right to read.
        call: How the first of them talks to the server.
        session_hash: The session.
    """
    sender = Sender(call.server, replace(call.options, timeout=Timeouts()), call.cookies)
    url = f"{call.server.url('/queue/data')}?session_hash={session_hash}"
    return InBackground(
        _reading(mail, reader, sender, url),
        is_over=lambda: mail.leaves(reader),
        ended=lambda: mail.end(reader, "was given up"),
    )


def _reading(mail: Mail, reader: Reader, sender: Sender, url: str) -> Flow[None]:
    try:
        while not mail.leaves(reader):
            reply = yield from sender.send(sender.request("GET", url, keep="events"))
            if reply.status != 200:
                raise status_error(reply)
            yield from _until_end(mail, reader)
    except (Broken, TimedOut, errors.SpaceError) as error:
        mail.end(reader, f"broke: {error}")
    yield Finished(None)


def _until_end(mail: Mail, reader: Reader) -> Flow[None]:
    """Read one stream; the server ends it when no job of the session is left."""
    came = False
    while (text := (yield Next())) is not None:
        message = parsed(text)
        came = True
        if message.get("msg") == "unexpected_error":
            raise errors.ProtocolError(f"the server gave up: {message.get('message')}", body=message)
        if message.get("msg") == "heartbeat" and mail.leaves(reader):
            yield Close()  # after an earlier stream was lost, the server never ends one
            return
        mail.deliver(as_text(message.get("event_id")), text)
    if not came:
        raise Broken("it ended before the result")
