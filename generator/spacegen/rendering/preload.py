"""What is told how far a package is, so that heavy modules can be imported beside the work."""

from __future__ import annotations


class Preload:
    """Imports nothing early: each stage imports what it needs when it needs it.

    The commands have another one, which imports in a thread.
    """

    def hold(self) -> None:
        """Begin nothing more before `wait`: the documents are there, and reading them needs the processor."""

    def wait(self, *, models: bool) -> None:
        """Return once the rest may be imported; without models, what only they need is no longer begun."""
