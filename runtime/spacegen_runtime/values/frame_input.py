"""What a caller may pass where a Space takes a table, besides its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from .given import Frame

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


class _FrameInput:
    """Tells pydantic what a data frame is, which it does not know by itself."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from .schema import of_frame

        return of_frame()

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        from pydantic_core import PydanticOmit

        raise PydanticOmit  # JSON cannot contain a frame, and the model next to it has the table's schema

    def __repr__(self) -> str:
        return "FrameInput"


FrameInput: TypeAlias = Annotated[Frame, _FrameInput()]
"""What a caller may also pass where a Space takes a table: a data frame of pandas or polars."""
