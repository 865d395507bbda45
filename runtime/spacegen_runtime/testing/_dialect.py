"""In which words a Gradio version says things, as far as clients notice.

Measured on 3.50, 4.0, 4.19, 4.20, 4.44, 5.0, 5.29, 5.50, 6.0, 6.13 and 6.31; a version between two of them that
differ is taken for the earlier one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from ..protocol.actions import Log, Progressed, ProgressUnit, Queued
from ..protocol.steps import BEFORE_4_20, protocol_of
from ._script import JobFailed
from ._wire import compact, spaced


class Dialect:
    """How one version of Gradio speaks.

    Attributes:
        protocol: "ws", "sse", "sse_v1", "sse_v2", "sse_v2.1" or "sse_v3", as /config names it.
        prefix: What stands before the API routes.
    """

    def __init__(self, version: str, protocol: str, prefix: str) -> None:
        self.version = version
        self.protocol = protocol
        self.prefix = prefix
        self._number = tuple(int(part) for part in re.findall(r"\d+", version)[:2]) or (6, 31)

    def since(self, major: int, minor: int) -> bool:
        """Whether this is that version or a later one."""
        return self._number >= (major, minor)

    @property
    def cancels(self) -> bool:
        """Whether it has /cancel and /heartbeat, and announces the end of a stream."""
        return self.since(4, 44)

    def sends_whole(self, *, asked: bool) -> bool:
        """Whether the steps of a job on the queue are whole values, not edits of the step before.

        Args:
            asked: The request has `simple_format`, which 4.20 was the first to know.
        """
        if self.protocol in ("sse", "sse_v1"):
            return True
        return asked and protocol_of(self.protocol, self.version) != BEFORE_4_20

    def message(self, kind: str, event_id: str | None, **fields: Any) -> bytes:
        """One message of the queue."""
        said = {"msg": kind, **({} if self.protocol == "sse" else {"event_id": event_id}), **fields}
        text = compact(said) if self.since(4, 44) else spaced(said).encode()
        return b"data: " + text + b"\n\n"

    def send_data(self, event_id: str) -> bytes:
        """4.0: it is this job's turn."""
        return b"data: " + spaced({"msg": "send_data", "event_id": event_id}).encode() + b"\n\n"

    def told(self, part: Log | Progressed | Queued, event_id: str) -> bytes:
        """A part of a job that is no value."""
        match part:
            case Log():
                fields: dict[str, Any] = {"log": part.message, "level": part.level}
                if self.since(4, 44):
                    fields |= {"duration": 10.0 if part.duration is None else part.duration, "visible": True}
                if self.since(5, 29):
                    fields["title"] = part.title or part.level.capitalize()
                return self.message("log", event_id, **fields)
            case Progressed():
                return self.message("progress", event_id, progress_data=[_unit(unit) for unit in part.units])
            case Queued():
                fields = {"rank": part.position, "queue_size": part.queue_size, "rank_eta": part.eta}
                return self.message("estimation", event_id, **fields)

    def output(self, data: list[Any], *, more: bool) -> dict[str, Any]:
        """The part of a message, or the answer of /run, that holds values."""
        said: dict[str, Any] = {"data": data, "is_generating": more, "duration": 0.001, "average_duration": 0.001}
        if self.since(4, 44):
            said |= {"render_config": None, "changed_state_ids": []}
        if self.since(6, 13):
            said["used_cache"] = None
        return said

    def generating(self, event_id: str, data: list[Any]) -> bytes:
        """One step."""
        fields: dict[str, Any] = {"output": self.output(data, more=True), "success": True}
        if self.since(5, 0):
            fields["time_limit"] = None
        return self.message("process_generating", event_id, **fields)

    def completed(self, event_id: str, output: Mapping[str, Any], *, success: bool) -> bytes:
        """The end of a job."""
        fields: dict[str, Any] = {"output": output, "success": success}
        if self.since(5, 29):
            fields["title"] = output.get("title") if not success else None
        if self.since(6, 13):
            fields |= {"used_cache": None, "cache_duration": None, "avg_time": None}
        return self.message("process_completed", event_id, **fields)

    def failure(self, refused: JobFailed) -> dict[str, Any]:
        """What a message says of a job that failed."""
        if refused.error is None:
            return {"error": None}
        text = refused.error if self.since(5, 29) else repr(refused.error)  # which their clients undo
        said: dict[str, Any] = {"error": text}
        if self.since(4, 44):
            said |= {"duration": 10, "visible": True}
        if self.since(5, 29):
            said["title"] = refused.title or "Error"
        return said

    def simple_failure(self, refused: JobFailed) -> str:
        """The data of an `event: error` of /call."""
        return spaced(self.failure(refused)) if self.since(6, 13) else "null"

    @property
    def lost(self) -> str:
        """What it says of a session or an event that it does not know."""
        return "404: Not Found" if self.since(5, 50) else "404: Session not found."

    @property
    def not_in(self) -> Any:
        """The body of a 401."""
        said: Any = "Not authenticated"
        return {"detail": {"error": said, "auth_message": None} if self.since(5, 50) else said}

    def unknown(self, name: str) -> str:
        """The text of the 500 for an endpoint that does not exist."""
        if self.since(5, 0) and not self.since(6, 13):
            return f"Traceback (most recent call last):\nValueError: Could not find endpoint with name {name!r}"
        return "Internal Server Error"


def _unit(unit: ProgressUnit) -> dict[str, Any]:
    return {
        "index": unit.index,
        "length": unit.length,
        "unit": unit.unit or "steps",
        "progress": unit.progress,
        "desc": unit.desc,
    }


def new_event() -> str:
    """The id of an event."""
    return secrets.token_hex(16)
