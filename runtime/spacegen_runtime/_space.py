"""A Space: where its calls go, with which settings and in which session."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

from ._call import NOTHING, Call, Plan
from .errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from ._options import Options, Timeouts
    from ._server import Server, SessionState

    _Open: TypeAlias = tuple[SessionState, "_Open | None"]  # the innermost session, and those around it


class Session:
    """Calls that share `gr.State` and chat history; made by `space.session()`.

    Use it as `with space.session():` or `async with space.session():`, and as often as you like, in several
    threads too. Calls of one session run one after the other. Several sessions can be open at once, each in
    its own thread or task; new tasks inherit the open one, new threads do not. The server forgets a session
    when it restarts, or once 10,000 newer ones exist; it has no other way to be told.
    """

    def __init__(self, variable: ContextVar[_Open | None]) -> None:
        from ._server import SessionState

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
        self._session: ContextVar[_Open | None] = ContextVar(f"session of {id}", default=None)

    def call(
        self,
        endpoint: str | int,
        arguments: Mapping[str, Any],
        *,
        returns: Any = NOTHING,
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
            returns: The type of the result; left out where there is none.
            files: Where a plain str is a file, such as "image" or "history[].files[]".
            hidden_inputs: Positions in the server's inputs that no argument fills.
            hidden_outputs: Positions in the server's outputs that are not part of the result.
            stateful: It touches gr.State, so it never shares a session hash by chance.
            queued: False where the Space answers in one request, outside of its queue.
            oauth: It wants the caller's own token in the body.
        """
        plan = Plan(
            endpoint,
            arguments,
            returns,
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

    def configure(
        self,
        source: str | None = None,
        *,
        base_url: str | None = None,
        token: str | bool | None = None,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | Timeouts | None = None,
        retries: int | None = None,
        strict: bool | None = None,
        validate: bool | None = None,
        on_stage: Callable[[str], object] | None = None,
        on_upload: Callable[[int, int], object] | None = None,
        http_client: httpx.Client | httpx.AsyncClient | None = None,
        client_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Set what all calls of this package have in common; what is left out stays as it is.

        Args:
            source: Another Space with the same endpoints: "owner/copy", or a URL.
            base_url: The address to call, where it is not the recorded one (a proxy, a local copy).
            token: A Hugging Face token; False sends none, True sends the machine's own to any address. Without
                this, the machine's own goes to Hub Spaces only.
            auth: User and password of an app with a login.
            headers: Added to every request to the Space.
            timeout: Seconds for a whole call, or `Timeouts`.
            retries: How often something is sent again where nothing can have run (2).
            strict: Raise `UnexpectedOutput` for results that do not fit their type, instead of a warning.
            validate: Check choices and ranges before sending.
            on_stage: Called with the Hub's word while a Space that sleeps or builds is waited for.
            on_upload: Called with bytes sent and bytes in all while files go up.
            http_client: An httpx client of your own; it stays yours to close, and its cookies are those of one
                login. A blocking one serves blocking calls, an asyncio one those of its own event loop; `submit`
                and `map` refuse to go around it.
            client_options: Arguments for the httpx clients made here (proxy, verify, cert, limits, ...).

        Raises:
            ConfigurationError: A value makes no sense.
        """
        if source is not None or base_url is not None:
            self._moved_to = base_url or source
        if client_options is not None:
            self._clients["client_options"] = dict(client_options)
        if http_client is not None:
            self._clients["sync_client" if hasattr(http_client, "__enter__") else "async_client"] = http_client
        self._options = self.options.merged(
            {
                "token": token,
                "auth": auth,
                "headers": headers,
                "timeout": timeout,
                "retries": retries,
                "strict": strict,
                "validate": validate,
                "on_stage": on_stage,
                "on_upload": on_upload,
            }
        )
        self._server = None

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
            self._server = self._make_server()
        return self._server

    def current_session(self) -> SessionState | None:
        """The session that is open here and now."""
        innermost = self._session.get()
        return None if innermost is None else innermost[0]

    def _make_server(self) -> Server:
        from urllib.parse import urlsplit

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
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
            raise ConfigurationError(f"not an http(s) URL: {base!r}")
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
