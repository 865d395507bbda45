"""Listening to one job: its messages until it is over, the outputs that they bring, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from .. import errors
from .._json import as_dict, as_list, as_text, copied, to_json
from .actions import Broken, Close, Flow, Joined, Next, Partial, Started, TimedOut, Wait
from .mail import Box
from .messages import app_error, parsed, read_event, status_error
from .request import Sender
from .session import StepInHand, Turn, has_file, has_update, in_hand
from .steps import BEFORE_4_20, edited, kept

DRAIN = 2.0  # seconds that the end of a stream may take after its job


class Listener:
    """What the messages of one job have said so far.

    Attributes:
        event_id: The server's id of the job, once known.
        may_run: True from the moment a request is sent until the job is known to be over.
        accepted: The server has taken the job; no error that comes later may say that nothing has run.
        last: The output list of the last step, with what it left out as it was before.
        unchanged: No answer has changed the session or brought a file so far.
        files: An answer has brought a file.
        box: Where its messages arrive, if the session has one stream for several calls.
        queue_deadline: Until when it may wait in the queue.
    """

    def __init__(self, sender: Sender, turn: Turn, decode: Callable[[list[Any]], Any] | None) -> None:
        self.sender = sender
        self.server = sender.server
        self.turn = turn
        self.decode = decode  # decodes each step, if the caller wants steps
        self.unchanged = True
        self.files = False
        self.box: Box | None = None
        self.queue_deadline: float | None = None
        self.begin()

    def begin(self) -> None:
        """Forget an attempt that was refused, if there was one: what comes now is said of another job."""
        self.event_id: str | None = None
        self.may_run = False
        self.accepted = False
        self.last: list[Any] = []
        self._said: list[Any] = []  # the last step as the server has it: what the edits of 4.17 to 4.19 are about
        self._started = False

    def listen(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """Read messages until the job's own completion."""
        answered: list[Any] = []  # the outputs of an endpoint whose input is a stream
        while True:
            deadline, limit = self._deadline()
            try:
                text = yield from self._next(deadline)
            except TimedOut as late:
                raise TimedOut(limit, late.url) from None
            if text is None:
                raise Broken("the stream ended before the result")
            message = parsed(text)
            if self.event_id is not None and message.get("event_id") not in (None, self.event_id):
                continue
            self.look(text)
            match message.get("msg"):
                case "process_generating" if message.get("success", True):
                    self._take(message)
                    yield from self._hand_over()
                case "process_streaming" if message.get("success", True):
                    answered = self._take(message)
                    yield from self._end_input()
                    yield from self._hand_over()
                case "process_completed":
                    self.may_run = False
                    data = kept(self.last, self._completed(message))
                    return answered or data
                case "send_data":  # 4.0
                    yield from self._send_data(message, body)
                case "queue_full":  # 4.0
                    raise errors.QueueFull("the queue is full; try again later", body=message)
                case "unexpected_error":
                    raise self._unexpected(message)
                case _:
                    event = read_event(message)
                    if event is not None:
                        self._started = self._started or isinstance(event, Started)
                        yield event

    def _take(self, message: Mapping[str, Any]) -> list[Any]:
        """Remember the outputs of a step."""
        data = as_list(as_dict(message.get("output")).get("data"))
        if self.server.protocol == BEFORE_4_20 and self._said:
            try:
                data = edited(self._said, data)
            except ValueError as error:
                raise errors.ProtocolError(f"a step cannot be read: {error}", body=message) from error
        self._said = data
        self.last = kept(self.last, data)
        return self.last

    def _end_input(self) -> Flow[None]:
        """Tell the server that no more input comes.

        Otherwise it keeps a worker waiting until its `time_limit` has passed.
        """
        reply = yield from self.sender.post(f"/stream/{self.event_id}/close", b"")
        if reply.status not in (200, 404):  # 404: its time is over already
            raise status_error(reply)

    def _hand_over(self) -> Flow[None]:
        """Give the step to the caller that iterates, if one does.

        As a copy: what the caller changes in it must not be the base of the next step.
        """
        if self.decode is not None:
            yield from self._step(Partial(self.decode(copied(self.last))))

    def _step(self, step: Partial) -> Flow[None]:
        session = self.turn.session
        if session is None:
            yield step
            return
        held = StepInHand(session)
        in_hand.set(held)  # a generator runs in the context of the code that asks for its next step
        try:
            yield step
        finally:
            held.open = False

    def _deadline(self) -> tuple[float | None, str]:
        """When to give up waiting for a message, and which limit that is."""
        idle = self.sender.options.timeout.idle
        limits = [
            (self.sender.deadline, "total"),
            (None if self._started else self.queue_deadline, "queue"),
            (None if idle is None else monotonic() + idle, "idle"),
        ]
        return min(((at, name) for at, name in limits if at is not None), default=(None, "total"))

    def _send_data(self, message: Mapping[str, Any], body: dict[str, Any]) -> Flow[None]:
        self.event_id = as_text(message.get("event_id"))
        self.may_run = self.accepted = True
        yield Joined(self.event_id)
        content = to_json({"event_data": None, **body, "event_id": self.event_id})
        reply = yield from self.sender.post("/queue/data", content)
        if reply.status != 200:
            raise status_error(reply)

    def _completed(self, message: Mapping[str, Any]) -> list[Any]:
        if not message.get("success"):
            raise app_error(message.get("output"), ran=bool(self.last))
        data = as_dict(message.get("output")).get("data")
        if not isinstance(data, list):  # a cancelled job looks like a success; only the missing data shows it
            raise errors.CallCancelled("the job was cancelled on the server", body=message)
        return as_list(data)

    def _unexpected(self, message: Mapping[str, Any]) -> errors.SpaceError:
        """The server gave up the stream, so the connection cannot be used again."""
        self.may_run = False
        said = str(message.get("message") or "no reason given")
        if message.get("session_not_found") or "404" in said:
            return errors.ConnectionLost(f"the server has lost the job ({said})", body=message)
        return errors.ProtocolError(f"the server gave up: {said}", body=message)

    def look(self, answer: str | bytes) -> None:
        """Note what an answer changes in the session."""
        self.files = self.files or has_file(answer)
        self.unchanged = self.unchanged and not self.files and not has_update(answer)

    def _next(self, deadline: float | None) -> Flow[str | None]:
        """The next message of the stream."""
        if self.box is None:
            text: str | None = yield Next(deadline)
            return text
        while not isinstance(news := self.box.take(), str):
            yield Wait(news, deadline)
        return news

    def drain(self) -> Flow[bool]:
        """Read to the end of the stream, so that its connection and its hash can be used again."""
        if self.box is not None:
            return True
        if not self.turn.closes:  # after a dropped stream, the server never ends the streams of this session
            yield Close()
            return True
        until = monotonic() + DRAIN
        try:
            while (text := (yield Next(until, soft=True))) is not None:
                if '"heartbeat"' in text[:40]:
                    break
            else:
                return True
        except (Broken, TimedOut):
            pass
        yield Close()
        return False
