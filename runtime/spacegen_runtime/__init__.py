"""The client that packages written by spacegen call: Gradio's queue protocol, typed, blocking and asyncio.

Importing this loads neither httpx nor pydantic; they come with the first call and the first model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from ._endpoint import Endpoint, endpoint
from ._late import late
from .calls.session import Session
from .calls.space import Call, Space
from .errors import SpaceError, UnexpectedOutputWarning
from .values.file_data import FileData, FileInput
from .values.frame_input import FrameInput
from .values.published import PUBLISHED

if TYPE_CHECKING:
    from ._deployed import deployed
    from ._identity import visitor_headers
    from ._options import Timeouts
    from ._status import Log, ProgressUnit, Status
    from .calls.detail import Detail
    from .calls.job import AsyncJob, Job
    from .protocol.timing import Times
    from .rows.outcome import Outcome
    from .rows.worker import Worker
    from .values.model import Model

__all__ = [
    "PUBLISHED",
    "AsyncJob",
    "Call",
    "Detail",
    "Endpoint",
    "FileData",
    "FileInput",
    "FrameInput",
    "Job",
    "Log",
    "Model",
    "Outcome",
    "ProgressUnit",
    "Session",
    "Space",
    "SpaceError",
    "Status",
    "Timeouts",
    "Times",
    "UnexpectedOutputWarning",
    "Worker",
    "deployed",
    "endpoint",
    "errors",
    "late",
    "visitor_headers",
]


_LATE = {
    "AsyncJob": "calls.job",
    "Detail": "calls.detail",
    "deployed": "_deployed",
    "Job": "calls.job",
    "Log": "_status",
    "Model": "values.model",
    "Outcome": "rows.outcome",
    "ProgressUnit": "_status",
    "Status": "_status",
    "Times": "protocol.timing",
    "Timeouts": "_options",
    "Worker": "rows.worker",
    "visitor_headers": "_identity",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f".{_LATE[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return __all__
