"""One call, from arguments to result: which way it goes and what its messages mean. Flows only, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import errors
from .._options import Options
from .._plan import EVENT_DATA, NO_EVENT, Plan
from ..protocol.actions import Broken, Finished, Flow, TimedOut, WaitForPlace
from ..protocol.drift import inputs_added, outputs_of, slots_filled, space_changed
from ..protocol.ending import ending
from ..protocol.hashes import Hashes
from ..protocol.job import ServerJob
from ..protocol.messages import quota_advice
from ..protocol.request import STALE, Sender, caller_of
from ..protocol.server import Server
from ..protocol.session import SessionState, Turn
from ..protocol.uploads import upload
from ..protocol.wire import Access
from ..values.cannot_send import CannotSend
from ..values.decode import Context, decoder_for
from ..values.encode import NOWHERE, Encoder, places
from ..values.published import PUBLISHED, argument_name, component, default, parameters, problems
from .failing import lost, with_details


def call(
    plan: Plan,
    returns: Any,
    server: Server,
    options: Options,
    session: SessionState | None = None,
    *,
    steps: bool = False,
    hashes: Hashes | None = None,
) -> Flow[None]:
    """Run one call; the last event is `Finished`. With `steps`, what a generator yields comes as `Partial`."""
    cookies = None if session is None else session.cookies_of(caller_of(server, options))
    sender = Sender(server, options, cookies, None if session is None else session.first)
    run = _OneCall(plan, returns, sender)
    job: ServerJob | None = None
    try:
        job = ServerJob(run.sender, plan.endpoint, _turn(plan, session, hashes), run.decode if steps else None)
        yield from run.go(job)
    except Broken as broken:
        raise _with_details(lost(broken), run, job) from broken
    except TimedOut as late:
        raise _with_details(run.sender.timed_out(late.limit, url=late.url), run, job) from late
    except RecursionError as error:  # JSON may be nested deeper than Python's recursion limit allows
        deep = errors.ProtocolError("the answer is nested too deeply")
        raise _with_details(deep, run, job) from error
    except errors.SpaceError as error:
        raise _with_details(error, run, job) from error.__cause__


def _turn(plan: Plan, session: SessionState | None, hashes: Hashes | None) -> Turn:
    """The right session hash: what an app stores under a hash belongs to one caller."""
    if session is not None or plan.stateful:
        return Turn(session=session)
    return Turn(hashes=hashes)


def _with_details(error: errors.SpaceError, run: _OneCall, job: ServerJob | None) -> errors.SpaceError:
    """The error, with what the call knows of it."""
    error = with_details(error, str(run.plan.endpoint), run.server.base, job, run.sender.options.oauth_token)
    if isinstance(error, errors.QuotaExceeded):
        error.args = (f"{error.args[0]}{run.advice(str(error.args[0]))}",)
    return error


class _OneCall:
    """One call: its plan, its server, and how its values and its result are converted."""

    def __init__(self, plan: Plan, returns: Any, sender: Sender) -> None:
        self.plan = plan
        self.sender = sender
        self.server = sender.server
        self.decoder = decoder_for(returns)
        self.event_data: Any = None  # as JSON takes it
        self.context = Context(str(plan.endpoint), Access(sender.server, sender.options, sender.cookies))

    def advice(self, said: str) -> str:
        """Advice for this caller when ZeroGPU time is used up."""
        visitor = any(name.lower() == "x-ip-token" for name in self.sender.credentials.headers)
        return quota_advice(said, token=bool(self.sender.token), visitor=visitor)

    def go(self, job: ServerJob) -> Flow[None]:
        try:
            data = yield from self._answer(job)
        except (Broken, errors.ConnectionLost, errors.CannotConnect, GeneratorExit):
            raise
        except BaseException:
            yield from self._ended(job)
            raise
        yield from self._ended(job)
        yield from self._recount(data)
        shown = self.shown(data)
        value = self.decoder.decode(shown, self.context)
        yield Finished(value, repeats=job.decode is not None and job.last == data, raw=shown)

    def _ended(self, job: ServerJob) -> Flow[None]:
        """Tell the server that a session is over: the one of this single call, or one whose block has ended.

        Not if the result has files, because the app may delete them when their session ends.
        """
        session = job.turn.session
        if session is not None:
            caller = session.to_end()
            if caller is not None:
                yield from ending(*caller, session.hash)
        elif self.plan.stateful and job.event_id is not None and not job.files:
            yield from ending(self.server, self.sender.options, self.sender.cookies, job.turn.hash)

    def _answer(self, job: ServerJob) -> Flow[list[Any]]:
        """The output list of the job, after which its turn is given up."""
        drained, done = True, False  # nothing is open yet
        try:
            yield from job.wait_for_turn()
            # A place after the turn: who has one must never wait for a call that waits for one. Then the values,
            # so that those of many calls are never in memory all at once.
            yield WaitForPlace(self.sender.deadline)
            values = yield from self._values()
            drained = False
            data = yield from self._adapting(values, job)
            drained = yield from job.drain()
            done = True
        except errors.SpaceError:
            if not job.may_run:  # the app refused, and ended the stream in an orderly way
                drained = yield from job.drain()
            raise
        finally:
            try:
                job.turn.release(drained=drained, unchanged=done and job.unchanged)
            finally:  # Ctrl-C may have come before it had left
                job.turn.leave()
        return data

    def _values(self) -> Flow[list[Any]]:
        """The arguments as JSON takes them, files uploaded."""
        plan, options = self.plan, self.sender.options
        published = [name for name, value in plan.arguments.items() if value is PUBLISHED]
        arguments = {**plan.arguments, **{name: default(plan.package, plan.endpoint, name) for name in published}}
        if options.validate and (found := problems(plan.package, plan.endpoint, arguments)):
            raise errors.InputRefused(f"not sent: {_listed(found)}", problems=found)
        tree = places(plan.files, plan.lists, plan.objects)
        own = places(plan.files) if published else NOWHERE  # a Space's own default may break its own type
        encoder = Encoder(self.server, options, lambda name: component(plan.package, plan.endpoint, name))
        try:
            values = [
                encoder.argument(name, value, (own if name in published else tree).get(name, NOWHERE))
                for name, value in arguments.items()
            ]
            if plan.event_data is not NO_EVENT:
                self.event_data = encoder.argument(EVENT_DATA, plan.event_data, tree.get(EVENT_DATA, NOWHERE))
        except CannotSend as refused:
            raise self._unsendable(refused) from refused.__cause__
        if encoder.pending:
            yield from upload(self.sender, encoder.pending)
        return values

    def _unsendable(self, refused: CannotSend) -> errors.InputRefused:
        """The error for an argument that cannot be sent; it names the argument as the function does."""
        name, *inside = refused.steps
        name = argument_name(self.plan.package, self.plan.endpoint, name)
        problems = {name: str(refused)}
        kind = errors.NoSuchFile if refused.missing else errors.InputRefused
        return kind(f"not sent: `{name}{''.join(inside)}` {refused}", problems=problems)

    def _adapting(self, values: Sequence[Any], job: ServerJob) -> Flow[list[Any]]:
        """Make the call; if the Space turns out to have changed, make it again with the inputs of today."""
        try:
            return (yield from self._start(values, job))
        except errors.SpaceError as error:
            if job.may_run or not (yield from self._looked(error, job, values)):
                raise self._explained(error) from error.__cause__
        yield from job.drain()
        return (yield from self._start(values, job))

    def _start(self, values: Sequence[Any], job: ServerJob) -> Flow[list[Any]]:
        plan, server = self.plan, self.server
        job.turn.begin(server, self.sender.options, self.sender.cookies)
        body: dict[str, Any] = {"data": slots_filled(server, plan, values), "session_hash": job.turn.hash}
        if plan.oauth and self.sender.options.oauth_token is not None:
            body["oauth_token"] = self.sender.options.oauth_token
        if plan.event_data is not NO_EVENT:  # with what triggered it, as a page says
            config = yield from self.sender.config(oldest=STALE)
            body |= {"event_data": self.event_data, "trigger_id": config.trigger(plan.endpoint)}
        if server.protocol == "ws" or self._is_direct(job):
            return (yield from job.direct(body))
        return (yield from job.queued(body))

    def _is_direct(self, job: ServerJob) -> bool:
        if self.plan.queued or job.by_number or job.decode is not None:
            return False
        return self.plan.endpoint not in self.server.closed

    def _looked(self, error: errors.SpaceError, job: ServerJob, values: Sequence[Any]) -> Flow[bool]:
        """`_adapted`; if the look at the Space fails, the error of the call is the one that counts."""
        try:
            return (yield from self._adapted(error, job, values))
        except errors.EndpointChanged:
            raise
        except errors.SpaceError:
            return False

    def _adapted(self, error: errors.SpaceError, job: ServerJob, values: Sequence[Any]) -> Flow[bool]:
        """Whether the error means that the Space has changed and another attempt may succeed."""
        plan, server = self.plan, self.server
        if isinstance(error, errors.BadStatus) and error.status in (404, 405, 500):
            direct = server.protocol == "ws" or self._is_direct(job)  # before the Space is looked at
            moved = yield from space_changed(self.sender, plan, self._known)
            if direct and error.status == 500:  # also for a result that is no JSON, so the function may have run
                return False
            if not moved and error.status == 404 and server.protocol != "ws" and direct:
                server.closed.add(plan.endpoint)  # it uses the queue now
                return True
            return moved
        if isinstance(error, (errors.AppError, errors.InputRefused)):
            sent = len(slots_filled(server, plan, values))
            return (yield from inputs_added(self.sender, plan, error, sent, self._known))
        return False

    def _known(self) -> list[Mapping[str, Any]]:
        return parameters(self.plan.package, self.plan.endpoint)

    def _explained(self, error: errors.SpaceError) -> errors.SpaceError:
        """If the app refused a value, add the choices and ranges that the package knows."""
        refused = isinstance(error, errors.InputRefused)
        if refused or (isinstance(error, errors.AppError) and error.hidden):
            known = problems(self.plan.package, self.plan.endpoint, self.plan.arguments)
            if known:
                error.args = (f"{error.args[0]} (known when the package was written: {_listed(known)})",)
            if isinstance(error, errors.InputRefused):
                error.problems = {**known, **error.problems}
        return error

    def _recount(self, data: list[Any]) -> Flow[None]:
        """If the number of outputs has changed, find out which of them are hidden now."""
        promised = len(self.decoder.outputs) + len(self.plan.hidden_outputs)
        if len(data) != promised and self.decoder.outputs and self.plan.endpoint not in self.server.slots:
            yield from outputs_of(self.sender, self.plan.endpoint)

    def decode(self, data: list[Any]) -> Any:
        """The result that a list of outputs stands for."""
        return self.decoder.decode(self.shown(data), self.context)

    def shown(self, data: list[Any]) -> list[Any]:
        """The outputs that are part of the result."""
        slots = self.server.slots.get(self.plan.endpoint)
        hidden = self.plan.hidden_outputs
        if slots is not None and len(data) == slots.outputs:
            hidden = slots.hidden_outputs
        return [value for at, value in enumerate(data) if at not in hidden] if hidden else data


def _listed(found: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {why}" for name, why in found.items())
