"""The options that a caller can set, for a package or for one call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict, cast

from .errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from ._status import Log, Status

LONGEST = 10**9  # seconds, some 30 years: clocks and sockets overflow at more


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits in seconds; None is no limit. By default a Space may compute for any time.

    Attributes:
        total: The whole call, from upload to result.
        connect: Making one connection.
        wake: Waiting for a sleeping or building Space.
        queue: From joining the queue until the app's function starts.
        upload: Sending the files of one call.
        idle: Silence of the stream. Gradio sends a heartbeat every 15 seconds, but not while the app blocks
            its own event loop; so there is no limit by default.
    """

    total: float | None = None
    connect: float | None = 10.0
    wake: float | None = 300.0
    queue: float | None = None
    upload: float | None = None
    idle: float | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            limit = getattr(self, name)
            if limit is not None and limit != 0:  # a limit of 0 can make sense: `wake=0` waits for no Space
                _seconds(limit, f"Timeouts.{name} must be None or")


class CallOptions(TypedDict, total=False):
    """What can be set for a package or for one call. What is left out stays as it is; None undoes what was set.

    Attributes:
        source: Another Space with the same endpoints: "owner/copy", or a URL. None: the address that the package
            was written with, or the one of its environment variable.
        base_url: The http(s) address to call, where it is not the recorded one (a proxy, a local copy); it goes
            before `source`. None: as for `source`.
        token: A Hugging Face token; False sends none, True sends the machine's own to any address. None: the
            machine's own goes to Hub Spaces only.
        oauth_token: A Hugging Face token for the app's own code, for endpoints that ask for one (`gr.OAuthToken`).
            `token` never reaches the app's code. None: no such token is sent.
        auth: User and password of an app with a login. None: no login.
        headers: Added to every request to the Space, and to the headers that were set before. None: no headers;
            those that were set before are removed too.
        timeout: Seconds for a whole call, which changes no other limit; or `Timeouts`, which sets them all.
            None: the limits of `Timeouts()`, which has none for the whole call.
        retries: How often a request is sent again if nothing can have run. None: 2.
        strict: Raise `UnexpectedOutput` for results that do not fit their type, instead of a warning. None: False.
        validate: Check choices and ranges before sending. None: False.
        reuse_sessions: Let a call without a session use the session hash of an earlier call, as `map` does for its
            rows. This is faster on a large app, but the app may show one call what it stored for another. None:
            False.
        on_stage: Called with the Hub's word for the state of the Space, while a call waits for a sleeping or
            building Space. None: no callback.
        on_upload: Called with the bytes sent and the bytes in all while files are uploaded. None: no callback.
        on_progress: Called with a `Status` whenever it changes: the place in the queue, the app's progress bars,
            the end. None: no callback.
        on_log: Called with a `Log` for each message of the app (gr.Info, gr.Warning, gr.Success). None: no
            callback.
        progress: Show progress bars for queue, app, uploads and downloads, in a terminal or a notebook, if tqdm is
            installed. None: False.
    """

    source: str | None
    base_url: str | None
    token: str | bool | None
    oauth_token: str | None
    auth: tuple[str, str] | None
    headers: Mapping[str, str] | None
    timeout: float | Timeouts | None
    retries: int | None
    strict: bool | None
    validate: bool | None
    reuse_sessions: bool | None
    on_stage: Callable[[str], object] | None
    on_upload: Callable[[int, int], object] | None
    on_progress: Callable[[Status], object] | None
    on_log: Callable[[Log], object] | None
    progress: bool | None


