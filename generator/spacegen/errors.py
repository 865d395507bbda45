"""What can go wrong while a package is written, and what is reported without stopping.

Fatal problems are exceptions. Their message says in one line what is wrong and where, and a hint says what to do:

    SpacegenError
    ├── SourceError            the source cannot be read
    │   ├── SourceNotFound     no such Space, host or file
    │   │   └── NoSource       the text does not have the form of a source
    │   ├── SourceForbidden    private, gated or behind a login
    │   ├── SourceUnavailable  unreachable, asleep, building, paused, broken or too slow
    │   └── NotGradio          something answered, but it is not a Gradio app
    ├── DocumentError          the documents are there, but make no sense
    ├── TooLarge               the documents are too large for one package
    ├── ListingError           [tool.spacegen] in a pyproject.toml makes no sense
    ├── ManifestError          a package's spacegen.json cannot be read
    ├── TargetError            the package cannot be written where it was asked for
    │   └── PackageNotFound    there is no such package, file or folder
    ├── IntegrityError         written source is not what was promised; nothing was replaced
    ├── RuntimeMissing         a package needs a copy of the runtime, which is not installed
    ├── StrictError            there were warnings, and `strict` makes them errors
    ├── ArgumentError          the typed arguments do not fit the endpoint
    ├── OutputError            standard output cannot be written
    └── CallFailed             the call gave no result

A problem with one endpoint is a value, a `Diagnostic`: the other endpoints are still written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class SpacegenError(Exception):
    """The root of everything spacegen raises on purpose.

    Args:
        message: What went wrong and where, in one sentence.
        hint: What to do next, in one sentence.

    Attributes:
        exit_code: The exit code of the command: 1, or 2 for wrong usage.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message} {hint}")
        self.message = message
        self.hint = hint


class SourceError(SpacegenError):
    """The Space, URL or file that was asked for cannot be read."""


class SourceNotFound(SourceError):
    """No such Space, host or file."""


class NoSource(SourceNotFound):
    """The text does not have the form of a source, so there is nothing to look up."""

    exit_code = 2


class SourceForbidden(SourceError):
    """The Space is private, gated or asks for a login."""


class SourceUnavailable(SourceError):
    """The Space is unreachable, asleep, building, paused, broken or too slow."""


class NotGradio(SourceError):
    """Something answered at that address, but it is not a Gradio app."""


class DocumentError(SpacegenError):
    """The documents were read, but are not what Gradio publishes."""


class TooLarge(SpacegenError):
    """The documents would make a package that is too large, for example by repeating parts very often."""


class ListingError(SpacegenError):
    """What a pyproject.toml lists for spacegen makes no sense."""

    exit_code = 2


class ManifestError(SpacegenError):
    """A package's `spacegen.json` is damaged, or of a later format."""


class TargetError(SpacegenError):
    """The package cannot be written where it was asked for."""


class PackageNotFound(TargetError):
    """There is no package, or no path at all, where one was named."""

    exit_code = 2


class IntegrityError(SpacegenError):
    """The written source is not what the documents promised; nothing was replaced."""


class RuntimeMissing(SpacegenError):
    """A copy of the runtime was requested, but the runtime is not installed."""


class StrictError(SpacegenError):
    """There were warnings, and `strict` makes them errors; nothing was written."""


class ArgumentError(SpacegenError):
    """The typed arguments do not fit the endpoint; the message may have several lines."""


class OutputError(SpacegenError):
    """Standard output cannot be written, for example because the disk is full."""

    exit_code = 2


class CallFailed(SpacegenError):
    """The call failed, on the Space or on the way to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """Something a user should know about one endpoint, or about the Space as a whole.

    Attributes:
        level: `warning` if something is missing in the package or has a wider type, otherwise `note`.
        endpoint: The endpoint's name as the Space spells it, or None for the whole Space.
        message: One sentence.
    """

    level: Literal["note", "warning"]
    endpoint: str | None
    message: str

    def __str__(self) -> str:
        return self.message if self.endpoint is None else f"{self.endpoint}: {self.message}"
