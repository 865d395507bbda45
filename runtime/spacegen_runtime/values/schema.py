"""How pydantic and its users see files: what is valid, what the JSON schema says, what a dump contains.

Each function gets the class `FileData` as an argument, so that this module does not import it.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import SchemaSerializer, core_schema

from .._json import as_dict
from .given import is_frame, is_given

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

WITH_PATHS = "with_paths"  # the key of a serialization context that asks for paths and addresses too
GIVEN = {"type": "string", "title": "File", "description": "A path or an http(s) URL of a file."}
SHOWN = {
    "type": "object",
    "title": "File",
    "description": "A file of a Space, without the place where it lies.",
    "properties": {
        "orig_name": {"type": "string", "title": "Name"},
        "size": {"type": "integer", "title": "Bytes"},
        "mime_type": {"type": "string", "title": "Media type"},
        "is_stream": {"type": "boolean", "title": "Whether it is a live stream"},
    },
}


def of_file_data(kind: Any) -> CoreSchema:
    """The schema of `FileData`: whatever `FileData.of` takes, or a file as a server or a dump describes it."""

    def check(value: Any, info: Any) -> Any:
        context = as_dict(info.context)
        if "access" in context and not isinstance(value, kind):  # an answer of a server
            return kind.from_wire(value, context["access"])
        return kind.of(_described(kind, value))

    return _file(kind, check)


@cache
def serializer(kind: Any) -> SchemaSerializer:
    """What dumps files."""
    return SchemaSerializer(of_file_data(kind))


def of_file_input(kind: Any) -> CoreSchema:
    """The schema of `FileInput`: as for `FileData`, but what is given stays as it is until it is sent."""

    def check(value: Any, info: Any) -> Any:
        return _described(kind, value)

    return _file(kind, check)


def of_frame() -> CoreSchema:
    """The schema of `FrameInput`; a frame stays as it is until it is sent."""

    def check(value: Any) -> Any:
        if not is_frame(value):
            raise ValueError("not a data frame")
        return value

    def dumped(value: Any) -> Any:
        from .objects import table_of

        return table_of(value)

    return core_schema.no_info_plain_validator_function(
        check, serialization=core_schema.plain_serializer_function_ser_schema(dumped, when_used="json")
    )


def json_schema(handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """In the schema, an input is a text that names a file, and an output describes a file."""
    return dict(SHOWN if handler.mode == "serialization" else GIVEN)


def _described(kind: Any, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    if isinstance(value, dict):
        return kind.from_json(value)
    if not is_given(value):
        raise ValueError("not a file")
    return value


def _file(kind: Any, check: Any) -> CoreSchema:
    def dumped(value: Any, info: Any) -> Any:
        if isinstance(value, kind):
            whole = bool(as_dict(info.context).get(WITH_PATHS))
            return value.to_wire() if whole else dict(value)
        if isinstance(value, (str, os.PathLike)):
            return os.fsdecode(cast("str", value))
        raise ValueError("the content of a file is not written as JSON")

    return core_schema.with_info_plain_validator_function(
        check,
        serialization=core_schema.plain_serializer_function_ser_schema(dumped, info_arg=True, when_used="json"),
    )
