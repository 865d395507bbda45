"""A Space: where its calls go, with which settings and in which session."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ._call import Call, Plan
from .errors import ConfigurationError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import Options, SpaceOptions
    from ._server import Server
    from ._session import SessionState

    _Open: TypeAlias = tuple[SessionState, "_Open | None"]  # the innermost session, and those around it

UNCHANGED: Any = object()  # stands for an argument that was left out, for None undoes what was set


class Session:
    """Calls that share `gr.State` and chat history; made by `space.session()`.

    Use it as `with space.session():` or `async with space.session():`, and as often as you like, in several
    threads too. Calls of one session run one after the other. Several sessions can be open at once, each in
    its own thread or task; new tasks inherit the open one, new threads do not. The server forgets a session
    when it restarts, or once 10,000 newer ones exist; it has no other way to be told.
    """

    def __init__(self, variable: ContextVar[_Open | None]) -> None:
        from ._session import SessionState

        self._variable = variable
        self._state = SessionState()

    @property
    def hash(self) -> str:
        """The session hash that the server knows."""
        return self._state.hash

    def __enter__(self) -> Session:
        self._variable.set((self._state, self._variable.get()))
        return self

    def __exit__(self, *exc: object) -> None:
        innermost = self._variable.get()
        if innermost is not None and innermost[0] is self._state:  # else it was opened in another thread or task
            self._variable.set(innermost[1])

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(self, *exc: object) -> None:
        self.__exit__()


class Space:
    """One Space as a package knows it."""

    def __init__(
        self,
        id: str,  # noqa: A002 # the Hub's own word, and generated code passes it by position
        *,
        url: str | None,
        prefix: str = "",
        protocol: str = "sse_v3",
        package: str | None = None,
    ) -> None:
        self.id = id
        self.url = url
        self.package = package
        self._prefix = prefix
        self._protocol = protocol
        self._options: Options | None = None
        self._server: Server | None = None
        self._moved_to: str | None = None
        self._clients: dict[str, Any] = {}
        self._stand_in: Callable[[Callable[[], Server]], Server] | None = None
        self._session: ContextVar[_Open | None] = ContextVar(f"session of {id}", default=None)

    def call(
        self,
        endpoint: str | int,
        arguments: Mapping[str, Any],
        *,
        files: tuple[str, ...] = (),
        hidden_inputs: tuple[int, ...] = (),
        hidden_outputs: tuple[int, ...] = (),
        stateful: bool = False,
        queued: bool = True,
        oauth: bool = False,
    ) -> Call[Any]:
        """Describe one call; generated functions return this, and `Endpoint` makes it happen.

        Args:
            endpoint: The api name, or the number of an endpoint without one.
            arguments: Values under the server's parameter names, in the server's order.
            files: Where a plain str is a file, such as "image" or "history[].files[]".
            hidden_inputs: Positions in the server's inputs that no argument fills.
            hidden_outputs: Positions in the server's outputs that are not part of the result.
            stateful: It touches gr.State, so it never uses the session hash of another call.
            queued: False where the Space answers in one request, outside of its queue.
            oauth: It wants the caller's own token in the body.
        """
        plan = Plan(
            endpoint,
            arguments,
            files,
            hidden_inputs,
            hidden_outputs,
            stateful,
            queued,
            oauth,
            self.package,
        )
        return Call(self, plan)

    def session(self) -> Session:
        """A session: calls inside `with space.session():` share gr.State and chat history."""
        return Session(self._session)

    def configure(self, elsewhere: str | None = UNCHANGED, /, **changes: Unpack[SpaceOptions]) -> None:
        """Set what all calls of this package have in common.

        What is left out stays as it is; None undoes what was set. `SpaceOptions` and `CallOptions` have the list.
        Either all of it holds afterwards or, after an error, nothing of it.

        Args:
            elsewhere: Another Space with the same endpoints, as `source=` has it.
            changes: source, base_url, http_client, client_options, and all that `Endpoint.with_options` takes.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        wanted: dict[str, Any] = dict(changes)
        if elsewhere is not UNCHANGED:
            wanted["source"] = elsewhere
        moved_to, clients = self._moved_to, dict(self._clients)
        if "source" in wanted or "base_url" in wanted:
            moved_to = _address(wanted.pop("source", None), wanted.pop("base_url", None))
        if "client_options" in wanted:
            clients["client_options"] = _client_options(wanted.pop("client_options"))
        if "http_client" in wanted:
            clients = {**clients, **_client(wanted.pop("http_client"))}
        options = self.options.merged(wanted)
        self._moved_to, self._clients, self._options, self._server = moved_to, clients, options, None

    @property
    def base_url(self) -> str:
        """The address that calls go to."""
        return self.server.base

    @property
    def options(self) -> Options:
        """The settings of all calls."""
        if self._options is None:
            from ._options import Options

            self._options = Options()
        return self._options

    @property
    def server(self) -> Server:
        """The server that calls go to now."""
        if self._server is None:
            self._server = self._make_server() if self._stand_in is None else self._stand_in(self._make_server)
        return self._server

    @contextmanager
    def standing_in(self, stand_in: Callable[[Callable[[], Server]], Server]) -> Generator[None, None, None]:
        """For tests: inside the block, calls go to another server; what is configured there is forgotten.

        Args:
            stand_in: Gets what makes the real server, and returns the one to call.
        """
        kept = (self._options, self._moved_to, self._clients, self._stand_in, self._server)
        self._stand_in, self._server = stand_in, None
        try:
            yield
        finally:
            self._options, self._moved_to, self._clients, self._stand_in, self._server = kept

    def current_session(self) -> SessionState | None:
        """The session that is open here and now."""
        innermost = self._session.get()
        return None if innermost is None else innermost[0]

    def _make_server(self) -> Server:
        from ._server import Server, origin

        source = self._moved_to or self._from_environment()
        space_id = self.id if is_hub_id(self.id) else None
        base = self.url
        if source is not None and is_hub_id(source):
            space_id, base = source, f"https://{hub_host(source)}"
        elif source is not None:
            base = source
        if base is None:
            raise ConfigurationError("the package has no address; use space.configure(base_url=...)")
        check_url(base)
        scheme, host = origin(base)[:2]
        at_home = self.url is not None and origin(base) == origin(self.url)
        # The machine's own token goes out unasked over TLS only, or to this machine.
        here = host in ("localhost", "127.0.0.1", "::1")
        known = scheme == "https" and (at_home or host.endswith(".hf.space"))
        server = Server(
            base,
            prefix=self._prefix,
            protocol=self._protocol,
            hub_id=space_id if at_home or host.endswith(".hf.space") else None,
            trusted=space_id is not None and (here or known),
        )
        for name, value in self._clients.items():
            setattr(server, name, value)
        return server

    def _from_environment(self) -> str | None:
        name = (self.package or "").rpartition(".")[2]
        return os.environ.get(f"SPACEGEN_{name.upper()}_SOURCE") if name else None

    def __repr__(self) -> str:
        return f"Space({self.id!r}, url={self.url!r})"


