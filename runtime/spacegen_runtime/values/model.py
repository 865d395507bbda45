"""Model: the base of generated models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationInfo, model_validator
from typing_extensions import Self

from ..protocol.provenance import restored


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

    @model_validator(mode="wrap")
    @classmethod
    def _keep_provenance(cls, given: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """What a caller builds of a server's texts still knows them; an answer is marked as a whole, later."""
        made: Self = handler(given)
        return made if info.context is not None else restored(made, given)

    def _repr_html_(self) -> str:
        """Shows the model as a table in a notebook."""
        from .notebook import table

        return table(dict(self))
