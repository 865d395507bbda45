"""The ways a job can go: through the queue, or in one request. Flows only, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from .. import errors
from .._json import as_dict, as_list, as_text, parse, to_json
from .._options import Options, Timeouts
from .actions import Broken, Close, Flow, InBackground, Joined, Next, Partial, Sleep, Started, TimedOut, Wait
from .mail import Box, Mail, reading
from .messages import app_error, body_of, json_of, read_event, status_error
from .request import Sender
from .session import StepInHand, Turn, has_file, has_update, in_hand, is_stuck
from .steps import BEFORE_4_20, NO_CALL, edited, kept

CLEAN_UP = 2.0  # seconds that a cancel may take
DRAIN = 2.0  # seconds that the end of a stream may take after its job
MOMENT = 0.1  # seconds in which asyncio closes a stream that a loop was left of
CANCELS = ("sse_v2.1", "sse_v3")  # 4.44 and later; before, /reset stops generators only


class ServerJob:
    """One job on the server, from the request that starts it to its last message.

    Attributes:
        event_id: The server's id of it, once known.
        may_run: True from the moment a request is sent until the job is known to be over.
        last: The output list of the last step, with what it left out as it was before.
        unchanged: No answer has changed the session or brought a file so far.
        files: An answer has brought a file.
    """

    def __init__(
        self, sender: Sender, endpoint: str | int, turn: Turn, decode: Callable[[list[Any]], Any] | None
    ) -> None:
        self.sender = sender
        self.server = sender.server
        self.endpoint = endpoint
        self.turn = turn
        self.decode = decode  # of each step, where steps are wanted
        self.by_number = isinstance(endpoint, int) or "/" in endpoint[1:]  # a name with a slash is on no route
        self.event_id: str | None = None
        self.may_run = False
        self.last: list[Any] = []
        self.unchanged = True
        self.files = False
        self._box: Box | None = None
        self._started = False
        self._queue_deadline: float | None = None

    def wait_for_turn(self) -> Flow[None]:
        """Wait for the calls before this one in its session."""
        session, place = self.turn.session, self.turn.place
        if session is None:
            return
        session.caller = self.server, self.sender.options, self.sender.cookies
        self.turn.enter()
        if place.done():
            return
        if is_stuck(session):
            yield Sleep(MOMENT)
        if is_stuck(session):  # who waits here can never ask for the next step
            raise errors.ConfigurationError(
                "the session still streams to the loop that makes this call, and its calls run one after another;"
                " end the loop first, open another session, or use space.session(parallel=True)"
            )
        yield Wait(place, self.sender.deadline)

    def direct(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """One request: for endpoints outside the queue, and for 3.x, whose queue is a WebSocket."""
        path = f"/run{self.endpoint}"
        if self.by_number:
            path, body["fn_index"] = "/run/predict", (yield from self.sender.fn_index(self.endpoint))
        self.may_run = True
        reply = yield from self.sender.post(path, to_json(body))
        self.may_run = False
        self._look(reply.body)
        if reply.status != 200:
            raise status_error(reply)
        output = as_dict(json_of(reply))
        if not isinstance(output.get("data"), list):
            raise errors.ProtocolError("no result in the answer", url=reply.url, body=body_of(reply))
        if output.get("is_generating"):
            raise errors.Unsupported("this endpoint streams, and its Gradio version streams to browsers only")
        return as_list(output["data"])

    def queued(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """Run the job through the queue; returns the output list."""
        limit = self.sender.options.timeout.queue
        self._queue_deadline = None if limit is None else monotonic() + limit
        try:
            if self.server.protocol == "sse":
                yield from self._open_40(body)
            elif self.turn.session is not None and self.turn.session.mail is not None:
                yield from self._join_beside(body, self.turn.session.mail)
            else:
                yield from self._join(body)
                yield from self._open(f"{self.server.url('/queue/data')}?session_hash={self.turn.hash}")
            return (yield from self._listen(body))
        except GeneratorExit:  # nobody runs this any more, not even to cancel
            raise
        except BaseException as error:
            if self.may_run and not _is_loss(error):  # left early, cancelled, timed out, interrupted
                yield from self._cancel()
            raise
        finally:
            if self._box is not None and self.turn.session is not None and self.turn.session.mail is not None:
                self.turn.session.mail.close(self.event_id)

    def _join_beside(self, body: dict[str, Any], mail: Mail) -> Flow[None]:
        """Join while other calls of the session run: one stream brings the messages of all."""
        if self.server.sync_client is not None or self.server.async_client is not None:
            text = "a parallel session makes connections of its own; use client_options, not http_client"
            raise errors.ConfigurationError(text)
        mail.expect()
        try:
            yield from self._join(body)
        finally:
            self._box = mail.open(self.event_id)
        if mail.needs_reader():
            yield InBackground(reading(mail, self.sender, self.turn.hash), mail.is_done)

    def _next(self, deadline: float | None) -> Flow[str | None]:
        """The next message of the stream."""
        if self._box is None:
            text: str | None = yield Next(deadline)
            return text
        while not isinstance(news := self._box.take(), str):
            yield Wait(news, deadline)
        return news

    def _look(self, answer: str | bytes) -> None:
        """See what an answer leaves behind in the session."""
        self.files = self.files or has_file(answer)
        self.unchanged = self.unchanged and not self.files and not has_update(answer)

    def _join(self, body: dict[str, Any]) -> Flow[None]:
        path = f"/call{self.endpoint}"
        # The queue takes a number; /call takes nothing but inputs (routes.py, SimplePredictBody).
        if self.by_number or self.server.protocol in NO_CALL or "event_data" in body:
            fn_index = yield from self.sender.fn_index(self.endpoint)
            path, body = "/queue/join", {**body, "fn_index": fn_index, "simple_format": True}
        content = to_json(body)
        self.may_run = True
        try:
            reply = yield from self.sender.post(path, content)
        except errors.SpaceError as error:
            self.may_run = _is_doubtful(error)
            raise
        if reply.status != 200:
            self.may_run = False
            raise status_error(reply)
        self.event_id = as_text(as_dict(json_of(reply)).get("event_id"))
        if self.event_id is None:
            self.may_run = False
            raise errors.ProtocolError("no event id in the answer to a join", url=reply.url, body=body_of(reply))
        yield Joined(self.event_id)

    def _open_40(self, body: dict[str, Any]) -> Flow[None]:
        """4.0: the stream is the join, and asks for the data when it is the job's turn."""
        body["fn_index"] = yield from self.sender.fn_index(self.endpoint)
        query = f"?fn_index={body['fn_index']}&session_hash={self.turn.hash}"
        yield from self._open(self.server.url("/queue/join") + query)

    def _open(self, url: str) -> Flow[None]:
        reply = yield from self.sender.send(self.sender.request("GET", url, keep="events"))
        if reply.status != 200:
            raise status_error(reply)

    def _listen(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """Read messages until the job's own completion."""
        answered: list[Any] = []  # of an endpoint whose input streams
        while True:
            deadline, limit = self._deadline()
            try:
                text = yield from self._next(deadline)
            except TimedOut as late:
                raise TimedOut(limit, late.url) from None
            if text is None:
                raise Broken("the stream ended before the result")
            message = _parsed(text)
            if self.event_id is not None and message.get("event_id") not in (None, self.event_id):
                continue
            self._look(text)
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
        if self.server.protocol == BEFORE_4_20 and self.last:
            try:
                self.last = edited(self.last, data)
            except ValueError as error:
                raise errors.ProtocolError(f"a step cannot be read: {error}", body=message) from error
        else:
            self.last = kept(self.last, data)
        return self.last

    def _end_input(self) -> Flow[None]:
        """No more input comes; else the server waits for it, worker and all, until its `time_limit` has passed."""
        reply = yield from self.sender.post(f"/stream/{self.event_id}/close", b"")
        if reply.status not in (200, 404):  # 404: its time is over already
            raise status_error(reply)

    def _hand_over(self) -> Flow[None]:
        """Give the step to the caller that iterates, if one does."""
        if self.decode is not None:
            yield from self._step(Partial(self.decode(self.last)))

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
            (None if self._started else self._queue_deadline, "queue"),
            (None if idle is None else monotonic() + idle, "idle"),
        ]
        return min(((at, name) for at, name in limits if at is not None), default=(None, "total"))

    def _send_data(self, message: Mapping[str, Any], body: dict[str, Any]) -> Flow[None]:
        self.event_id = as_text(message.get("event_id"))
        self.may_run = True
        yield Joined(self.event_id)
        content = to_json({"event_data": None, **body, "event_id": self.event_id})
        reply = yield from self.sender.post("/queue/data", content)
        if reply.status != 200:
            raise status_error(reply)

    def _completed(self, message: Mapping[str, Any]) -> list[Any]:
        if not message.get("success"):
            raise app_error(message.get("output"))
        data = as_dict(message.get("output")).get("data")
        if not isinstance(data, list):  # a cancel looks like a success, only the missing data tells
            raise errors.CallCancelled("the job was cancelled on the server", body=message)
        return as_list(data)

    def _unexpected(self, message: Mapping[str, Any]) -> errors.SpaceError:
        """The server gave up the stream, so the connection cannot be used again."""
        self.may_run = False
        said = str(message.get("message") or "no reason given")
        if message.get("session_not_found") or "404" in said:
            return errors.ConnectionLost(f"the server has lost the job ({said})", body=message)
        return errors.ProtocolError(f"the server gave up: {said}", body=message)

    def drain(self) -> Flow[bool]:
        """Read to the end of the stream, so that its connection and its hash can be used again."""
        if self._box is not None:
            return True
        if not self.turn.closes:  # after a drop the server never ends this session's streams
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

    def _cancel(self) -> Flow[None]:
        """Stop the job on the server, as far as its version can; problems on the way change nothing."""
        sender = Sender(self.server, brief(self.sender.options), self.sender.cookies)
        session = self.turn.session
        try:
            if self.event_id is None and (session is None or session.mail is None):
                yield from self._find(sender)
            yield Close()  # closing alone stops a job at its next step; /cancel stops it now
            if self.event_id is None:
                return
            body: dict[str, Any] = {"event_id": self.event_id}
            path = "/reset"
            if self.server.protocol in CANCELS:
                fn_index = yield from sender.fn_index(self.endpoint)
                path, body = "/cancel", {**body, "session_hash": self.turn.hash, "fn_index": fn_index}
            yield from sender.post(path, to_json(body))
        except (Broken, TimedOut, errors.SpaceError):
            pass

    def _find(self, sender: Sender) -> Flow[None]:
        """The id of a job whose join was interrupted: the first message of its session names it."""
        url = f"{self.server.url('/queue/data')}?session_hash={self.turn.hash}"
        reply = yield from sender.send(sender.request("GET", url, keep="events"))
        if reply.status == 200:
            self.event_id = as_text(_parsed((yield Next(sender.deadline)) or "{}").get("event_id"))


def brief(options: Options) -> Options:
    """Options for what is sent while a call winds up."""
    return replace(options, timeout=Timeouts(total=CLEAN_UP, connect=CLEAN_UP), retries=0)


def _is_loss(error: BaseException) -> bool:
    return isinstance(error, (Broken, errors.ConnectionLost, errors.CannotConnect))


def _is_doubtful(error: errors.SpaceError) -> bool:
    """Whether a join that failed like this may have reached the server."""
    late = error.__cause__
    if isinstance(late, TimedOut) and late.limit == "connect":
        return False
    return isinstance(error, (errors.ConnectionLost, errors.CallTimeout))


def _parsed(text: str) -> dict[str, Any]:
    try:
        return as_dict(parse(text))
    except ValueError as error:
        raise errors.ProtocolError("a message is not JSON", body=text[:2000]) from error
