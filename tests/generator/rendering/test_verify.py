"""A module that holds anything but what a stub holds is not let through."""

from __future__ import annotations

import pytest
from spacegen.errors import IntegrityError
from spacegen.rendering.render import render
from spacegen.rendering.verify import verify
from support.documents import NUMBER, STRING, endpoint, read, value

MODEL = {"title": "M", "type": "object", "properties": {"class": STRING}}
SPACE = read(
    endpoint("run", [value("x"), value("y", NUMBER, default=2)], [value()]),
    endpoint("run_1", [value("x"), value("y", NUMBER, default=2)], [value()]),
    endpoint(
        "two", [value("m", {"title": "M", "type": "object", "properties": {"class": STRING}})], [value(), value()]
    ),
)
FILES = render(SPACE)


def test_what_was_rendered_passes() -> None:
    verify(SPACE, FILES, "spacegen_runtime")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("endpoints.py", "space = Space(", "import os\nspace = Space("),
        ("endpoints.py", "space = Space(", "print(1)\nspace = Space("),
        ("endpoints.py", "space = Space(", "x = 1\nspace = Space("),
        ("endpoints.py", "from typing import Any, NamedTuple", "from os import Any, NamedTuple"),
        ("endpoints.py", "from typing import Any, NamedTuple", "from typing import Any, NamedTuple as Call"),
        ("endpoints.py", "y: float = 2", "y: float = print(2)"),
        ("endpoints.py", "y: float = 2", "y: print(1) = 2"),
        ("endpoints.py", "y: float = 2", "y: float = (lambda: 2)"),
        ("endpoints.py", "y: float = 2", "y: float = 3"),
        ("endpoints.py", "y: float = 2", "z: float = 2"),
        ("endpoints.py", "-> Call[str]:", "-> Call[exec('1')]:"),
        ("endpoints.py", "-> Call[str]:", "-> Call[[x for x in ()]]:"),
        ("endpoints.py", '"x": x,', '"z": x,'),
        ("endpoints.py", '"/run",', '"/other",'),
        ("endpoints.py", "@endpoint\n", "@endpoint\n@print\n"),
        ("endpoints.py", "    return space.call(", "    print(1)\n    return space.call("),
        ("endpoints.py", "    return space.call(", "    return other.call("),
        ("endpoints.py", "(NamedTuple)", "(NamedTuple, metaclass=print)"),
        ("endpoints.py", "textbox: str", "textbox: str = print()"),
        ("endpoints.py", 'run.twin("/run_1")', 'run.twin("/run_2")'),
        ("endpoints.py", 'run.twin("/run_1")', 'run.twin(print("/run_1"))'),
        ("endpoints.py", "def two(", "def too("),
        ("endpoints.py", "def two(", "async def two("),
        ("models.py", "class M(Model):", "class M(Model):\n    print(1)"),
        ("models.py", "Field(", "print("),
        ("models.py", "class_: ", "str: "),
        ("models.py", "class_: ", "\uff33\uff54\uff52: "),
        ("models.py", "class_: ", "model_config: "),
        ("models.py", 'alias="class"', 'alias="other"'),
        ("models.py", "class M(Model):", "class str(Model):"),
        ("endpoints.py", "(NamedTuple):", "(NamedTuple):\n    str: str"),
        ("endpoints.py", "import models\n", "import models, models\n"),
        ("endpoints.py", "import models\n", "import endpoints as models\n"),
        ("endpoints.py", "from . import models\n", "from .. import models\n"),
        ("__init__.py", "import M\n", "import M, M\n"),
        ("__init__.py", "import M\n", "import N as M\n"),
        ("__init__.py", "if TYPE_CHECKING:", "if M:"),
        ("__init__.py", "late(__name__)", "late(M)"),
        ("__init__.py", "late(__name__)", "print(__name__)"),
        ("__init__.py", "__getattr__, __dir__ =", "__getattr__, space ="),
        ("__init__.py", "else:\n", "else:\n    print(1)\n"),
        ("endpoints.py", "x: str,", "x: int,"),
        ("endpoints.py", "-> Call[str]:", "-> Call[int]:"),
        ("__init__.py", "__all__ = [", "__all__ = [print(),"),
        ("__init__.py", '"""someone', '"""\u202esomeone'),
        ("__init__.py", '"""someone', '"""\x1bsomeone'),
        ("__init__.py", "__all__ = [", "__all__ = ["[:-1]),
    ],
)
def test_what_was_tampered_with_does_not(file: str, old: str, new: str) -> None:
    out = FILES["endpoints.py"].replace("out: str\n    out_2: str", "textbox: str\n    out_2: str")
    files = {**FILES, "endpoints.py": out}
    assert old in files[file]
    files[file] = files[file].replace(old, new, 1)

    with pytest.raises(IntegrityError):
        verify(SPACE, files, "spacegen_runtime")