def _address(source: Any, base_url: Any) -> str | None:
    """Where to call now; None is the recorded address."""
    if base_url is not None:
        check_url(base_url)
    if source is not None and not (isinstance(source, str) and is_hub_id(source)):
        check_url(source)
    moved: str | None = source if base_url is None else base_url
    return moved


def check_url(url: Any) -> None:
    """Raise ConfigurationError for what is no http(s) URL."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ConfigurationError(f'not an http(s) URL: {url!r} (source="owner/name" names a Space of the Hub)')


def _client_options(given: Any) -> dict[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise ConfigurationError(f"client_options must be a mapping, not {type(given).__name__}")
    return dict(cast("Mapping[str, Any]", given or {}))


def _client(given: Any) -> dict[str, Any]:
    """The clients to use: the caller's own for one of the shells; None makes both here again."""
    if given is None:
        return {"sync_client": None, "async_client": None}
    if not hasattr(given, "build_request"):
        raise ConfigurationError(f"http_client must be an httpx.Client or httpx.AsyncClient, not {given!r}")
    return {"sync_client" if hasattr(given, "__enter__") else "async_client": given}


def is_hub_id(source: str) -> bool:
    """Whether this is "owner/name"."""
    import re

    return re.fullmatch(r"[\w.-]+/[\w.-]+", source) is not None


def hub_host(space_id: str) -> str:
    """The host under which the Hub serves a Space."""
    import re

    # The Hub's libraries ask it for `host`; a copy is found without asking. The rule shows in public addresses:
    # stabilityai/stable-diffusion-3.5-large is at stabilityai-stable-diffusion-3-5-large.hf.space; capitals and
    # underscores go the same way. That runs become one dash is a guess; names have no `--` and no `..` anyhow.
    return re.sub(r"[^a-z0-9]+", "-", space_id.lower()).strip("-") + ".hf.space"
