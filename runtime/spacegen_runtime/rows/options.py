"""What can be set for a run over many rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, cast

from .._options import unknown
from ..errors import ConfigurationError

LOWEST, HIGHEST = 1, 128  # calls in flight, by default
MOST = 10_000  # calls in flight; no machine keeps more connections by accident
PATIENCE = 600.0  # seconds


class RowOptions(TypedDict, total=False):
    """Options of `Endpoint.rows` and `Endpoint.records`. None stands for the default, which is written last.

    Attributes:
        concurrency: Calls in flight: a number, or the lowest and the highest between which the run finds how many
            the Space can take. Also with a plain number, fewer calls are made while the Space refuses calls. None:
            (1, 128).
        ordered: Give outcomes in the order of the input; otherwise as rows finish. None: True.
        attempts: How often a row may run. Use more than 1 only if running twice does no harm; then a row is called
            again after an error of the app, a lost connection or a time limit. A call that cannot have run is
            always made again, and does not count. None: 1.
        max_failures: How many rows may fail in this run until it stops with `TooManyFailures`. None: no limit.
        deadline: Seconds for the whole run, after which what is in flight is cancelled. None: no limit.
        patience: Seconds to wait for a Space that takes no calls (asleep, restarting, queue full, quota used up)
            before the run stops with its error; 0 stops at once, `math.inf` never. None: 600.
        checkpoint: File that remembers what is done, so that a later run calls only the rest. None: no file.
        retry_failed: Call rows again that the checkpoint remembers as failed. None: False.
        save_to: Folder into which files of results are saved as they come, named after their row. None: they stay
            on the Space.
        on_wait: Called with words and seconds whenever the run waits for the Space. None: no callback.
    """

    concurrency: int | tuple[int, int] | None
    ordered: bool | None
    attempts: int | None
    max_failures: int | None
    deadline: float | None
    patience: float | None
    checkpoint: str | os.PathLike[str] | None
    retry_failed: bool | None
    save_to: str | os.PathLike[str] | None
    on_wait: Callable[[str, float], object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`RowOptions` as they are in force."""

    lowest: int = LOWEST
    highest: int = HIGHEST
    ordered: bool = True
    attempts: int = 1
    max_failures: int | None = None
    deadline: float | None = None
    patience: float = PATIENCE
    checkpoint: Path | None = None
    retry_failed: bool = False
    save_to: Path | None = None
    on_wait: Callable[[str, float], object] | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """The settings behind options.

        Raises:
            ConfigurationError: A value makes no sense.
            TypeError: There is no such option.
        """
        wanted = dict[str, Any]()
        for name, value in options.items():
            if name not in RowOptions.__annotations__:
                raise TypeError(unknown(name, tuple(RowOptions.__annotations__)))
            if value is None:
                continue
            if name == "concurrency":
                wanted["lowest"], wanted["highest"] = _bounds(value)
            else:
                wanted[name] = _CHECKS[name](name, value)
        return cls(**wanted)


def _bounds(value: Any) -> tuple[int, int]:
    pair = tuple[Any, ...](cast(Any, value)) if isinstance(value, tuple) else (value, value)
    whole = len(pair) == 2 and all(type(one) is int for one in pair)
    if not whole or not 1 <= pair[0] <= pair[1] <= MOST:
        raise ConfigurationError(f"concurrency must be 1 or more, or (lowest, highest), not {value!r}")
    return pair[0], pair[1]


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {value!r}")
    return value


def _whole(least: int) -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        if type(value) is not int or value < least:
            raise ConfigurationError(f"{name} must be a whole number, {least} or more, not {value!r}")
        return value

    return check


def _seconds(name: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not value >= 0:
        raise ConfigurationError(f"{name} must be a number of seconds, not {value!r}")
    return float(value)


def _path(name: str, value: Any) -> Path:
    if not isinstance(value, (str, os.PathLike)):
        raise ConfigurationError(f"{name} must be a path, not {value!r}")
    return Path(cast("str | os.PathLike[str]", value))


def _function(name: str, value: Any) -> Callable[[str, float], object]:
    if not callable(value):
        raise ConfigurationError(f"{name} must be a function, not {value!r}")
    return cast("Callable[[str, float], object]", value)


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "ordered": _flag,
    "attempts": _whole(1),
    "max_failures": _whole(0),
    "deadline": _seconds,
    "patience": _seconds,
    "checkpoint": _path,
    "retry_failed": _flag,
    "save_to": _path,
    "on_wait": _function,
}
