"""Turns the rows of an input into calls, and opens the files of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigurationError, InputRefused, SpaceError
from .options import Settings
from .outcome import Outcome, Row, placed
from .target import Target

if TYPE_CHECKING:
    from .files import Keeper
    from .journal import Journal


class Reader:
    """Turns the items of an input into rows.

    Args:
        target: The endpoint.
        settings: What was asked for.
        describe: The call that a row describes.
    """

    def __init__(self, target: Target, settings: Settings, describe: Callable[[Any], Any]) -> None:
        self.target = target
        self.settings = settings
        self._describe = describe
        self._keyed = settings.checkpoint is not None or settings.save_to is not None
        self._journal: Journal | None = None
        self._count = 0

    def open(self) -> tuple[Journal | None, Keeper | None]:
        """Open the files that the run writes to.

        Raises:
            ConfigurationError: The checkpoint belongs to something else, or another run uses it.
        """
        keeper = None
        if self.settings.save_to is not None:
            from .files import Keeper

            keeper = Keeper(self.settings.save_to)
        if self.settings.checkpoint is not None:
            from .journal import Journal

            self._journal = Journal(
                self.settings.checkpoint,
                self.target,
                retry_failed=self.settings.retry_failed,
                save_to=self.settings.save_to,
            )
        return self._journal, keeper

    def close(self) -> None:
        """Close what was opened."""
        if self._journal is not None:
            self._journal.close()

    def row(self, value: Any) -> Row | Outcome[Any]:
        """The next row, or its outcome if an earlier run has it already."""
        row = Row(self._count, value)
        self._count += 1
        try:
            if isinstance(value, Exception):  # the input raises this for a row that it cannot make
                raise value
            row.call = self._describe(value)
            if self._keyed:
                from .digest import key_of

                row.key = key_of(row.call.plan)
        except ConfigurationError:
            raise
        except (TypeError, ValueError, OSError, SpaceError) as error:
            row.problem = placed(_refused(error, self.target.name), row)
        if self._journal is not None and row.problem is None:
            known = self._journal.known(row)
            if known is not None:
                return known
        return row


def _refused(error: Exception, name: str) -> Exception:
    """The error for a row that cannot be called."""
    if isinstance(error, SpaceError):
        error.endpoint = error.endpoint or name
        return error
    text = str(error).partition("() ")[2] or str(error)  # Python names the function first
    refused = InputRefused(f"not sent: the row {text}", endpoint=name)
    refused.__cause__ = error
    return refused


def by_value(target: Target, args: tuple[Any, ...], constants: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Returns a function that makes a call from a value of the first parameter.

    Raises:
        TypeError: The endpoint does not take these constants in addition to one value.
    """
    describe, shape = target.describe, target.shape
    first = next(iter(shape.parameters.values()), None)
    if first is None:
        raise TypeError("the endpoint takes no parameters, so there is nothing to map over")
    if first.kind is first.KEYWORD_ONLY:
        shape.bind(*args, **{first.name: None, **constants})
        return lambda value: describe(*args, **{first.name: value}, **constants)
    shape.bind(None, *args, **constants)
    return lambda value: describe(value, *args, **constants)


def by_record(target: Target, constants: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Return what makes a call from a whole row: a mapping by parameter names, or a tuple by position.

    Raises:
        TypeError: The endpoint does not take these constants.
    """
    describe, shape = target.describe, target.shape
    shape.bind_partial(**constants)

    def call(row: Any) -> Any:
        if isinstance(row, Mapping):
            given = {**constants, **cast("Mapping[str, Any]", row)}
            _check_names(given, shape.parameters)
            return describe(**given)
        if isinstance(row, (tuple, list)):
            return describe(*cast("tuple[Any, ...]", row), **constants)
        raise TypeError(f"is a {type(row).__name__}, and must be a mapping by parameter name, or a tuple")

    return call


def _check_names(given: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    from .._options import unknown

    for name in given:
        if name not in parameters and not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
            raise TypeError("has " + unknown(name, tuple(parameters)).replace("option", "parameter"))
