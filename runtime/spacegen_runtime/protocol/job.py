"""Starting a job: through the queue, or in one request. Flows only, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from .. import errors
from .._json import as_dict, as_list, as_text, to_json
from .actions import Broken, Flow, Joined, Sleep, TimedOut, Wait
from .cancelling import cancel
from .listening import Listener
from .mail import Mail, in_background
from .messages import body_of, json_of, status_error
from .request import Sender
from .session import Turn, is_stuck
from .steps import NO_CALL

MOMENT = 0.1  # seconds that asyncio may need to close a stream after its loop was left


class ServerJob(Listener):
    """One job on the server, from the request that starts it to its last message.

    Attributes:
        endpoint: Its api name, or its number.
        by_number: It can only be called by its number.
    """

    def __init__(
        self, sender: Sender, endpoint: str | int, turn: Turn, decode: Callable[[list[Any]], Any] | None
    ) -> None:
        super().__init__(sender, turn, decode)
        self.endpoint = endpoint
        # A name that contains a slash has no route
        self.by_number = isinstance(endpoint, int) or "/" in endpoint[1:]

    def wait_for_turn(self) -> Flow[None]:
        """Wait for the calls before this one in its session."""
        session, place = self.turn.session, self.turn.place
        if session is None:
            return
        self.turn.enter()
        if place.done():
            return
        if is_stuck(session):
            yield Sleep(MOMENT)
        if is_stuck(session):  # a caller that waits here can never ask for the next step
            raise errors.ConfigurationError(
                "the session still streams to the loop that makes this call, and its calls run one after another;"
                " end the loop first, open another session, or use space.session(parallel=True)"
            )
        yield Wait(place, self.sender.deadline)

    def direct(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """One request: for endpoints outside the queue, and for 3.x, whose queue is a WebSocket."""
        self.begin()
        path = f"/run{self.endpoint}"
        if self.by_number:
            path, body["fn_index"] = "/run/predict", (yield from self.sender.fn_index(self.endpoint))
        self.may_run = True
        reply = yield from self.sender.post(path, to_json(body), runs=True)
        if reply.status in (502, 504):  # a server in front of the app does not know what became of it
            said = {"status": reply.status, "url": reply.url, "body": body_of(reply)}
            raise errors.ConnectionLost(str(status_error(reply)), **said)
        self.may_run = False
        self.look(reply.body)
        if reply.status != 200:
            raise status_error(reply)
        self.accepted = True
        output = as_dict(json_of(reply))
        if not isinstance(output.get("data"), list):
            raise errors.ProtocolError("no result in the answer", url=reply.url, body=body_of(reply))
        if output.get("is_generating"):
            raise errors.Unsupported("this endpoint streams, and its Gradio version streams to browsers only")
        return as_list(output["data"])

    def queued(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """Run the job through the queue; returns the output list."""
        self.begin()
        limit = self.sender.options.timeout.queue
        self.queue_deadline = None if limit is None else monotonic() + limit
        try:
            if self.server.protocol == "sse":
                yield from self._open_40(body)
            elif self.turn.session is not None and self.turn.session.mail is not None:
                yield from self._join_beside(body, self.turn.session.mail)
            else:
                yield from self._join(body)
                yield from self._open(f"{self.server.url('/queue/data')}?session_hash={self.turn.hash}")
            return (yield from self.listen(body))
        except GeneratorExit:  # the flow was abandoned: not even a cancel could be sent
            raise
        except BaseException as error:
            if self.may_run and not _is_loss(error):  # left early, cancelled, timed out, interrupted
                self.event_id = yield from cancel(self.sender, self.endpoint, self.turn, self.event_id)
            raise
        finally:
            if self.box is not None and self.turn.session is not None and self.turn.session.mail is not None:
                self.turn.session.mail.close(self.event_id)

    def _join_beside(self, body: dict[str, Any], mail: Mail) -> Flow[None]:
        """Join while other calls of the session run: one stream carries the messages of all of them."""
        if self.server.sync_client is not None or self.server.async_client is not None:
            text = "a parallel session opens its own connections; use client_options instead of http_client"
            raise errors.ConfigurationError(text)
        while (leaving := mail.expect()) is not None:
            yield Wait(leaving, self.sender.deadline)
        try:
            yield from self._join(body)
        finally:
            self.box = mail.open(self.event_id)
        reader = mail.reader()
        if reader is not None:
            yield in_background(mail, reader, self.sender, self.turn.hash)

    def _join(self, body: dict[str, Any]) -> Flow[None]:
        path = f"/call{self.endpoint}"
        # The queue takes a number; /call accepts only inputs (routes.py, SimplePredictBody).
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
        self.accepted = True
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


def _is_loss(error: BaseException) -> bool:
    return isinstance(error, (Broken, errors.ConnectionLost))


def _is_doubtful(error: errors.SpaceError) -> bool:
    """Whether a join that failed like this may have reached the server."""
    late = error.__cause__
    if isinstance(late, TimedOut) and late.limit == "connect":
        return False
    return isinstance(error, (errors.ConnectionLost, errors.CallTimeout))
