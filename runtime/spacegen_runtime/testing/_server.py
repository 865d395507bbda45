"""The fake server: Gradio's routes over what a package remembers of its Space. No I/O of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from .._json import as_list
from . import _documents
from ._bodies import AnswerInstead, body_of, data_of, inputs_by_name, invalid, not_found, page
from ._jobs import BEAT, Ended, FakeJob, FakeSession, FakeSessions
from ._logins import Logins
from ._offer import Offer, Offered
from ._script import Garbled, Script, Step
from ._store import Store
from ._streams import alive, call_events, messages, session_events
from ._wire import Answered, Asked, Body, Run, Serving, WaitForAny, events_answer, json_answer, text_answer


@dataclass(frozen=True, slots=True)
class Called:
    """One call of an endpoint, as it reached the server.

    Attributes:
        data: A value for every input, hidden ones included.
        event_data: What a page tells of its event, or None.
        session_hash: The session that it belongs to.
        headers: Those of the request, by lower-case name.
        base: The address of the API as the client sees it.
    """

    offered: Offered
    data: list[Any]
    event_data: Any
    session_hash: str
    headers: Mapping[str, str]
    base: str

    def arguments(self) -> dict[str, Any]:
        """The values of the call, by their names in the package."""
        return self.offered.shown(self.data, self.event_data)


Play = Callable[[Called], Script]
"""What an endpoint does with a call; raises AnswerInstead or Cut where the call does not even become a job."""


class FakeServer:
    """Speaks as the Gradio version of the package does, and lets `play` decide what endpoints answer.

    Attributes:
        hidden: Keys of endpoints that the Space seems to have lost, until its /config has said so.
        logins: Who needs to log in.
    """

    def __init__(self, offer: Offer, play: Play, store: Store | None = None, *, root: str = "") -> None:
        self.offer = offer
        self.play = play
        self.store = store or Store()
        self.hidden: set[str | int] = set()
        self.root = root
        self._dialect = offer.dialect
        self._sessions = FakeSessions()
        self._waiting: dict[str, Future[Any]] = {}  # 4.0: jobs whose data has not come yet
        self._app_id = secrets.token_urlsafe(16)
        self.logins = Logins(self._app_id)

    def close(self) -> None:
        """Stop every job."""
        self._sessions.end_all()

    def serve(self, asked: Asked) -> Serving:
        """Answer one request."""
        path = asked.path.removeprefix(self.root) or "/"
        try:
            found = self._plain(asked, path.rstrip("/") or "/")
            if found is not None:
                return found
            if self.logins.user(asked) is None:
                return json_answer(self._dialect.not_in, 401)
            prefix = self._dialect.prefix
            if prefix and not path.startswith(prefix + "/"):
                return not_found()
            return (yield from self._api(asked, path.removeprefix(prefix)))
        except AnswerInstead as instead:
            return instead.answered

    def _plain(self, asked: Asked, path: str) -> Answered | None:
        """What is never under the prefix, and what needs no login; None for anything else."""
        prefix = self._dialect.prefix
        match asked.method, path:
            case "POST", "/login":
                return self.logins.log_in(asked)
            case "GET", "/logout":
                return Answered(302, b"", [("location", f"{self.root}/")])
            case "GET" | "HEAD", "/":
                return page(self.offer.title or self.offer.id)
            case "GET", "/config":
                if self.logins.user(asked) is None:
                    return json_answer(self._dialect.not_in, 401)
                return json_answer(self._config(asked))
            case "POST", _ if path == f"{prefix}/cancel" and self._dialect.cancels:
                return self._cancel(body_of(asked))
            case "POST", _ if path == f"{prefix}/reset":
                return self._reset(body_of(asked))
            case "GET", _ if path.startswith(f"{prefix}/heartbeat/") and self._dialect.cancels:
                return events_answer(alive())
            case "GET", _ if path == f"{prefix}/app_id":
                return json_answer({"app_id": self._app_id})
            case _:
                return None

    def _api(self, asked: Asked, path: str) -> Serving:
        head, _, rest = path.removeprefix("/").partition("/")
        match asked.method, head:
            case "GET", "info" if not rest:
                return json_answer(self._visible(_documents.info(self.offer)))
            case "GET", "openapi.json" if not rest and self._dialect.since(5, 29):
                return json_answer(_documents.openapi(self.offer))
            case "GET" | "HEAD", _ if head.startswith("file="):
                return self.store.download(asked, path.removeprefix("/").removeprefix("file="))
            case "POST", "upload" if not rest:
                return self.store.upload(asked)
            case "POST", "run" | "api" if rest:
                return (yield from self._run(asked, rest.removesuffix("/")))
            case (("POST" | "GET"), "call") if rest and self._dialect.since(4, 20):
                return self._call(asked, rest.removesuffix("/"))
            case (("POST" | "GET"), "queue"):
                return self._queue(asked, rest.removesuffix("/"))
            case "GET", "startup-events" | "login_check":
                return json_answer(True)
            case "GET", "user":
                return json_answer(self.logins.user(asked) or None)
            case _:
                return not_found()

    # What the Space says about itself, and who may ask it

    def _config(self, asked: Asked) -> dict[str, Any]:
        root = f"{asked.origin}{self.root}"
        said = _documents.config(
            self.offer, root, user=self.logins.user(asked) or None, largest=self.store.largest
        )
        for entry in said["dependencies"]:
            if f"/{entry['api_name']}" in self.hidden:
                entry["api_name"] = False
        self.hidden.clear()
        return said

    def _visible(self, said: dict[str, Any]) -> dict[str, Any]:
        for key in self.hidden:
            said["named_endpoints"].pop(key, None)
        return said

    # Jobs

    def _open(
        self, asked: Asked, offered: Offered, body: Mapping[str, Any], session: FakeSession, *, simple: bool = True
    ) -> FakeJob:
        base = f"{asked.origin}{self.root}{self._dialect.prefix}"
        called = Called(offered, data_of(body), body.get("event_data"), session.hash, asked.headers, base)
        return FakeJob(offered, self.play(called), session, simple=simple)

    def _found(self, name: str) -> Offered:
        offered = self.offer.named(f"/{name}")
        if offered is None or offered.key in self.hidden or "/" in name:
            raise AnswerInstead(text_answer(self._dialect.unknown(name), 500))
        return offered

    def _numbered(self, body: Mapping[str, Any]) -> Offered:
        number = body.get("fn_index")
        if number is None:
            raise AnswerInstead(json_answer({"detail": "No function index provided."}, 400))
        if isinstance(number, str) and not number.isdecimal():
            said = "Input should be a valid integer, unable to parse string as an integer"
            raise AnswerInstead(invalid("int_parsing", ["body", "fn_index"], said, number))
        offered = self.offer.numbered(int(number))
        if offered is None or offered.key in self.hidden:
            raise AnswerInstead(text_answer(self._dialect.unknown(str(number)), 500))
        return offered

    def _run(self, asked: Asked, name: str) -> Serving:
        body = body_of(asked)
        offered = self._numbered(body) if "fn_index" in body else self._found(name)
        session = self._sessions.session(str(body.get("session_hash") or secrets.token_hex(8)))
        job = self._open(asked, offered, body, session)
        happenings = job.happenings()
        try:
            answer = None
            while True:
                happening = happenings.send(answer)
                answer = None
                match happening:
                    case Run() | WaitForAny():
                        answer = yield happening
                    case Step():  # the rest never runs
                        return json_answer(self._dialect.output(happening.data, more=True))
                    case Ended() if happening.refused is not None:
                        return json_answer(self._dialect.failure(happening.refused), 500)
                    case Ended():
                        return json_answer(self._dialect.output(happening.data or [], more=False))
                    case Garbled():
                        return text_answer("this is not JSON")
                    case _:
                        pass
        finally:
            happenings.close()

    def _call(self, asked: Asked, rest: str) -> Answered:
        later = rest.startswith("v2/") and self._dialect.since(6, 13)
        rest = rest.removeprefix("v2/") if later else rest
        if asked.method == "GET":
            _, _, event_id = rest.rpartition("/")
            return events_answer(call_events(self._dialect, self._sessions.taken(event_id)))
        body = body_of(asked)
        offered = self._found(rest)
        if later:
            body = {"data": inputs_by_name(offered, body)}
        elif self._dialect.since(6, 31):  # the hidden inputs may be left out
            data = as_list(body.get("data"))
            short = len(data) == offered.size - len(offered.hidden_inputs)
            body = {**body, "data": offered.full_inputs(data)} if short else body
        given = body.get("session_hash")
        session = self._sessions.session(str(given or secrets.token_hex(8)))
        job = self._open(asked, offered, body, session)
        if not given:
            job.session = self._sessions.session(job.id)  # the event is its own session
        self._sessions.add(job)
        return json_answer({"event_id": job.id})

    def _queue(self, asked: Asked, rest: str) -> Answered:
        match asked.method, rest:
            case "GET", "join" if self._dialect.protocol == "sse":
                return self._join_40(asked)
            case "POST", "data" if self._dialect.protocol == "sse":
                return self._data_40(asked)
            case "POST", "join":
                return self._join(asked)
            case "GET", "data":
                return events_answer(
                    session_events(self._dialect, self._sessions.known(str(asked.query.get("session_hash"))))
                )
            case "GET", "status":
                return json_answer({"msg": "estimation", "queue_size": 0, "rank": None, "rank_eta": None})
            case _:
                return not_found()

    def _join(self, asked: Asked) -> Answered:
        body = body_of(asked)
        if not body.get("session_hash"):
            raise AnswerInstead(json_answer({"detail": "Session hash not found."}, 400))
        session = self._sessions.session(str(body["session_hash"]))
        simple = self._dialect.sends_whole(asked=bool(body.get("simple_format")))
        job = self._sessions.add(self._open(asked, self._numbered(body), body, session, simple=simple))
        return json_answer({"event_id": job.id})

    def _join_40(self, asked: Asked) -> Answered:
        """4.0: the stream is the join, and asks for the data when it is the job's turn."""
        offered = self._numbered(asked.query)
        session = self._sessions.session(str(asked.query.get("session_hash")))

        def wait_for_data(event_id: str) -> Body:
            yield self._dialect.send_data(event_id)
            given: Future[Any] = Future()
            self._waiting[event_id] = given
            while not (yield WaitForAny((given,), BEAT)):
                yield self._dialect.message("heartbeat", None)
            job = self._open(asked, offered, given.result(), session)
            yield from messages(self._dialect, job)

        return events_answer(wait_for_data(secrets.token_hex(16)))

    def _data_40(self, asked: Asked) -> Answered:
        body = body_of(asked)
        waiting = self._waiting.pop(str(body.get("event_id")), None)
        if waiting is None:
            return not_found()
        waiting.set_result(body)
        return json_answer({"success": True})

    def _cancel(self, body: Mapping[str, Any]) -> Answered:
        for name in ("session_hash", "fn_index", "event_id"):
            if name not in body:
                raise AnswerInstead(invalid("missing", ["body", name], "Field required", dict(body)))
        job = self._sessions.job(str(body["event_id"]))
        if job is not None:
            job.end()
        return json_answer({"success": True})

    def _reset(self, body: Mapping[str, Any]) -> Answered:
        job = None if self._dialect.cancels else self._sessions.job(str(body.get("event_id")))
        if job is not None and job.offered.generator:
            job.end()
        return json_answer({"success": True})
