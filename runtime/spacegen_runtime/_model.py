"""Model: the base of generated models."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """An object that a Space takes or returns; fields that the Space adds later are kept."""

    model_config = ConfigDict(
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="allow",
        defer_build=True,
        protected_namespaces=(),  # a Space may call a field model_name without a warning at import
    )

    def _repr_html_(self) -> str:
        """Shows the model as a table in a notebook."""
        from ._notebook import table

        return table(dict(self))
