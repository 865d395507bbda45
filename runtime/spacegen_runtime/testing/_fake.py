"""`fake_space`: a Space that answers in this process, as a test tells it to."""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from types import ModuleType, TracebackType
from typing import Any, Literal, ParamSpec, TypeVar, cast
from urllib.parse import quote, urlsplit

from typing_extensions import Self

from .. import errors
from .._endpoint import Endpoint
from .._options import Options
from .._settings import is_hub_id
from ..calls.space import Space
from ..protocol.server import Server
from ..protocol.wire import Access
from ..values.file_data import FileData
from . import _failures
from ._answers import Answer
from ._endpoints import belongs_to, check_result, offer_of, outputs_of, plan_of, space_of
from ._examples import example
from ._guard import closed
from ._offer import Offer, Offered
from ._prepared import PreparedAnswers
from ._refusals import refusal
from ._script import JobFailed, Script
from ._server import Called, FakeServer
from ._transport import InProcess
from ._values import CannotEncode, ResultEncoder, rebased, with_files
from ._wire import Asked, Serving, json_answer

P = ParamSpec("P")
R = TypeVar("R")
WAKE = 1.5  # seconds that a fake that sleeps is waited for, where the test leaves the limit as it is


class FakeSpace:
    """A fake of one Space; use it as `with fake_space(package) as fake:`.

    Inside the block all calls of the package are answered here, through the runtime's own code and over the real
    wire format. Nothing reaches a network, and calls of other Spaces are errors (see `allow_real`).
    """

    def __init__(
        self,
        package: ModuleType | Space,
        *,
        default: Literal["example", "error"] = "example",
        auth: tuple[str, str] | None = None,
        offer: Offer | None = None,
    ) -> None:
        if default not in ("example", "error"):
            raise errors.ConfigurationError(f'default must be "example" or "error", not {default!r}')
        self._space = space_of(package)
        self._offer = offer or offer_of(self._space)
        self._default = default
        name = (self._space.package or "fake").rpartition(".")[2].replace("_", "-")
        self._base = (self._space.url or f"http://{name}.invalid").rstrip("/")
        parts = urlsplit(self._base)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._fake = FakeServer(self._offer, self._play, root=parts.path)
        self._fake.logins.users = dict([auth]) if auth else {}
        self._server = self._make_server()
        self._access = Access(self._server, Options(token=False, auth=auth))
        self._encoder = ResultEncoder(
            self._fake.store, self._offer.dialect, self._base + self._offer.dialect.prefix
        )
        self._prepared = PreparedAnswers()
        self._called: dict[str | int, list[Called]] = {}
        self._stages: deque[str] = deque()
        self._faults: list[BaseException] = []
        self._lock = threading.Lock()
        self._inside: ExitStack | None = None
        self.serves_http = False  # callers are other processes, which see what a server sends and nothing else

    def on(self, endpoint: Endpoint[P, R]) -> Answer[P, R]:
        """Say what an endpoint answers from now on; what was said before no longer holds.

        Raises:
            ConfigurationError: It is not an endpoint of this package.
        """
        offered = self._found(endpoint)
        line: list[Answer[P, R]] = []
        self._prepared.begin(offered.key, cast("list[Answer[..., Any]]", line))
        return Answer(self, endpoint, offered, line)

    def calls(self, endpoint: Endpoint[..., Any]) -> list[dict[str, Any]]:
        """The arguments of each call so far, by name, as the server got them; files can be read."""
        offered = self._found(endpoint)
        return [self._arguments(called) for called in self._called.get(offered.key, ())]

    # How it takes the place of a Space

    def __enter__(self) -> Self:
        if self._inside is not None:
            raise errors.ConfigurationError("this fake is open already; make another with fake_space(...)")
        space = self._space
        with ExitStack() as stack:
            stack.enter_context(closed(f"{space.package or space.id} is faked here"))
            self._take_over(space, stack)
            timeout = space.options.timeout
            if timeout.wake == type(timeout)().wake:
                space.configure(timeout=replace(timeout, wake=WAKE))
            self._inside = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        inside, self._inside = self._inside, None
        self._fake.close()
        if inside is not None:
            inside.close()
        if self._faults and (error is None or isinstance(error, errors.SpaceError)):
            raise self._faults[0]

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def _take_over(self, space: Space, stack: ExitStack) -> None:
        stack.enter_context(space.standing_in(lambda _: self._server))

    def _make_server(self) -> Server:
        server = Server(
            self._base,
            prefix=self._offer.dialect.prefix,
            protocol=self._offer.dialect.protocol,
            hub_id=self.hub_id,
        )
        server.client_options = {"transport": InProcess(self._serve), "trust_env": False}
        return server

    # What the answers ask for

    @property
    def hub_id(self) -> str | None:
        """`owner/name` of the Space on the Hub; None for a server elsewhere."""
        return self._space.id if is_hub_id(self._space.id) else None

    def outputs(self, endpoint: Endpoint[..., Any], value: Any) -> list[Any]:
        """A result as a server sends it; raises TypeError where it is not what the endpoint promises."""
        shown = [self.raw(endpoint, one) for one in outputs_of(endpoint, value)]
        check_result(endpoint, shown, self._access)
        return self._found(endpoint).full(shown)

    def raw(self, endpoint: Endpoint[..., Any], value: Any) -> Any:
        """Any value as a server sends it; raises TypeError where none can."""
        try:
            return self._encoder.encode(value)
        except CannotEncode as error:
            raise TypeError(f"{endpoint!r} cannot return a {error}") from None

    def fault(self, error: BaseException) -> None:
        """Raise this at the end of the test."""
        self._faults.append(error)

    # What the server asks for

    def _serve(self, asked: Asked) -> Serving:
        if asked.origin != self._origin:
            return (yield from self._elsewhere(asked))
        return (yield from self.serve(asked))

    def serve(self, asked: Asked) -> Serving:
        """Answer one request, whatever host it names."""
        if asked.path.endswith("/upload") and asked.method == "POST":
            refusal_of_file = self._prepared.take_refusal()
            if refusal_of_file is not None:
                _failures.before_a_job(refusal_of_file)
        return (yield from self._fake.serve(asked))

    def _elsewhere(self, asked: Asked) -> Serving:
        yield from ()
        hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        if f"{asked.origin}{quote(asked.path)}" == f"{hub}/api/spaces/{quote(self._space.id)}/runtime":
            with self._lock:
                stage = self._stages.popleft() if len(self._stages) > 1 else "".join(self._stages) or "RUNNING"
            return json_answer({"stage": stage})
        raise errors.ConfigurationError(
            f"{self._offer.id} is faked here, but {asked.path} of {asked.origin} was about to be requested",
            url=asked.origin,
        )

    def _play(self, called: Called) -> Script:
        offered = called.offered
        with self._lock:
            self._called.setdefault(offered.key, []).append(called)
        answer = self._prepared.take(offered.key)
        if answer is not None and answer.error is not None:
            self._prepare(offered, answer.error)
            _failures.before_a_job(answer.error)
        script = self._unscripted(called) if answer is None else self._answered(called, answer)
        base = self._base + self._offer.dialect.prefix
        return script if called.base == base else rebased(script, base, called.base)

    def _unscripted(self, called: Called) -> Script:
        """What happens where a test said nothing; over HTTP, an error of the test's own arrives as the app's."""
        try:
            return self._otherwise(called)
        except errors.NotRecorded as error:
            if not self.serves_http:
                raise
            return _failing(str(error))

    def _otherwise(self, called: Called) -> Script:
        self._check(called)
        return (yield from self._unanswered(called.offered))

    def _check(self, called: Called) -> None:
        refused = refusal(self._offer.dialect, called.offered, called.data)
        if refused is not None:
            raise refused

    def _answered(self, called: Called, answer: Answer[..., Any]) -> Script:
        offered = called.offered
        self._check(called)
        return (yield from answer.play(self._arguments(called), lambda: self._example(offered)))

    def _unanswered(self, offered: Offered) -> Script:
        yield from ()
        if self._default == "error":
            fault = AssertionError(
                f"the test does not say what {offered.key} answers: write fake.on({offered.function}).returns(...)"
            )
            self.fault(fault)
            raise JobFailed(str(fault))
        return self._example(offered)

    def _example(self, offered: Offered) -> list[Any]:
        return offered.full([example(one.schema, one.component, self._encoder.keep) for one in offered.outputs])

    def _prepare(self, offered: Offered, error: BaseException) -> None:
        stage = _failures.stage_of(error)
        if stage is not None:
            later = self._prepared.next_error(offered.key)
            same = later is not None and _failures.stage_of(later) is not None
            self._stages = deque([stage] if same else [stage, "RUNNING"])
        if isinstance(error, errors.EndpointChanged):
            self._fake.hidden.add(offered.key)

    def _arguments(self, called: Called) -> dict[str, Any]:
        def file(wire: dict[str, Any]) -> FileData:
            return FileData.from_wire(wire, self._access)

        return {name: with_files(value, file) for name, value in called.arguments().items()}

    def _found(self, endpoint: Endpoint[..., Any]) -> Offered:
        space = belongs_to(endpoint)
        if space is not self._space:
            where = space.package or space.id
            raise errors.ConfigurationError(
                f"{endpoint!r} belongs to {where}, and this is a fake of {self._space.package or self._offer.id}"
            )
        key = plan_of(endpoint).endpoint
        offered = self._offer.named(key)
        if offered is None:
            raise errors.ConfigurationError(f"spacegen.json does not describe {key!r}; run `spacegen update`")
        return offered

    def __repr__(self) -> str:
        return f"<fake of {self._offer.id}>"


def fake_space(
    package: ModuleType | Space,
    *,
    default: Literal["example", "error"] = "example",
    auth: tuple[str, str] | None = None,
) -> FakeSpace:
    """Fake the Space behind a package, for tests.

    Args:
        package: The package that spacegen wrote, or its `space`.
        default: What an endpoint answers that nothing was said of: an example of its result, plainly made up and
            always the same, or an error.
        auth: A user and a password, without which the fake lets nobody in.

    Raises:
        ConfigurationError: The package does not tell what its Space offers.
    """
    return FakeSpace(package, default=default, auth=auth)


def _failing(words: str) -> Script:
    yield from ()
    raise JobFailed(words)
