"""What can go wrong while a package is written, and what is worth telling without stopping.

Fatal problems are exceptions, one line each that names what and where, and says what to do next:

    SpacegenError
    ├── SourceError            what was asked for cannot be read
    │   ├── SourceNotFound     no such Space, host or file
    │   │   └── NoSource       the words name none: they are of no form that a source has
    │   ├── SourceForbidden    private, gated or behind a login
    │   ├── SourceUnavailable  unreachable, asleep, building, paused, broken or too slow
    │   └── NotGradio          something answered, but it is no Gradio app
    ├── DocumentError          the documents are there, but make no sense
    ├── TooLarge               they ask for more work than a package is worth
    ├── ListingError           [tool.spacegen] in a pyproject.toml makes no sense
    ├── ManifestError          a package's spacegen.json cannot be read
    ├── TargetError            the package cannot be written where it was asked for
    │   └── PackageNotFound    there is no such package
    ├── IntegrityError         written source is not what was promised; nothing was replaced
    ├── RuntimeMissing         a package wants a copy of the runtime, and there is none here
    ├── StrictError            there were warnings, and they were asked to be errors
    ├── ArgumentError          what was typed makes no call of the endpoint
    ├── OutputError            standard output cannot be written
    └── CallFailed             the call gave no result

A problem with one endpoint is a value, a `Diagnostic`: the other endpoints are written all the same.
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
        exit_code: How the command ends: 1, or 2 where what was typed makes no sense.
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
    """The words are of no form that a source has, so that there is nothing to look for."""

    exit_code = 2


class SourceForbidden(SourceError):
    """The Space is private, gated or asks for a login."""


class SourceUnavailable(SourceError):
    """The Space is unreachable, asleep, building, paused, broken or too slow."""


class NotGradio(SourceError):
    """Something answered at that address, but it is no Gradio app."""


class DocumentError(SpacegenError):
    """The documents were read, but are not what Gradio publishes."""


class TooLarge(SpacegenError):
    """The documents ask for more than fits into one package, by repeating a little very often."""


class ListingError(SpacegenError):
    """What a pyproject.toml lists for spacegen makes no sense."""

    exit_code = 2


class ManifestError(SpacegenError):
    """A package's `spacegen.json` is damaged, or of a later format."""


class TargetError(SpacegenError):
    """The package cannot be written where it was asked for."""


class PackageNotFound(TargetError):
    """There is no package where one was named."""

    exit_code = 2


class IntegrityError(SpacegenError):
    """The written source is not what the documents promised; nothing was replaced."""


class RuntimeMissing(SpacegenError):
    """A copy of the runtime was asked for, and there is none to copy."""


class StrictError(SpacegenError):
    """There were warnings, and they were asked to be errors; nothing was written."""


class ArgumentError(SpacegenError):
    """The words make no call of the endpoint; the message may have several lines."""


class OutputError(SpacegenError):
    """Standard output cannot be written, because the disk is full, say."""

    exit_code = 2


class CallFailed(SpacegenError):
    """The Space, or the way to it, did not give a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """Something a user should know about one endpoint, or about the Space as a whole.

    Attributes:
        level: `warning` where the package lacks or widens something, `note` where it does not.
        endpoint: The endpoint's name as the Space spells it, or None for the whole Space.
        message: One sentence.
    """

    level: Literal["note", "warning"]
    endpoint: str | None
    message: str

    def __str__(self) -> str:
        return self.message if self.endpoint is None else f"{self.endpoint}: {self.message}"
