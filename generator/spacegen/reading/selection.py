"""Which endpoints a user wants, and under which names; recorded in `spacegen.json` with the other options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from spacegen.errors import TargetError
from spacegen.naming import function_name
from spacegen.text import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to write of a Space.

    Attributes:
        include: Patterns of api names (`/predict*`); only endpoints that match one are written. Empty: all.
        exclude: Patterns of api names; endpoints that match one are left out.
        rename: Names of functions by api name.
        undocumented: Also write endpoints that the Space's API page leaves out, but that can be called by name.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    undocumented: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Selection:
        """Read what `options` recorded."""
        return cls(
            include=tuple(options.get("include", ())),
            exclude=tuple(options.get("exclude", ())),
            rename=dict(options.get("rename", {})),
            undocumented=options.get("undocumented") is True,
        )

    def options(self) -> dict[str, Any]:
        """Return the options to record: only those that are set."""
        everything = {
            "include": list(self.include),
            "exclude": list(self.exclude),
            "rename": dict(self.rename),
            "undocumented": self.undocumented,
        }
        return {name: value for name, value in everything.items() if value}

    def wants(self, api_name: str) -> bool:
        """Tell whether an endpoint is written."""
        if any(fnmatchcase(api_name, pattern) for pattern in self.exclude):
            return False
        return not self.include or any(fnmatchcase(api_name, pattern) for pattern in self.include)

    def check(self, api_names: Iterable[str]) -> None:
        """Check that it names existing endpoints, and only valid names for functions.

        Raises:
            TargetError: It does not.
        """
        known = list(api_names)
        for pattern in self.include:
            if not any(fnmatchcase(name, pattern) for name in known):
                raise TargetError(f"No endpoint matches {pattern!r}; {did_you_mean(pattern, known)}")
        for name, function in self.rename.items():
            if name not in known:
                raise TargetError(f"There is no endpoint {name!r} to rename; {did_you_mean(name, known)}")
            if function_name(function, ()) != function:
                raise TargetError(f"{function!r} cannot be a function's name here.", "Use letters, digits and _.")
            if others := [
                one for one in known if one != name and self.wants(one) and self._named(one) == function
            ]:
                raise TargetError(
                    f"{name} cannot be called {function}: that is the function of {others[0]}.",
                    f"Choose another name, rename {others[0]} too, or leave it out with --exclude.",
                )

    def _named(self, api_name: str) -> str:
        """Return the name of an endpoint's function if no other function has it."""
        spoken = api_name if api_name.startswith("/") else f"fn_{api_name}"
        return self.rename.get(api_name) or function_name(spoken, ())
