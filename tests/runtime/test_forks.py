"""What a forked child does with the connections of its parent: nothing, whatever becomes of who held them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import warnings
from typing import Any

import pytest
from runtime.conftest import App
from support.servers import Servers

_inherited: Any = None


def _configure(said: Any) -> None:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        _inherited.space.configure(timeout=30)  # lets go of the parent's server
        gc.collect()
        again = _inherited("/echo")("b")
    said.put((again, [str(one.message) for one in found]))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_that_lets_go_of_a_server_leaves_its_connections_alone(
    server: Servers, gradio_version: str
) -> None:
    global _inherited
    _inherited = App(server("text", version=gradio_version), gradio_version)
    echo = _inherited("/echo")
    assert (echo("a"), echo.submit("a").result()) == ("a", "a")  # a connection of each kind
    context = multiprocessing.get_context("fork")
    said: Any = context.Queue()

    child = context.Process(target=_configure, args=(said,))
    child.start()

    assert said.get(timeout=60) == ("b", [])
    assert (echo("c"), echo.submit("c").result()) == ("c", "c")
    child.join()
    assert child.exitcode == 0
    server.pause()