class SpaceOptions(CallOptions, total=False):
    """What can be set for a package; see also `CallOptions`.

    Attributes:
        http_client: An httpx client of your own. You close it yourself, and its cookies belong to one login. A
            blocking client serves blocking calls; an asyncio client serves the calls of its event loop. `submit`
            and `map` cannot use it and raise an error. The client's own timeout holds in addition to `timeout`,
            unless it is the 5 seconds that httpx sets by default. None: the runtime makes its own clients again.
        client_options: Arguments for the httpx clients that the runtime makes (proxy, verify, cert, limits,
            params, ...); they replace those that were set before. None: no arguments.
    """

    http_client: httpx.Client | httpx.AsyncClient | None
    client_options: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options that are in force: the names of `CallOptions`, with default values in place of None."""

    token: str | bool | None = field(default=None, repr=False)
    oauth_token: str | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout: Timeouts = field(default_factory=Timeouts)
    retries: int = 2
    strict: bool = False
    validate: bool = False
    reuse_sessions: bool = False
    on_stage: Callable[[str], object] | None = None
    on_upload: Callable[[int, int], object] | None = None
    on_progress: Callable[[Status], object] | None = None
    on_log: Callable[[Log], object] | None = None
    progress: bool = False

    def without_credentials(self) -> Options:
        """These options for another address, without the credentials: they are not for other servers."""
        return replace(self, token=None, oauth_token=None, auth=None, headers={})

    def of_a_run(self) -> Options:
        """These options for one row of a run: the run decides about retries and waiting, not the call."""
        return replace(self, retries=0, timeout=replace(self.timeout, wake=0))

    def merged(self, changes: Mapping[str, Any]) -> Options:
        """These options with `changes`, as `CallOptions` describes them.

        Raises:
            ConfigurationError: A value makes no sense.
            TypeError: There is no such option.
        """
        initial, wanted = Options(), dict[str, Any]()
        for name, value in changes.items():
            if name not in OPTIONS:
                raise TypeError(unknown(name, OPTIONS))
            if value is None:
                wanted[name] = getattr(initial, name)
                continue
            checked = _CHECKS[name](value)
            if name == "headers":
                checked = with_headers(self.headers, checked)
            elif name == "timeout" and not isinstance(checked, Timeouts):
                checked = replace(self.timeout, total=checked)
            wanted[name] = checked
        return replace(self, **wanted)


OPTIONS = tuple(Options.__slots__)


def unknown(name: str, known: Sequence[str]) -> str:
    """The message for an option that does not exist."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"
    return f"no option {name!r}{hint}"


def _seconds(value: Any, what: str = "timeout must be a Timeouts or") -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value <= LONGEST:  # the largest is more than clocks can hold
        raise ConfigurationError(f"{what} a number of seconds above 0, not {value!r}; None is no limit")
    return float(value)


def _timeout(value: Any) -> Timeouts | float:
    return value if isinstance(value, Timeouts) else _seconds(value)


def _login(value: Any) -> tuple[str, str]:
    match value:
        case (str(user), str(password)):
            return user, password
        case _:
            raise ConfigurationError("auth must be a user and a password: auth=(user, password)")


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"headers must be a mapping of names to texts, not {type(value).__name__}")
    headers = dict(cast("Mapping[str, str]", value))
    for name, one in headers.items():
        _check_header(name, one)
    return headers


def _token(value: Any) -> str | bool:
    if not isinstance(value, bool):
        _check_header("token", value)
    return cast("str | bool", value)


def _oauth_token(value: Any) -> str:
    if not isinstance(value, str) or not value:
        kind = "an empty text" if value == "" else type(value).__name__  # the value may be a secret
        raise ConfigurationError(f"oauth_token must be the token that the app gets, as a str, not {kind}")
    return value


def _check_header(name: Any, value: Any) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"[ -~\t]*", f"{name}{value}"):
        raise ConfigurationError(f"{name!r} cannot be sent as a header: it must be one line of plain ASCII")


def _retries(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(f"retries must be a whole number, 0 or more, not {value!r}")
    return value


def _flag(name: str) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise ConfigurationError(f"{name} must be True or False, not {value!r}")
        return value

    return check


def _function(name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not callable(value):
            raise ConfigurationError(f"{name} must be a function, not {value!r}")
        return value

    return check


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "token": _token,
    "oauth_token": _oauth_token,
    "auth": _login,
    "headers": _headers,
    "timeout": _timeout,
    "retries": _retries,
    "strict": _flag("strict"),
    "validate": _flag("validate"),
    "reuse_sessions": _flag("reuse_sessions"),
    "on_stage": _function("on_stage"),
    "on_upload": _function("on_upload"),
    "on_progress": _function("on_progress"),
    "on_log": _function("on_log"),
    "progress": _flag("progress"),
}


def with_headers(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Headers, updated with others; capital letters in names make no difference."""
    replaced = {name.lower() for name in more}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **more}
