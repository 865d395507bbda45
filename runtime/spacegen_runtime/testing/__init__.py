"""Fakes of Spaces, for tests of code that uses a package: offline, through the runtime's own code.

    from spacegen_runtime.testing import fake_space

    def test_mine():
        with fake_space(en2fr) as fake:
            fake.on(translate).returns("Bonjour")
            assert my_code("Hello") == "Bonjour"
            assert fake.calls(translate) == [{"text": "Hello"}]

Nothing of this is loaded with a package.
"""

from ._answers import Answer
from ._fake import FakeSpace, fake_space
from ._guard import RealCall, allow_real
from ._recorded import NotRecorded, RecordedSpace, recorded

__all__ = [
    "Answer",
    "FakeSpace",
    "NotRecorded",
    "RealCall",
    "RecordedSpace",
    "allow_real",
    "fake_space",
    "recorded",
]
