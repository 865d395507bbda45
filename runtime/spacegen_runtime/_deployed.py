"""A package's functions for a second deployment of its Space, beside the first."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._caller import raises_at_caller
from ._endpoint import Endpoint
from .calls.space import Space
from .errors import ConfigurationError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import SpaceOptions

M = TypeVar("M", bound=ModuleType)


@raises_at_caller
def deployed(package: M, **options: Unpack[SpaceOptions]) -> M:
    """A copy of a package whose functions call another deployment of the Space; the package itself stays as it is.

    The copy has the same functions, results and models, and a `space` of its own, for `configure` and sessions.
    What was configured for the package holds for the copy too, except the caller's identity: token, oauth_token,
    auth, headers, client_options and http_client are only those that are given here.

    Args:
        package: A package that spacegen wrote.
        options: source or base_url, and all else that `Space.configure` takes.

    Raises:
        ConfigurationError: `package` was not written by spacegen, or a value makes no sense.
    """
    place: Any = getattr(package, "space", None)
    if not isinstance(place, Space):
        raise ConfigurationError(f"{package!r} is not a package that spacegen wrote: it has no `space`")
    space = place.copy(**options)
    made = ModuleType(package.__name__, package.__doc__)
    for name, value in vars(package).items():
        if isinstance(value, Endpoint):
            value = cast("Endpoint[..., Any]", value).at(space)
        if not name.startswith("__") or name in ("__all__", "__getattr__", "__dir__"):
            setattr(made, name, space if value is place else value)
    made.__dict__.update(__path__=getattr(package, "__path__", []), __file__=getattr(package, "__file__", None))
    return cast(M, made)
