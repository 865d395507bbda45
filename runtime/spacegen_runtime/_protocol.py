"""One call, from arguments to result: which way it goes and what its messages mean. Flows only, no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from . import _errors as errors
from . import _messages as messages
from . import _published as published
from ._actions import Broken, Close, Event, Finished, Flow, Next, Partial, Request, Started, TimedOut, Wait
from ._adapt import changed, regained, slots_of
from ._arguments import NOWHERE, Encoder, file_paths, full_slots, to_json
from ._exchange import Exchange, explicit_token
from ._file_data import Access
from ._files import upload
from ._options import Options, Timeouts
from ._results import Context, decoder_for
from ._server import Lease, Server, SessionState

CLEAN_UP = 2.0  # seconds that a cancel may take
CANCELS = ("sse_v2.1", "sse_v3")  # 4.44 and later; before, /reset stops generators only


@dataclass(frozen=True, slots=True)
class Plan:
    """What a generated function says about one call."""

    endpoint: str | int
    arguments: Mapping[str, Any]
    returns: Any
    files: tuple[str, ...] = ()
    hidden_inputs: tuple[int, ...] = ()
    hidden_outputs: tuple[int, ...] = ()
    stateful: bool = False
    queued: bool = True
    oauth: bool = False
    package: str | None = None


def call(
    plan: Plan, server: Server, options: Options, session: SessionState | None = None, *, steps: bool = False
) -> Flow[None]:
    """Run one call; the last event is `Finished`. With `steps`, what a generator yields comes as `Partial`."""
    job = _Job(plan, Exchange(server, options), session, steps=steps)
    try:
        yield from job.run()
    except errors.SpaceError as error:
        error.endpoint = error.endpoint or str(plan.endpoint)
        error.event_id = error.event_id or job.event_id
        error.url = error.url or server.base
        raise


class _Job:
    def __init__(self, plan: Plan, exchange: Exchange, session: SessionState | None, *, steps: bool) -> None:
        self.plan = plan
        self.exchange = exchange
        self.server = exchange.server
        self.session = session
        self.steps = steps
        self.decoder = decoder_for(plan.returns)
        self.context = Context(str(plan.endpoint), Access(exchange.server, exchange.options))
        self.event_id: str | None = None
        self.may_run = False  # from the moment a join is sent until its job is known to be over
        self.started = False
        self.queue_deadline: float | None = None
        self.last: Any = None

    def run(self) -> Flow[None]:
        values = yield from self._values()
        session = self.session
        lease = session.line_up() if session else self.server.lease(fresh=self.plan.stateful)
        clean = False
        try:
            if lease.before is not None:
                yield Wait(lease.before, self.exchange.deadline)
            data = yield from self._adapting(values, lease)
            clean = yield from self._drain(lease)
        except errors.SpaceError:
            if not self.may_run:  # the app refused, and ended the stream in an orderly way
                clean = yield from self._drain(lease)
            raise
        except Broken as broken:
            raise self._lost(broken) from broken
        except TimedOut as late:
            raise self.exchange.timed_out(late.limit, url=late.url) from late
        finally:
            lease.release(clean=clean)
        yield Finished(self._decode(data), repeats=self.steps and self.last == data)

    def _values(self) -> Flow[list[Any]]:
        """The arguments as JSON takes them, files uploaded."""
        plan, options = self.plan, self.exchange.options
        arguments = {
            name: published.default(plan.package, plan.endpoint, name) if value is published.PUBLISHED else value
            for name, value in plan.arguments.items()
        }
        if options.validate:
            self._validate(arguments)
        tree = file_paths(plan.files) if plan.files else NOWHERE
        encoder = Encoder(self.server, options)
        values = [encoder.encode(value, tree.get(name, NOWHERE)) for name, value in arguments.items()]
        if encoder.pending:
            yield from upload(self.exchange, encoder.pending)
        return values

    def _validate(self, arguments: Mapping[str, Any]) -> None:
        found = published.problems(self.plan.package, self.plan.endpoint, arguments)
        if found:
            text = "; ".join(f"{name}: {why}" for name, why in found.items())
            raise errors.InputRefused(f"not sent: {text}", problems=found)

    def _adapting(self, values: Sequence[Any], lease: Lease) -> Flow[list[Any]]:
        """Go; where the Space turns out to have changed, once more with what it wants now."""
        try:
            return (yield from self._go(values, lease))
        except errors.SpaceError as error:
            if self.may_run or not (yield from self._adapted(error, len(values))):
                raise self._explained(error) from error.__cause__
        yield from self._drain(lease)
        self.event_id = None
        return (yield from self._go(values, lease))

    def _adapted(self, error: errors.SpaceError, count: int) -> Flow[bool]:
        if isinstance(error, errors.BadStatus) and error.status in (404, 405, 500):
            return (yield from changed(self.exchange, self.plan.endpoint, self.plan.hidden_inputs, count))
        if isinstance(error, (errors.AppError, errors.InputRefused)):
            return (yield from regained(self.exchange, self.plan.endpoint, error, self._inputs(count)))
        return False

    def _explained(self, error: errors.SpaceError) -> errors.SpaceError:
        """Add what the stub knows about choices and ranges to a refusal by the app."""
        if not isinstance(error, (errors.InputRefused, errors.AppError)):
            return error
        known = published.problems(self.plan.package, self.plan.endpoint, self.plan.arguments)
        hidden = isinstance(error, errors.AppError) and error.hidden
        if known and (hidden or isinstance(error, errors.InputRefused)):
            text = "; ".join(f"{name}: {why}" for name, why in known.items())
            error.args = (f"{error.args[0]} (known when the package was written: {text})",)
            if isinstance(error, errors.InputRefused):
                error.problems = {**known, **error.problems}
        return error

    def _inputs(self, count: int) -> int:
        return count + len(slots_of(self.server, self.plan.endpoint, self.plan.hidden_inputs, count))

    def _go(self, values: Sequence[Any], lease: Lease) -> Flow[list[Any]]:
        hidden = slots_of(self.server, self.plan.endpoint, self.plan.hidden_inputs, len(values))
        body: dict[str, Any] = {"data": full_slots(values, hidden), "session_hash": lease.hash}
        if self.plan.oauth and (token := explicit_token(self.exchange.options)):
            body["oauth_token"] = token
        name = self.plan.endpoint
        by_number = isinstance(name, int) or "/" in name[1:]
        if self.server.protocol == "ws":
            return (yield from self._direct(body, by_number=by_number))
        if not self.plan.queued and not by_number and not self.steps:
            return (yield from self._direct(body, by_number=False))
        return (yield from self._queue(body, lease, by_number=by_number))

    def _direct(self, body: dict[str, Any], *, by_number: bool) -> Flow[list[Any]]:
        """One request: for endpoints outside the queue, and for 3.x, whose queue is a WebSocket."""
        path = f"/run{self.plan.endpoint}"
        if by_number:
            path, body["fn_index"] = "/run/predict", (yield from self._fn_index())
        self.may_run = True
        reply = yield from self.exchange.post(path, to_json(body))
        self.may_run = False
        if reply.status != 200:
            raise messages.status_error(reply)
        output = messages.json_of(reply)
        if not isinstance(output, dict) or not isinstance(output.get("data"), list):
            raise errors.ProtocolError("no result in the answer", url=reply.url, body=output)
        if output.get("is_generating"):
            raise errors.Unsupported("this endpoint streams, and its Gradio version streams to browsers only")
        return list(output["data"])

    def _queue(self, body: dict[str, Any], lease: Lease, *, by_number: bool) -> Flow[list[Any]]:
        limit = self.exchange.options.timeout.queue
        self.queue_deadline = None if limit is None else monotonic() + limit
        try:
            if self.server.protocol == "sse":
                yield from self._open_40(body, lease)
            else:
                yield from self._join(body, by_number=by_number)
                yield from self._open(f"{self.server.url('/queue/data')}?session_hash={lease.hash}")
            return (yield from self._listen(body))
        except BaseException as error:
            if self.may_run and not _is_loss(error):  # left early, cancelled, timed out, interrupted
                yield from self._cancel(lease)
            raise

    def _join(self, body: dict[str, Any], *, by_number: bool) -> Flow[None]:
        path = f"/call{self.plan.endpoint}"
        if by_number:  # a name with a slash is on no route; the queue takes its number
            fn_index = yield from self._fn_index()
            path, body = "/queue/join", {**body, "fn_index": fn_index, "simple_format": True}
        content = to_json(body)
        self.may_run = True
        try:
            reply = yield from self.exchange.post(path, content)
        except errors.SpaceError as error:  # all but these two say that nothing runs
            self.may_run = isinstance(error, (errors.ConnectionLost, errors.CallTimeout))
            raise
        if reply.status != 200:
            self.may_run = False
            raise messages.status_error(reply)
        answer = messages.json_of(reply)
        if not isinstance(answer, dict) or "event_id" not in answer:
            self.may_run = False
            raise errors.ProtocolError("no event id in the answer to a join", url=reply.url, body=answer)
        self.event_id = answer["event_id"]

    def _open_40(self, body: dict[str, Any], lease: Lease) -> Flow[None]:
        """4.0: the stream is the join, and asks for the data when it is the job's turn."""
        body["fn_index"] = yield from self._fn_index()
        query = f"?fn_index={body['fn_index']}&session_hash={lease.hash}"
        yield from self._open(self.server.url("/queue/join") + query)

    def _open(self, url: str) -> Flow[None]:
        reply = yield from self.exchange.send(Request("GET", url, self.exchange.headers, keep="events"))
        if reply.status != 200:
            raise messages.status_error(reply)

    def _fn_index(self, exchange: Exchange | None = None) -> Flow[int]:
        if isinstance(self.plan.endpoint, int):
            return self.plan.endpoint
        config = yield from (exchange or self.exchange).config()
        found = config.fn_index(self.plan.endpoint)
        if found is None:
            raise errors.EndpointChanged("the Space has no such endpoint any more; run `spacegen update`")
        return found

    def _listen(self, body: dict[str, Any]) -> Flow[list[Any]]:
        """Read messages until the job's own completion."""
        while True:
            text = yield Next(self._deadline())
            if text is None:
                raise Broken("the stream ended before the result")
            message = _parsed(text)
            if message.get("event_id") not in (None, self.event_id):
                continue
            match message.get("msg"):
                case "process_generating" | "process_streaming":
                    if self.steps and message.get("success", True):
                        yield self._partial(message)
                case "process_completed":
                    self.may_run = False
                    return self._completed(message)
                case "send_data":  # 4.0
                    yield from self._send_data(message, body)
                case "queue_full":  # 4.0
                    raise errors.QueueFull("the queue is full; try again later", body=message)
                case "unexpected_error":
                    raise self._unexpected(message)
                case _:
                    event = messages.read_event(message)
                    if event is not None:
                        self.started = self.started or isinstance(event, Started)
                        yield event

    def _deadline(self) -> float | None:
        idle = self.exchange.options.timeout.idle
        limits = (
            self.exchange.deadline,
            None if self.started else self.queue_deadline,
            None if idle is None else monotonic() + idle,
        )
        return min((limit for limit in limits if limit is not None), default=None)

    def _send_data(self, message: Mapping[str, Any], body: dict[str, Any]) -> Flow[None]:
        self.event_id = message.get("event_id")
        self.may_run = True
        content = to_json({**body, "event_id": self.event_id, "event_data": None})
        reply = yield from self.exchange.post("/queue/data", content)
        if reply.status != 200:
            raise messages.status_error(reply)

    def _partial(self, message: Mapping[str, Any]) -> Event:
        self.last = (message.get("output") or {}).get("data") or []
        return Partial(self._decode(self.last))

    def _completed(self, message: Mapping[str, Any]) -> list[Any]:
        output = message.get("output")
        if not message.get("success"):
            raise messages.app_error(output)
        data = output.get("data") if isinstance(output, dict) else None
        if not isinstance(data, list):  # a cancel looks like a success, only the missing data tells
            raise errors.CallCancelled("the job was cancelled on the server", body=message)
        return data

    def _unexpected(self, message: Mapping[str, Any]) -> errors.SpaceError:
        """The server gave the stream up; the connection is of no more use."""
        self.may_run = False
        said = str(message.get("message") or "no reason given")
        if message.get("session_not_found") or "404" in said:
            return errors.ConnectionLost(f"the server has lost the job ({said}); it may have run", body=message)
        return errors.ProtocolError(f"the server gave up: {said}", body=message)

    def _decode(self, data: list[Any]) -> Any:
        slots = self.server.slots.get(self.plan.endpoint)
        hidden = self.plan.hidden_outputs
        if slots is not None and len(data) == slots.outputs:
            hidden = slots.hidden_outputs
        shown = [value for at, value in enumerate(data) if at not in hidden] if hidden else data
        return self.decoder.decode(shown, self.context)

    def _drain(self, lease: Lease) -> Flow[bool]:
        """Read to the end of the stream, so that its connection and its hash can be used again."""
        if not lease.closes:  # after a drop the server never ends this session's streams
            yield Close()
            return True
        until = monotonic() + 2.0
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

    def _cancel(self, lease: Lease) -> Flow[None]:
        """Stop the job on the server, as far as its version can; problems on the way change nothing."""
        brief = replace(self.exchange.options, timeout=Timeouts(total=CLEAN_UP, connect=CLEAN_UP), retries=0)
        exchange = Exchange(self.server, brief)
        try:
            if self.event_id is None:
                yield from self._find(exchange, lease)
            yield Close()  # closing alone stops a job at its next step; /cancel stops it now
            if self.event_id is None:
                return
            body: dict[str, Any] = {"event_id": self.event_id}
            path = "/reset"
            if self.server.protocol in CANCELS:
                fn_index = yield from self._fn_index(exchange)
                path, body = "/cancel", {**body, "session_hash": lease.hash, "fn_index": fn_index}
            yield from exchange.post(path, to_json(body))
        except (Broken, TimedOut, errors.SpaceError):
            pass

    def _find(self, exchange: Exchange, lease: Lease) -> Flow[None]:
        """The id of a job whose join was interrupted: the first message of its session names it."""
        url = f"{self.server.url('/queue/data')}?session_hash={lease.hash}"
        reply = yield from exchange.send(Request("GET", url, exchange.headers, keep="events"))
        if reply.status == 200:
            self.event_id = _parsed((yield Next(exchange.deadline)) or "{}").get("event_id")

    def _lost(self, broken: Broken) -> errors.SpaceError:
        return errors.ConnectionLost(
            f"the connection broke: {broken}; the job is not sent again, for it may have run",
            url=broken.url or None,
        )


def _is_loss(error: BaseException) -> bool:
    return isinstance(error, (Broken, errors.ConnectionLost, errors.CannotConnect))


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        message = json.loads(text)
    except ValueError as error:
        raise errors.ProtocolError("a message is not JSON", body=text[:2000]) from error
    return message if isinstance(message, dict) else {}
