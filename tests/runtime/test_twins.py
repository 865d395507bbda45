"""One function for several events of a Space, and parameters with unusual names."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from spacegen_runtime import Call, Endpoint, Space, endpoint

space = Space("app", url="http://127.0.0.1:1", prefix="/gradio_api", protocol="sse_v3", package=__package__)


@endpoint
def run(x: str) -> Call[str]:
    """Run it."""
    return space.call("/run", {"x": x})


run_1 = run.twin("/run_1")


def test_a_twin_is_the_same_function_for_another_event() -> None:
    assert (run.api_name, run_1.api_name, run_1.with_options(timeout=1).api_name) == ("/run", "/run_1", "/run_1")
    assert run_1.__doc__ == run.__doc__
    assert repr(run_1).endswith("run for '/run_1'>")


def test_a_twin_pickles_by_reference(monkeypatch: Any) -> None:
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or type(sys)(__name__))
    monkeypatch.setattr(sys.modules[__name__], "run", run, raising=False)
    restored = pickle.loads(pickle.dumps(run_1.with_options(timeout=3)))

    assert restored.api_name == "/run_1"


def test_a_twin_calls_its_own_event(app: Callable[[str], Any]) -> None:
    text = app("text")
    echo: Endpoint[..., Any] = text("/hello")

    assert echo.twin("/echo")("hi") == "hi"


def test_a_parameter_may_be_called_self() -> None:
    @endpoint
    def odd(self: str) -> Call[str]:
        return space.call("/odd", {"self": self})

    assert odd._describe(self="x").plan.arguments == {"self": "x"}
