"""Documents made of exploits: every text of a Space, in every position, stays text.

`HYPOTHESIS_PROFILE=long` runs 100,000 documents (see CONTRIBUTING.md).
"""

from __future__ import annotations

import ast
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacegen.errors import IntegrityError, SpacegenError
from spacegen.fetching.documents import Documents, Fetched, Json, Provenance
from spacegen.naming import is_package_name
from spacegen.packages.build import build
from spacegen.pipeline import chosen_name
from spacegen.reading.parse import parse
from support.documents import documents, endpoint, state, value
from support.drawn import DICE

# fmt: off
FRAGMENTS = (
    '"""', "'''", '"', "'", "\\", "\n", "\r", "\t", "\x00", "\x1b[31m", "\u202e", "\u2028", "\x85", "\ud800",
    "{{", "}}", "{%", "%}", "{#", "#", ")", "]", ":", ";", ",", "@", "%s", "$(id)", "`id`", "../", "/",
    "import os", "__import__('os').system('id')", "exec(", "eval(", "lambda", "class", "print", "None",
    "self", "space", "endpoint", "Call", "FileData", "Model", "__class__", "_", "\uff41", "\ufb01", "日本", "é",
    "<script>", "&quot;", "**", "__", "[a](b)", "x" * 300, "9" * 5000, "a", " ", "0", "1e999", "-1", "😀",
)
NUMBERS = (0, 1, -1, 2**63, 10**400, -(10**30), 0.5, -0.0, 1e308, 5e-324, float("inf"), float("nan"))
EVENT_KEYS = ("id", "api_name", "types", "queue", "backend_fn", "show_api", "api_visibility")
KINDS = ("string", "number", "integer", "boolean", "null", "filepath")
# fmt: on


