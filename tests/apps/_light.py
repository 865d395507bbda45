"""Spares Gradio work that no test sees; most of what an app costs here is such work. Comes before `gradio`.

The benchmarks run Gradio as it is; only what a server does before it answers is spared there.
"""

import contextlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from typing import Any

SECONDS_BETWEEN_LOOKS = 0.02


def _is_light() -> bool:
    """Whether calls are to be cheap, too: `tests/conftest.py` wants it."""
    return bool(os.environ.get("LIGHT_APPS"))


class _NoStubs(MetaPathFinder):
    """Each import of Gradio writes the stubs of its components again: nearly half of the time that it takes."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != "gradio.component_meta":
            return None
        sys.meta_path.remove(self)
        found = importlib.util.find_spec(name)
        run = found.loader.exec_module

        def run_without_stubs(module: Any) -> None:
            run(module)
            module.create_or_modify_pyi = lambda *_: None

        found.loader.exec_module = run_without_stubs
        return found


sys.meta_path.insert(0, _NoStubs())


@contextlib.contextmanager
def without_routes() -> Iterator[None]:
    """Gradio makes its hundred routes when an app begins, when it ends and for its queue, each time for nothing.

    Those that serve are made by `launch` and by `mount_gradio_app`, which come afterwards.
    """
    from gradio.routes import App

    real = inspect.getattr_static(App, "create_app")
    App.create_app = staticmethod(lambda *_, **__: None)
    try:
        yield
    finally:
        App.create_app = real


def lighten(demo: Any) -> None:
    """Let an app of Gradio 5 or 6 cost little while nobody calls it, and for each visitor."""
    if not _is_light():
        return
    demo._queue.sleep_when_free = SECONDS_BETWEEN_LOOKS  # Gradio 6 looks a thousand times a second
    demo._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # it makes statistics of all calls anew with each
    _describe_once(demo.default_config)


def _describe_once(config: Any) -> None:
    """Each visitor has a description of every component, for deep links: most of what a call costs here.

    As long as a component is the app's own it is described as for the visitor before.
    """
    kind, described = type(config), {}
    real, copied = kind.config_for_block, kind.__copy__
    own = {id(block) for block in config.blocks.values()}

    def config_for_block(number: int, rendered: list[int], block: Any, renderable: Any = None) -> Any:
        if renderable is not None or id(block) not in own:
            return real(number, rendered, block, renderable)
        if number not in described:
            described[number] = real(number, rendered, block)
        found = described[number]
        return {**found, "props": {**found["props"]}}

    def copy_for_a_visitor(self: Any) -> Any:
        made = copied(self)
        made.config_for_block = config_for_block
        return made

    kind.__copy__ = copy_for_a_visitor
