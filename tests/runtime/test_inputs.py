"""What callers give: sent as the page sends it, or refused before anything is sent."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import decimal
import enum
import io
import json
import math
import socket
import tempfile
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacegen_runtime import Call, FileData, Space, endpoint, errors
from spacegen_runtime._json import to_json
from spacegen_runtime._options import Options
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.values.cannot_send import CannotSend
from spacegen_runtime.values.encode import Encoder, places

# Nobody listens there: whatever was sent would end in CannotConnect.
nowhere = Space("app", url="http://127.0.0.1:1")
nowhere.configure(retries=0)
PLACES = (("one", "several[]", "deep[].image"), ("words", "pairs", "pairs[]", "several"), ("table",))
TREE = places(*PLACES)


@endpoint
def give(
    one: Any = None,
    several: Any = (),
    deep: Any = (),
    word: Any = "",
    words: Any = (),
    pairs: Any = (),
    table: Any = None,
) -> Call[str]:
    given = {
        "one": one,
        "several": several,
        "deep": deep,
        "word": word,
        "words": words,
        "pairs": pairs,
        "table": table,
    }
    files, lists, objects = PLACES
    return nowhere.call("/give", given, files=files, lists=lists, objects=objects)


class Choice(enum.Enum):
    A = "a"


class Text(str, enum.Enum):
    A = "a"


@dataclasses.dataclass
class Point:
    x: float = 1.0


class Array:
    """As much of a numpy array as is looked at."""

    shape = (2,)

    def __array__(self) -> None: ...

    def tolist(self) -> list[float]:
        return [1.0, 2.5]


class Frame:
    """As much of a pandas frame as is looked at."""

    columns = ("a",)

    def __iter__(self) -> Any:
        return iter("a")


class Picture:
    mode = "RGB"

    def save(self, to: Any) -> None: ...


class Slow:
    async def read(self, size: int) -> bytes:
        return b""


def closed() -> Any:
    file = io.BytesIO(b"x")
    file.close()
    return file


def deep() -> Any:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    return value


ODD: list[Callable[[], Any]] = [
    object,
    closed,
    deep,
    Array,
    Frame,
    Picture,
    Slow,
    socket.socket,
    lambda: {"x": 1}.keys(),
    lambda: (c for c in "xy"),
    lambda: io.StringIO("x"),
    lambda: tempfile.TemporaryFile("w+"),  # noqa: SIM115 # it goes with its value
    lambda: 10**5000,
    lambda: 1j,
    lambda: Space,
    lambda: Path("nothere"),
    lambda: Path(),
    lambda: "data:image/png;base64,AA==",
    lambda: "x" * 5000,
    lambda: "a\0b",
    lambda: "",
]
FINE: list[Callable[[], Any]] = [
    lambda: None,
    lambda: True,
    lambda: 42.0,
    lambda: "text",
    lambda: decimal.Decimal("2.0"),
    lambda: Choice.A,
    lambda: Text.A,
    Point,
    lambda: datetime.datetime(2026, 1, 2),
    lambda: uuid.UUID(int=1),
    lambda: deque([1.0]),
    lambda: {1},
    lambda: range(2),
    lambda: b"bytes",
    lambda: bytearray(b"bytes"),
    lambda: memoryview(b"bytes"),
    lambda: io.BytesIO(b"bytes"),
    lambda: tempfile.SpooledTemporaryFile(),  # noqa: SIM115 # it goes with its value
    lambda: FileData.of(b"bytes"),
    lambda: FileData.of(cast(Any, bytearray(b"bytes"))),
    lambda: Path(__file__),
    lambda: "https://example.org/cat.png",
]
makers = st.sampled_from([*ODD, *FINE])


def nested(inner: Any) -> Any:
    return st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner),
        st.dictionaries(st.sampled_from(["image", "x"]), inner, max_size=2),
    )


def built(shape: Any) -> Any:
    """The value that a drawn shape stands for: each maker called where it lies."""
    if isinstance(shape, dict):
        return {key: built(one) for key, one in shape.items()}
    if isinstance(shape, (list, tuple)):
        return type(shape)(built(one) for one in shape)
    return shape()


NAMES = ["one", "several", "deep", "word", "words", "pairs", "table"]


@given(st.recursive(makers, nested, max_leaves=6), st.sampled_from(NAMES))
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_every_value_is_sent_as_json_or_refused_by_name(shape: Any, name: str) -> None:
    encoder = Encoder(Server("http://127.0.0.1", prefix="", protocol="sse_v3"), Options())
    value: Any = None
    try:
        value = encoder.argument(name, built(shape), TREE.get(name, {}))
    except CannotSend as refused:
        steps, said = refused.steps, str(refused)
    else:
        assert json.loads(to_json({"": value}))
        steps, said = [name], "takes , not "
    assert steps[0] == name
    assert "takes " in said
    assert ", not " in said
    assert len(said) < 300
    assert not any(isinstance(part, float) and part.is_integer() for part in _numbers(value))
    assert not any(isinstance(part, float) and part.is_integer() for part in _numbers(value))
    for pending in encoder.pending:
        source = pending.source
        assert (
            isinstance(source, bytes)
            or (isinstance(source, str) and Path(source).is_file())
            or source.read(0) == b""
        )


def _numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for one in value for number in _numbers(one)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


@given(st.recursive(st.floats() | st.integers(), nested, max_leaves=8))
def test_whole_numbers_go_out_whole_and_equal(value: Any) -> None:
    encoded = Encoder(Server("http://127.0.0.1", prefix="", protocol="sse_v3"), Options()).encode(value, {})
    before, after = _numbers(_listed(value)), _numbers(encoded)
    for old, new in zip(before, after, strict=True):
        assert old == new or (math.isnan(old) and math.isnan(new))
        assert type(new) is int or not float(new).is_integer() or abs(new) >= 1e21


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, (list, tuple)) else value


WRONG: list[tuple[str, Callable[[], Any], str]] = [
    (
        "several",
        lambda: "notes.txt",
        r"not sent: `several` takes a list of files, not 'notes.txt' \(str\); for one file, give a list of one",
    ),
    ("several", lambda: b"hello", "`several` takes a list of files, not bytes"),
    ("several", lambda: [b"", Picture()], r"`several\[1\]` takes a file .*, not .*Picture"),
    ("deep", lambda: [{"image": Array()}], r"`deep\[0\].image` takes an image"),
    ("one", Frame, "`one` takes a file .*, not .*Frame"),
    ("one", lambda: [b""], "`one` takes a file .*, not list; it takes one file"),
    ("one", lambda: True, "`one` takes a file .*, not bool"),
    ("one", lambda: 5, r"`one` takes a file .*, not 5 \(int\)"),
    (
        "one",
        lambda: io.StringIO(),
        "a binary file object, not io StringIO, which gives str; open it with mode",
    ),
    ("one", closed, "closed file"),
    ("one", lambda: "data:image/png;base64,AA", "a data URL; decode it"),
    ("several", lambda: 5, r"`several` takes a list of files, not 5 \(int\)"),
    ("several", lambda: True, "`several` takes a list of files, not bool"),
    ("words", lambda: "abc", r"`words` takes a list, not 'abc' \(str\); for one value, give a list of one"),
    ("words", lambda: Text.A, "`words` takes a list, not .*Text"),
    ("words", lambda: 5, r"`words` takes a list, not 5 \(int\)"),
    ("words", lambda: FileData.of(b"x"), "`words` takes a list, not .*FileData"),
    ("pairs", lambda: [["a", "b"], "ab"], r"`pairs\[1\]` takes a list, not 'ab' \(str\)"),
    ("pairs", lambda: "ab", r"`pairs` takes a list, not 'ab' \(str\)"),
    ("table", lambda: [[1, "x"]], "`table` takes a mapping or a model, not list"),
    ("table", Array, "`table` takes a mapping or a model, not list"),
    ("table", lambda: "x", r"`table` takes a mapping or a model, not 'x' \(str\)"),
    ("word", lambda: {"x": 1}.keys(), r"`word` takes what JSON can hold .*, not dict_keys; make it a list"),
    ("word", lambda: {"a": [object()]}, r"`word.a\[0\]` takes"),
    ("word", lambda: Path("x"), r"not .*Path; where it means a file, write FileData.of\(it\)"),
]


async def _asked(call: Any) -> None:
    await call


async def _drained(steps: Any) -> None:
    async for _ in steps:
        pass


async def _job(job: Any) -> None:
    await (await job)


MODES: dict[str, Callable[[str, Callable[[], Any]], Any]] = {
    "call": lambda name, value: give(**{name: value()}),
    "aio": lambda name, value: asyncio.run(_asked(give.aio(**{name: value()}))),
    "stream": lambda name, value: list(give.stream(**{name: value()})),
    "astream": lambda name, value: asyncio.run(_drained(give.astream(**{name: value()}))),
    "submit": lambda name, value: give.submit(**{name: value()}).result(),
    "asubmit": lambda name, value: asyncio.run(_job(give.asubmit(**{name: value()}))),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_what_cannot_be_sent_is_refused_before_in_every_mode(
    mode: str, name: str, value: Callable[[], Any], says: str
) -> None:
    with pytest.raises(errors.InputRefused, match=says) as caught:
        MODES[mode](name, value)
    assert list(caught.value.problems) == [name]
    assert caught.value.endpoint == "/give"


def test_a_missing_file_is_an_error_of_both_trees() -> None:
    with pytest.raises(errors.NoSuchFile, match=r"`one` takes a file .*, not 'nothere.png' \(str\), which"):
        list(give.map(["nothere.png"]))
    with pytest.raises(FileNotFoundError):
        give("nothere.png")


RIGHT: list[tuple[str, Any, Any]] = [
    ("words", ["abc"], ["abc"]),
    ("words", (), []),
    ("words", {"a"}, ["a"]),
    ("words", None, None),
    ("words", {"a": 1}, {"a": 1}),  # what else it may be, the server decides
    ("words", Array(), [1, 2.5]),
    ("pairs", [["a", None], (1, 2)], [["a", None], [1, 2]]),
    ("pairs", [None], [None]),
    ("table", {"headers": ["a"], "data": [["=", ""]], "": 1, "=": 2}, None),
    ("table", Point(), {"x": 1}),
    ("word", "abc", "abc"),
    ("one", {"": "x", "=": "y"}, None),
]


@pytest.mark.parametrize(("name", "value", "wanted"), RIGHT)
def test_what_a_list_or_an_object_may_be_is_sent_as_it_is(name: str, value: Any, wanted: Any) -> None:
    encoder = Encoder(Server("http://127.0.0.1", prefix="", protocol="sse_v3"), Options())

    sent = encoder.argument(name, value, TREE.get(name, {}))

    assert sent == (value if wanted is None else wanted)


def test_a_file_data_goes_wherever_it_is_given() -> None:
    for name, value in (
        ("word", FileData.of(b"x")),
        ("deep", [{"image": bytearray(b"x")}]),
        ("one", memoryview(b"x")),
    ):
        with pytest.raises(errors.CannotConnect):
            give(**{name: value})
