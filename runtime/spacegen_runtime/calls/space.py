"""A Space: where its calls go, with which settings and in which session."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from .._caller import raises_at_caller
from .._plan import NO_EVENT, Plan
from .session import Session

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import Options, SpaceOptions
    from ..protocol.hashes import Hashes
    from ..protocol.server import Server
    from ..protocol.session import SessionState
    from ..protocol.start import Start
    from .session import Opened

MOST_PLACES = 64  # other addresses of one Space whose connections are kept
UNCHANGED: Any = object()  # the argument was left out; None cannot say so, because it undoes what was set


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
        self._elsewhere: dict[str, tuple[Options, Space]] = {}
        self._stand_in: Callable[[Callable[[], Server]], Server] | None = None
        self._session: ContextVar[Opened] = ContextVar(f"session of {id}", default=())

    def call(
        self,
        endpoint: str | int,
        arguments: Mapping[str, Any],
        *,
        files: tuple[str, ...] = (),
        lists: tuple[str, ...] = (),
        objects: tuple[str, ...] = (),
        hidden_inputs: tuple[int, ...] = (),
        hidden_outputs: tuple[int, ...] = (),
        stateful: bool = False,
        queued: bool = True,
        oauth: bool = False,
        event_data: Any = NO_EVENT,
    ) -> Call[Any]:
        """Describe one call; generated functions return this, and `Endpoint` makes it happen.

        Args:
            endpoint: The api name, or the number of an endpoint without one.
            arguments: Values under the server's parameter names, in the server's order.
            files: Where a plain str is a file, such as `image`, `history[].files[]` or `gallery[][0]`; `image?` if
                something other than a file is possible, too.
            lists: Where a list is required; a text or a number is refused: `words`, or `pairs[]` in a list.
            objects: Where a mapping, a model or a data frame is required; these and a list are refused.
            hidden_inputs: Positions in the server's inputs that no argument fills.
            hidden_outputs: Positions in the server's outputs that are not part of the result.
            stateful: It uses gr.State, so it never gets the session hash of another call.
            queued: False if the Space answers in one request, outside its queue.
            oauth: It passes the caller's `oauth_token` to the app's own code.
            event_data: What a page would report about the event that triggers the endpoint (`gr.SelectData`).
        """
        plan = Plan(
            endpoint,
            arguments,
            files,
            lists,
            objects,
            hidden_inputs,
            hidden_outputs,
            stateful,
            queued,
            oauth,
            event_data,
            self.package,
        )
        return Call(self, plan)

    @raises_at_caller
    def session(self, *, parallel: bool = False, keep: bool = False) -> Session:
        """A session: calls inside `with space.session():` share gr.State and chat history.

        Args:
            parallel: Calls run at the same time; a Stop button needs this, since it must not wait for the call
                that it stops. Otherwise calls run one after the other, in the order in which they were made. In a
                parallel session, a cancel stops every call of that endpoint.
            keep: The session continues after its block and can be opened again, until `end()`.
        """
        return Session(self._session, parallel=parallel, keep=keep)

    @raises_at_caller
    def configure(self, elsewhere: str | None = UNCHANGED, /, **changes: Unpack[SpaceOptions]) -> None:
        """Set options for all calls of this package.

        What is left out stays as it is; None undoes what was set. `SpaceOptions` and `CallOptions` have the list.
        After an error, nothing has changed.

        Args:
            elsewhere: Another Space with the same endpoints, as `source=` has it.
            changes: source, base_url, http_client, client_options, and all that `Endpoint.with_options` takes.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        from .. import _settings

        wanted: dict[str, Any] = dict(changes)
        if elsewhere is not UNCHANGED:
            wanted["source"] = elsewhere
        moved_to, clients, server = self._moved_to, dict(self._clients), self._server
        if not wanted or not _settings.PLACE.union(("client_options", "http_client")).isdisjoint(wanted):
            server = None  # otherwise it stays, with the cookies that lead a session to its replica
        if not _settings.PLACE.isdisjoint(wanted):
            moved_to, wanted = _settings.place_of(wanted), _settings.for_calls(wanted)
        if "client_options" in wanted:
            clients["client_options"] = _settings.client_options(wanted.pop("client_options"))
        if "http_client" in wanted:
            clients = {**clients, **_settings.clients(wanted.pop("http_client"))}
        options = self.options.merged(wanted)
        self._moved_to, self._clients, self._options, self._server = moved_to, clients, options, server

    @raises_at_caller
    def copy(self, **changes: Unpack[SpaceOptions]) -> Space:
        """A separate Space object with the same endpoints, for another deployment; see `deployed`.

        Args:
            changes: What `configure` takes.

        Raises:
            ConfigurationError: A value makes no sense.
        """
        made = Space(self.id, url=self.url, prefix=self._prefix, protocol=self._protocol, package=self.package)
        made._options, made._moved_to = self.options.without_credentials(), self._moved_to
        made._stand_in = self._stand_in
        made.configure(**changes)
        return made

    def elsewhere(self, place: str) -> Space:
        """The same Space at another address, for calls that say so; kept for later ones.

        What was configured holds there too, except the caller's identity: a login belongs to one address.
        """
        if self._stand_in is not None:
            return self
        kept = self._elsewhere.get(place)
        if kept is None or kept[0] is not self.options:
            made = self.copy()
            made._moved_to = place
            if len(self._elsewhere) >= MOST_PLACES:
                del self._elsewhere[next(iter(self._elsewhere))]
            kept = self._elsewhere[place] = self.options, made
        return kept[1]

    @property
    def base_url(self) -> str:
        """The address that calls go to."""
        return self.server.base

    @property
    def options(self) -> Options:
        """The settings of all calls."""
        if self._options is None:
            from .._options import Options

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
        """For tests: inside the block, calls go to another server.

        What is configured in the block is undone after it.

        Args:
            stand_in: Called with a function that makes the real server; returns the server to call.
        """
        kept = (self._options, self._moved_to, self._clients, self._stand_in, self._server)
        self._stand_in, self._server = stand_in, None
        try:
            yield
        finally:
            self._options, self._moved_to, self._clients, self._stand_in, self._server = kept

    def current_session(self) -> SessionState | None:
        """The session that is open here and now."""
        opened = self._session.get()
        return opened[-1] if opened else None

    def _make_server(self) -> Server:
        from .destination import server_of

        server = server_of(
            self.id,
            recorded=self.url,
            source=self._moved_to,
            package=self.package,
            prefix=self._prefix,
            protocol=self._protocol,
        )
        for name, value in self._clients.items():
            setattr(server, name, value)
        return server

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs; connections and sessions stay with this process."""
        if any(client is not None for name, client in self._clients.items() if name.endswith("_client")):
            raise TypeError(f"{self!r} has an http_client, which stays in its process; set client_options instead")
        state = {**self.__dict__, "_server": None, "_stand_in": None, "_elsewhere": dict[str, Any]()}
        del state["_session"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._session = ContextVar(f"session of {self.id}", default=())

    def __repr__(self) -> str:
        return f"Space({self.id!r}, url={self.url!r})"


R = TypeVar("R")


class Call(Generic[R]):
    """One call, described and not yet made; `R` is the type of its result."""

    __slots__ = ("plan", "space")

    def __init__(self, space: Space, plan: Plan) -> None:
        self.space = space
        self.plan = plan

    def at(self, space: Space) -> Call[R]:
        """The same call of another Space, which has the same endpoints."""
        return Call(space, self.plan)

    def of(self, endpoint: str | int) -> Call[R]:
        """The same call of another endpoint, which takes and returns the same."""
        return Call(self.space, self.plan._replace(endpoint=endpoint))

    def start(self, options: Options, returns: Any, *, steps: bool = False, hashes: Hashes | None = None) -> Start:
        """Prepare to make it, in the session that is open at this place.

        Args:
            options: The settings of this call.
            returns: The type of its result.
            steps: Also give the steps of a generator.
            hashes: Session hashes that the call may reuse.
        """
        from .starting import start

        session = self.space.current_session()
        return start(self.plan, returns, self.space.server, options, session, steps=steps, hashes=hashes)

    def decoded(self, data: list[Any], options: Options, returns: Any) -> R:
        """The result that belongs to outputs which the server gave for this call before."""
        from ..protocol.wire import Access
        from ..values.decode import Context, decoder_for

        context = Context(str(self.plan.endpoint), Access(self.space.server, options))
        return cast(R, decoder_for(returns).decode(data, context))

    def __repr__(self) -> str:
        return f"Call({self.space.id!r}, {self.plan.endpoint!r})"
