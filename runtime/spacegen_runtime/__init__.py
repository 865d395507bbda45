"""The client that packages written by spacegen call: Gradio's queue protocol, typed, blocking and asyncio.

Importing this loads neither httpx nor pydantic; they come with the first call and the first model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _errors as errors
from ._actions import Log, ProgressUnit
from ._call import Call
from ._endpoint import Endpoint, endpoint
from ._errors import SpaceError, UnexpectedOutputWarning
from ._file_data import FileData, FileInput
from ._options import Timeouts
from ._published import PUBLISHED
from ._space import Session, Space

if TYPE_CHECKING:
    from ._model import Model

__all__ = [
    "PUBLISHED",
    "Call",
    "Endpoint",
    "FileData",
    "FileInput",
    "Log",
    "Model",
    "ProgressUnit",
    "Session",
    "Space",
    "SpaceError",
    "Timeouts",
    "UnexpectedOutputWarning",
    "endpoint",
    "errors",
]


def __getattr__(name: str) -> Any:
    if name == "Model":
        from ._model import Model

        globals()[name] = Model
        return Model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
