"""Errors as a checkpoint keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import errors


def told_error(error: Exception) -> dict[str, Any]:
    """What a line of a checkpoint says of an error."""
    said = str(error.args[0]) if error.args else str(error)
    told: dict[str, Any] = {"type": type(error).__name__, "message": said}
    if isinstance(error, errors.SpaceError):
        told.update(endpoint=error.endpoint, event_id=error.event_id)
    if isinstance(error, errors.ConnectionLost):
        told["may_have_run"] = error.may_have_run
    return told


def restored_error(told: dict[str, Any]) -> errors.SpaceError:
    """The error of an earlier run; for an error class that is not known here, its name is kept."""
    name, message = str(told.get("type")), str(told.get("message"))
    kind: Callable[..., Any] | None = getattr(errors, name, None) if name.isidentifier() else None
    if not (isinstance(kind, type) and issubclass(kind, errors.SpaceError)):
        return errors.SpaceError(f"{name}: {message}")
    context = {key: told[key] for key in ("endpoint", "event_id", "may_have_run") if told.get(key) is not None}
    restored: errors.SpaceError = kind(message, **context)
    return restored
