"""Hears how far a package is, so that heavy modules can be imported during other work."""

from __future__ import annotations


class Preload:
    """Imports nothing early: each stage imports what it needs when it needs it.

    The commands have another one, which imports in a thread.
    """

    def hold(self) -> None:
        """Start no more imports before `wait`, because reading the documents needs the processor."""

    def wait(self, *, models: bool) -> None:
        """Wait until everything needed is imported.

        Without models, imports that only they need are not started.
        """
