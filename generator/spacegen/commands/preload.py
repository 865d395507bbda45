"""Heavy imports while the network waits.

Rendering needs jinja2, long lines black (0.2 s to import), and shared models datamodel-code-generator (0.3 s).
None of them is needed before the documents are there, so they load beside the requests.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress

from spacegen.rendering.format import load_black
from spacegen.rendering.preload import Preload

_ALWAYS = ("jinja2",)
_FOR_MODELS = ("datamodel_code_generator.config", "datamodel_code_generator.parser.jsonschema")
_GRACE = 0.25
"""Seconds in which a nearby app answers.

Until then it is better to wait and see whether models are needed, because this machine is busy with other imports.
After that it is idle, and an unnecessary import costs nothing.
"""


class ThreadedPreload(Preload):
    """Imports in a thread, started at once."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._busy = threading.Event()
        self._decided = threading.Event()
        self._models = True
        self._thread = threading.Thread(target=self._run, name="spacegen-preload", daemon=True)
        self._thread.start()

    def hold(self) -> None:
        """Start no more imports before `wait`."""
        self._busy.set()

    def wait(self, *, models: bool) -> None:
        """Wait for what is needed; without models, imports that only they need are not started."""
        self._models = models
        self._decided.set()
        self._busy.set()
        if models:
            self._thread.join()
        else:
            self._ready.wait()

    def __enter__(self) -> ThreadedPreload:
        return self

    def __exit__(self, *exc: object) -> None:
        """Start no more imports, and wait for the running one, so that no thread is left."""
        self.wait(models=False)
        self._thread.join()

    def _run(self) -> None:
        try:
            _import(_ALWAYS)
        finally:
            self._ready.set()
        if not self._busy.wait(_GRACE):
            with suppress(ImportError):
                load_black()
        for name in _FOR_MODELS:
            if self._busy.is_set():
                self._decided.wait()
            if self._models:
                _import((name,))


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:  # the stage that needs it raises the error again
            return
