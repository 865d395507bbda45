"""Heavy imports while the network waits.

Rendering and formatting need jinja2 and black (0.2 s to import), shared models need datamodel-code-generator
(0.3 s). None of them is needed before the documents are there, so they load beside the requests.
"""

from __future__ import annotations

import importlib
import threading

_ALWAYS = ("jinja2", "black")
_FOR_MODELS = ("datamodel_code_generator.config", "datamodel_code_generator.parser.jsonschema")


def warm_up() -> threading.Event:
    """Start importing what the later stages need, in a thread.

    Returns:
        An event; set it to skip what has not begun yet, once it is known that no models are needed.
    """
    enough = threading.Event()
    threading.Thread(target=_import_all, args=(enough,), name="spacegen-warm-up", daemon=True).start()
    return enough


def _import_all(enough: threading.Event) -> None:
    for name in (*_ALWAYS, *_FOR_MODELS):
        if enough.is_set():
            return
        try:
            importlib.import_module(name)
        except ImportError:  # the stage that needs it says so, where somebody hears it
            return
