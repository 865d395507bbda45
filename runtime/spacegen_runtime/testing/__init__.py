"""Fakes of Spaces, for tests of code that uses a package: offline, through the runtime's own code.

    from spacegen_runtime.testing import fake_space

    def test_mine():
        with fake_space(en2fr) as fake:
            fake.on(translate).returns("Bonjour")
            assert my_code("Hello") == "Bonjour"
            assert fake.calls(translate) == [{"text": "Hello"}]

Nothing of this is loaded with a package, and little of it before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..errors import NotRecorded, RealCall
    from ._answers import Answer
    from ._asgi import asgi_app
    from ._fake import FakeSpace, fake_space
    from ._guard import allow_real
    from ._recorded import RecordedSpace, recorded

__all__ = [
    "Answer",
    "FakeSpace",
    "NotRecorded",
    "RealCall",
    "RecordedSpace",
    "allow_real",
    "asgi_app",
    "fake_space",
    "recorded",
]

_WHERE = {
    "Answer": "_answers",
    "FakeSpace": "_fake",
    "NotRecorded": ".errors",
    "RealCall": ".errors",
    "RecordedSpace": "_recorded",
    "allow_real": "_guard",
    "asgi_app": "_asgi",
    "fake_space": "_fake",
    "recorded": "_recorded",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return __all__