class Hostile:
    """Makes documents by chance: texts of fragments in every position, and schemas that make sense or do not.

    Hypothesis holds the chances: in the short run it makes each choice, and shrinks them; in the long run it
    gives a seed, which costs a tenth.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def documents(self) -> Documents:
        # A prefix that is no path is refused before anything else is read; most documents shall get further.
        prefix = self._text() if self._rarely() and self._rarely() else "/gradio_api"
        config = {"title": self._json(), "api_prefix": prefix, "version": self._text()}
        more = {key: self._text() for key in ("protocol", "space_id") if self._rarely()}
        whole = documents(*[self._endpoint() for _ in self._some(1)], **config, **more)
        if self._rarely():
            return replace(whole, info=None)  # broken, so that `config` has to do
        info = whole.info or {}
        info["unnamed_endpoints"] = {
            self._text(): info["named_endpoints"].pop(name)
            for name in list(info["named_endpoints"])
            if self._rarely()
        }
        return whole

    def _endpoint(self) -> Json:
        said: Json = {"description": self._json()}
        if self._rarely():
            said["oauth_token"] = self._json()
        kind = self._random.choice(["select", "like", "delete"]) if self._often() else self._text()
        targets = [[self._random.randrange(9), kind] for _ in self._some()]
        sides = [[self._value() for _ in self._some()] for _ in "io"]
        odd = {key: self._json() for key in EVENT_KEYS if self._rarely() and self._rarely()}
        odd["collects_event_data"] = self._rarely()
        return endpoint(self._text(), *sides, said=said, api_description=self._json(), targets=targets, **odd)

    def _value(self) -> Json:
        if self._rarely():
            return state()
        return value(
            self._text() or "x",
            self._schema(),
            component=self._text(),
            props=self._props(),
            label=self._json(),
            example_input=self._json(),
            **({"default": self._json()} if self._often() else {}),
        )

    def _props(self) -> Json:
        props = {
            "label": self._text(),
            "choices": [[self._text(), self._scalar()] for _ in self._some()],
            "minimum": self._scalar(),
            "maximum": self._scalar(),
            "step": self._scalar(),
            "allow_custom_value": self._often(),
            "file_types": [self._text() for _ in self._some()],
            "value": self._json(),
        }
        return {key: prop for key, prop in props.items() if self._often()}

    def _schema(self, depth: int = 0) -> Any:
        match self._random.randrange(4 if depth > 2 else 9):
            case 0:
                return {
                    "type": self._random.choice(["string", "number", "integer", "boolean", "null", "filepath"])
                }
            case 1:
                return {"type": "string", "enum": [self._scalar() for _ in self._some()]}
            case 2:
                return {"const": self._scalar()}
            case 3:
                return self._json()
            case 4:
                return {"type": "array", "items": self._schema(depth + 1)}
            case 5:
                return {"type": "array", "prefixItems": [self._schema(depth + 1) for _ in self._some()]}
            case 6:
                return {"anyOf": [self._schema(depth + 1) for _ in self._some()]}
            case _:
                fields = {self._text(): self._schema(depth + 1) for _ in self._some()}
                required = [key for key in fields if self._often()]
                return {"type": "object", "title": self._text(), "properties": fields, "required": required}

    def _json(self, depth: int = 0) -> Any:
        match self._random.randrange(4 if depth > 1 else 6):
            case 0 | 1:
                return self._text()
            case 2 | 3:
                return self._scalar()
            case 4:
                return [self._json(depth + 1) for _ in self._some()]
            case _:
                return {self._text(): self._json(depth + 1) for _ in self._some()}

    def _scalar(self) -> Any:
        match self._random.randrange(4):
            case 0 | 1:
                return self._text()
            case 2:
                return self._random.choice(NUMBERS)
            case _:
                return self._random.choice([True, False, None])

    def _text(self) -> str:
        return "".join(self._random.choice(FRAGMENTS) for _ in range(self._random.randrange(5)))

    def _some(self, least: int = 0) -> range:
        return range(self._random.randint(least, 3))

    def _often(self) -> bool:
        return self._random.randrange(2) == 0

    def _rarely(self) -> bool:
        return self._random.randrange(6) == 0


BATCHES, BATCH = (100, 1000) if DICE else (1, 150)
MOST_SECONDS = 10.0
"""Of processor time, for one document of this size; hundreds of times what it takes."""


@dataclass
class Tally:
    """How many documents there were, how many were refused, and what they cost."""

    documents: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def __str__(self) -> str:
        each = self.seconds / self.documents * 1000
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        said = f"{self.documents} documents, {self.refused} refused, {each:.1f} ms each"
        return f"{said}, slowest {self.slowest:.2f} s, {memory} MB at most"


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    tally = Tally()
    yield tally
    print(f"\n{tally}")


@pytest.mark.parametrize("batch", range(BATCHES))
@settings(
    max_examples=BATCH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random=st.randoms(use_true_random=DICE))
def test_no_document_becomes_code(batch: int, tally: Tally, random: Random) -> None:
    hostile = Hostile(random).documents()
    start = time.process_time()
    tally.documents += 1
    try:
        check(Fetched(documents=hostile, provenance=Provenance(source="someone/app")))
    except IntegrityError:
        raise  # the last line of defence is not to be needed
    except SpacegenError:
        tally.refused += 1  # said in so many words, and nothing written
    taken = time.process_time() - start
    tally.seconds += taken
    tally.slowest = max(tally.slowest, taken)
    assert taken < MOST_SECONDS


def check(fetched: Fetched) -> None:
    space, _ = parse(fetched, chosen_name(fetched, None))
    assert is_package_name(space.package)
    files = build(space, source=fetched.provenance.source, options={})
    assert set(files) <= {"__init__.py", "endpoints.py", "models.py", "py.typed", "spacegen.json"}
    for name, source in files.items():
        assert "\x1b" not in source
        if name.endswith(".py"):
            compile(source, name, "exec", dont_inherit=True)
    functions = [n for n in ast.walk(ast.parse(files["endpoints.py"])) if isinstance(n, ast.FunctionDef)]
    assert [node.name for node in functions] == [e.function for e in space.endpoints if e.twin_of is None]
