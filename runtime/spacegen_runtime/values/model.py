"""Model: the base of generated models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationInfo, model_validator
from typing_extensions import Self

from .._caller import raises_at_caller
from .._json import as_dict
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

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Defer only what pydantic builds for the model itself.

        Models that others derive from it are built at once, because FastAPI silences warnings only while it
        builds.
        """
        cls.model_config["defer_build"] = False

    @model_validator(mode="wrap")
    @classmethod
    def _keep_provenance(cls, given: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Keep the marks of server texts that a caller puts into a model; a whole answer is marked later."""
        made: Self = handler(given)
        from_server = "access" in as_dict(info.context)
        return made if from_server else restored(made, given)

    @raises_at_caller
    def to_pandas(self) -> Any:
        """The data frame of pandas for a table, a model with `headers` and `data`.

        Raises:
            TypeError: The model is no table.
            ConfigurationError: pandas is not installed.
        """
        from .objects import frame_of

        return frame_of(self, "pandas")

    @raises_at_caller
    def to_polars(self) -> Any:
        """The data frame of polars for a table. Raises as `to_pandas` does."""
        from .objects import frame_of

        return frame_of(self, "polars")

    def __repr__(self) -> str:
        from .notebook import short

        return short(super().__repr__())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any] | None:
        """Lets a notebook draw a plot of Plotly or Altair by its own renderer."""
        from .plots import mimebundle

        return mimebundle(dict(self))

    def _repr_html_(self) -> str | None:
        """Shows the model as a table in a notebook; None for a plot that the notebook draws."""
        from .notebook import table

        return None if self._repr_mimebundle_() else table(dict(self))
