"""What a caller can set, for a package or for one call."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits in seconds; None is no limit. Nothing limits how long a Space may compute unless you say so.

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
            if limit is not None and limit != 0:  # no time at all can make sense: `wake=0` waits for no Space
                _seconds(limit, f"Timeouts.{name} must be None or")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that `space.configure` and `endpoint.with_options` have in common."""

    token: str | bool | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout: Timeouts = field(default_factory=Timeouts)
    retries: int = 2
    strict: bool = False
    validate: bool = False
    on_stage: Callable[[str], object] | None = None
    on_upload: Callable[[int, int], object] | None = None

    def merged(self, changes: Mapping[str, Any]) -> Options:
        """These options with `changes` (a None changes nothing); headers are added to, not replaced."""
        wanted = {name: value for name, value in changes.items() if value is not None}
        if "headers" in wanted:
            wanted["headers"] = {**self.headers, **wanted["headers"]}
        if "auth" in wanted:
            wanted["auth"] = _login(wanted["auth"])
        _check_headers(wanted)
        if "timeout" in wanted and not isinstance(wanted["timeout"], Timeouts):
            wanted["timeout"] = replace(self.timeout, total=_seconds(wanted["timeout"]))
        return replace(self, **wanted)


def _seconds(value: Any, what: str = "timeout must be a Timeouts or") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ConfigurationError(f"{what} a number of seconds above 0, not {value!r}")
    return float(value)


def _login(value: Any) -> tuple[str, str]:
    pair = () if isinstance(value, str) else tuple(value)
    if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
        raise ConfigurationError("auth must be a user and a password: auth=(user, password)")
    return pair


def _check_headers(wanted: Mapping[str, Any]) -> None:
    pairs = [*dict(wanted.get("headers", {})).items(), ("token", wanted.get("token", ""))]
    for name, value in pairs:
        if not isinstance(value, (str, bool)) or not re.fullmatch(r"[ -~\t]*", f"{name}{value}"):
            raise ConfigurationError(f"{name!r} cannot be sent as a header: it must be one line of plain ASCII")


def visitor_headers(request: Any) -> dict[str, str]:
    """The headers that let a Space act for the visitor of another: ZeroGPU then counts the visitor's own quota.

    Use it in a Gradio app as `f.with_options(headers=visitor_headers(request))(...)`.

    Args:
        request: The `gr.Request` of the visitor.
    """
    headers: Any = getattr(request, "headers", None) or {}
    token = headers.get("x-ip-token")
    if not token and os.environ.get("SPACE_ID"):
        text = "the visitor's request carries no x-ip-token; the call counts against this Space's own quota"
        warnings.warn(text, stacklevel=2)
    return {"x-ip-token": str(token)} if token else {}


def stored_token() -> str | None:
    """The Hugging Face token of this machine, found by the Hub library's own rules."""
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return None
    from_environment = os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN")
    if from_environment:
        return from_environment.strip() or None
    home = os.environ.get("HF_HOME")
    if not home:
        home = str(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface"))
    return _read_token(os.environ.get("HF_TOKEN_PATH") or str(Path(home, "token")))


@lru_cache(maxsize=8)
def _read_token(path: str) -> str | None:
    try:
        return Path(path).expanduser().read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
