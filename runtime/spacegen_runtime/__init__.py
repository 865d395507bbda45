"""The client that packages written by spacegen call: Gradio's queue protocol, typed, blocking and asyncio.

Importing this loads neither httpx nor pydantic; they come with the first call and the first model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from ._call import Call
from ._endpoint import Endpoint, endpoint
from ._file_data import FileData, FileInput
from ._published import PUBLISHED
from ._space import Session, Space
from .errors import SpaceError, UnexpectedOutputWarning

if TYPE_CHECKING:
    from ._actions import Log, ProgressUnit
    from ._job import AsyncJob, Job, Status
    from ._model import Model
    from ._options import Timeouts, visitor_headers

__all__ = [
    "PUBLISHED",
    "AsyncJob",
    "Call",
    "Endpoint",
    "FileData",
    "FileInput",
    "Job",
    "Log",
    "Model",
    "ProgressUnit",
    "Session",
    "Space",
    "SpaceError",
    "Status",
    "Timeouts",
    "UnexpectedOutputWarning",
    "endpoint",
    "errors",
    "visitor_headers",
]


_LATE = {
    "AsyncJob": "_job",
    "Job": "_job",
    "Log": "_actions",
    "Model": "_model",
    "ProgressUnit": "_actions",
    "Status": "_job",
    "Timeouts": "_options",
    "visitor_headers": "_options",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f".{_LATE[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return __all__
