"""A server may say anything: a call ends with a result or with an error of the tree, and with nothing else.

`HYPOTHESIS_PROFILE=long` tries 100,000 servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import sys
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacegen_runtime import Call, FileData, Model, Space, UnexpectedOutputWarning, endpoint, errors
from spacegen_runtime._options import Options
from spacegen_runtime.protocol import downloads
from spacegen_runtime.protocol import request as request_module
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.protocol.steps import BEFORE_4_20
from spacegen_runtime.protocol.wire import Access
from support.drawn import DICE

EXAMPLES = 100_000 if DICE else 400


class Picture(Model):
    """A model with a file in it."""

    image: FileData
    caption: str | None = None


class Result(NamedTuple):
    """What is promised."""

    number: float
    word: str
    file: FileData
    pictures: list[Picture]


# Spelled out by the server alone, so that a failing example can be read.
SPELLED = {
    "<deep>": "[" * 400 + "]" * 400,
    "<deeper>": "[" * 200_000,
    "<digits>": "9" * 5000,
    "<minus>": "-" * 5000,
    "<tags>": "<" * 300_000,
}
ODD_WORDS = ("process_completed", "\ud800", "'a'<minus>'a'", "<tags>", "&#<digits>;", "/tmp/a", "data:,")
WORDS = st.sampled_from(["", "a", *ODD_WORDS])
SCALARS = st.none() | st.booleans() | st.sampled_from([-1, 0, 10**400, 1e999, float("nan")]) | WORDS
FILE_KEYS = ("path", "url", "orig_name", "size", "mime_type", "is_stream", "meta", "name", "is_file", "data")
KEYS = st.sampled_from([*FILE_KEYS, "image", "caption", "__type__", "value", "update"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=8,
)
QUOTAS = st.builds(
    "You have exceeded your GPU quota ({}s requested vs. {}s left). Try again in {} days, {}:00:00".format,
    *[st.sampled_from(["60", "<digits>", "<tags>", "&#<digits>;"])] * 4,
)
OUTPUTS = st.fixed_dictionaries(
    {},
    optional={
        "data": VALUES | st.lists(VALUES, min_size=3, max_size=5),
        "error": QUOTAS | VALUES,
        "title": VALUES,
    },
)
NAMES = (
    *("estimation", "process_starts", "progress", "log", "heartbeat", "process_generating", "process_streaming"),
    *("process_completed", "unexpected_error", "close_stream", "queue_full", "send_data", "send_hash"),
)
UNITS = st.dictionaries(st.sampled_from(["desc", "index", "length", "progress", "unit"]), VALUES)
MESSAGES = st.fixed_dictionaries(
    {"msg": st.sampled_from(NAMES) | VALUES},
    optional={
        "event_id": st.just("e") | VALUES,
        "output": OUTPUTS | VALUES,
        "success": st.booleans() | VALUES,
        "progress_data": VALUES | st.lists(UNITS),
        **dict.fromkeys(["rank", "queue_size", "rank_eta", "eta", "log", "level", "title", "message"], VALUES),
    },
)
ODD = ("", "null", "[]", "{", "<html>", "<deeper>", "<digits>")
DEEP_RESULT = '{"msg": "process_completed", "success": true, "output": {"data": [<deep>, <deep>, <deep>, <deep>]}}'
TEXTS = MESSAGES.map(json.dumps) | st.sampled_from([*ODD, DEEP_RESULT])
IDS = st.sampled_from([0, 1, 2]) | VALUES
EVENTS = st.dictionaries(
    st.sampled_from(["id", "api_name", "inputs", "outputs"]), IDS | st.just("do") | st.lists(IDS)
)
PARTS = st.fixed_dictionaries({"id": IDS, "type": VALUES})
CONFIGS = st.fixed_dictionaries(
    {"dependencies": VALUES | st.lists(EVENTS)},
    optional={
        "components": VALUES | st.lists(PARTS),
        "api_prefix": VALUES
        | st.sampled_from(["/api", "@elsewhere", ".elsewhere", "//elsewhere", ":81", "/..", "?"]),
        **dict.fromkeys(["protocol", "version", "max_file_size"], VALUES),
    },
)
REPLIES = st.fixed_dictionaries({"event_id": st.just("e") | VALUES, "detail": VALUES, "data": VALUES})
BODIES = (VALUES | REPLIES | CONFIGS).map(json.dumps) | st.sampled_from(ODD)
ANSWERS = st.tuples(st.sampled_from([200, 200, 200, 204, 301, 401, 404, 422, 429, 500, 503]), BODIES)


def spelled(text: str) -> bytes:
    for name, meaning in SPELLED.items():
        text = text.replace(name, meaning)
    return text.encode("utf-8", "replace")


def server(job: tuple[int, str], messages: list[str], other: tuple[int, str]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.url.host, request.url.port) == ("127.0.0.1", 9)
        if request.method == "GET" and "/queue/" in request.url.path:
            stream = "".join(f"data: {message}\n\n" for message in messages)
            return httpx.Response(200, content=spelled(stream), headers={"content-type": "text/event-stream"})
        status, body = job if request.method == "POST" else other
        return httpx.Response(status, content=spelled(body))

    return httpx.MockTransport(answer)


@settings(max_examples=EXAMPLES)
@given(
    protocol=st.sampled_from(["ws", "sse", "sse_v1", BEFORE_4_20, "sse_v2.1", "sse_v3"]),
    key=st.sampled_from(["/do", 1]),
    job=st.just((200, '{"event_id": "e"}')) | ANSWERS,
    messages=st.lists(TEXTS, max_size=6),
    other=ANSWERS,
    queued=st.booleans(),
    steps=st.booleans(),
)
def test_a_call_ends_with_a_result_or_an_error_of_ours(
    protocol: str,
    key: str | int,
    job: tuple[int, str],
    messages: list[str],
    other: tuple[int, str],
    *,
    queued: bool,
    steps: bool,
) -> None:
    space = Space("app", url="http://127.0.0.1:9", prefix="", protocol=protocol)
    space.configure(retries=0, client_options={"transport": server(job, messages, other)})

    @endpoint
    def do() -> Call[Result]:
        return space.call(key, {"x": 1}, queued=queued)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnexpectedOutputWarning)
        try:
            results = list(do.stream()) if steps else [do()]
        except errors.SpaceError:
            results = []
    for result in results:
        file: object = result.file  # or whatever came instead
        if isinstance(file, FileData):
            assert file.name
            assert pickle.loads(pickle.dumps(file)).path == file.path


DEEP_MESSAGES = {
    "result": ("process_completed", '"success": true, "output": {"data": [<deep>, <deep>, <deep>, <deep>]}'),
    "update": ("process_completed", '"success": true, "output": {"data": [{"__type__": "update", "x": <deep>}]}'),
    "error": ("process_completed", '"success": false, "output": {"error": <deep>, "title": <deep>}'),
    "log": ("log", '"log": <deep>, "level": <deep>, "title": <deep>'),
    "progress": ("progress", '"progress_data": [{"desc": <deep>}], "rank": <deep>'),
    "step": ("process_generating", '"success": true, "output": {"data": [<deep>, <deep>]}'),
    "edits": ("process_generating", '"success": true, "output": {"data": [[["add", [0], 1]], []]}'),
    "end": ("unexpected_error", '"message": <deep>'),
}


@pytest.fixture
def deepest() -> Iterator[int]:
    """How deep Python calls here: as deep as by itself, for some libraries raise that to ten times as much."""
    before, limit = sys.getrecursionlimit(), 1000
    sys.setrecursionlimit(limit)
    yield limit
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("protocol", [BEFORE_4_20, "sse_v3"])
@pytest.mark.parametrize("names", [["step", "edits"], *([name] for name in DEEP_MESSAGES)], ids="-".join)
def test_no_depth_of_an_answer_ends_in_an_error_of_python(protocol: str, names: list[str], deepest: int) -> None:
    """What is read as JSON may still be too deep for what is done with it afterwards."""
    config = '{"dependencies": [{"id": 0, "api_name": "do"}]}'
    space = Space("app", url="http://127.0.0.1:9", prefix="", protocol=protocol)
    do = endpoint(lambda: space.call("/do", {}))
    for depth in range(200, deepest + 40, 40):
        deep = "[" * depth + "]" * depth
        for status in (200, 422, 500):
            job = (status, '{"event_id": "e"}' if status == 200 else f'{{"detail": {deep}, "error": {deep}}}')
            said = [DEEP_MESSAGES[name] for name in names]
            messages = [f'{{"msg": "{kind}", {rest}}}'.replace("<deep>", deep) for kind, rest in said]
            transport = server(job, messages, (200, config))
            space.configure(retries=0, client_options={"transport": transport})
            with contextlib.suppress(errors.SpaceError), warnings.catch_warnings():
                warnings.simplefilter("ignore", UnexpectedOutputWarning)
                list(do.stream())


@pytest.mark.parametrize(
    "prefix", ["@elsewhere", ".elsewhere", ":81", "//elsewhere", "/../x", "?", "/a#", "/ä", 5]
)
def test_a_prefix_names_no_other_host(prefix: object) -> None:
    """A Space says itself under which prefix it is called, and may say something else than yesterday."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        config = {"dependencies": [{"id": 0, "api_name": "do"}], "api_prefix": prefix}
        return httpx.Response(200, json=config) if request.url.path == "/config" else httpx.Response(404)

    space = Space("app", url="http://127.0.0.1:9", prefix="/old", protocol="sse_v3")
    space.configure(token="hf_secret", retries=0, client_options={"transport": httpx.MockTransport(answer)})

    @endpoint
    def do() -> Call[str]:
        return space.call("/do", {})

    with pytest.raises(errors.SpaceError):
        do()
    assert {(request.url.host, request.url.port) for request in asked} == {("127.0.0.1", 9)}
    assert [request.url.path for request in asked] == ["/old/call/do", "/config"] or prefix == 5


ODD_PLACES = (
    *("http://[", "http://[bad]/x", "http://x:99999999/", "http://x:port/", "http://", "http://\ud800/", "\ud800"),
    *(
        "data:",
        "data:;base64,!!!!",
        "data:;base64,a",
        "data:;base64,\u00e4",
        "data:,\ud800",
        "HTTP://x/",
        "/a\x00b",
        "http://" + "a" * 70_000,
    ),
)


@pytest.mark.parametrize("place", ODD_PLACES, ids=range(len(ODD_PLACES)))
@pytest.mark.parametrize("key", ["path", "url"])
@pytest.mark.parametrize("is_stream", [False, True])
def test_a_file_lies_somewhere_or_is_refused(place: str, key: str, *, is_stream: bool) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    home = Server("http://127.0.0.1:9", prefix="", protocol="sse_v3")
    home.client_options = {"transport": transport}
    file = FileData.from_wire({key: place, "is_stream": is_stream}, Access(home, Options(retries=0)))

    with contextlib.suppress(errors.SpaceError):
        assert file.read() == b""


REFUSALS = (
    *(httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout),
    *(httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.LocalProtocolError),
    *(httpx.DecodingError, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.TooManyRedirects),
)


@settings(max_examples=EXAMPLES)
@given(
    happens=st.lists(st.sampled_from([200, 206, 301, 401, 403, 404, 416, 429, 500, 503, *REFUSALS]), max_size=5),
    location=st.sampled_from(["/b", "//elsewhere/x", "http://[", "ftp://x/", ""]),
    login=st.booleans(),
    asynchronous=st.booleans(),
)
def test_a_file_is_fetched_or_refused_whatever_happens_on_the_way(
    happens: list[Any], location: str, *, login: bool, asynchronous: bool
) -> None:
    left = [*happens]

    def answer(request: httpx.Request) -> httpx.Response:
        what = left.pop(0) if left else 200
        if isinstance(what, int):
            return httpx.Response(what, headers={"location": location, "retry-after": "0"}, content=b"x")
        raise what("on the way", request=request)

    home = Server("http://127.0.0.1:9", prefix="", protocol="sse_v3")
    home.client_options = {"transport": httpx.MockTransport(answer)}
    options = Options(retries=1, auth=("a", "b") if login else None)
    file = FileData.from_wire({"path": "/a"}, Access(home, options))

    with contextlib.suppress(errors.SpaceError), pytest.MonkeyPatch.context() as patch:
        for module in (downloads, request_module):
            patch.setattr(module, "BACKOFF", 0)
        assert (asyncio.run(file.aread()) if asynchronous else file.read()) == b"x"


@pytest.mark.parametrize(
    "location", ["http://[", "http://x:port/", "ftp://x/", "//elsewhere/x", "?", "javascript:"]
)
def test_a_post_is_redirected_to_no_other_host(location: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": location})

    space = Space("app", url="http://127.0.0.1:9", prefix="", protocol="sse_v3")
    space.configure(token="hf_secret", retries=0, client_options={"transport": httpx.MockTransport(answer)})

    @endpoint
    def do() -> Call[str]:
        return space.call("/do", {})

    with pytest.raises(errors.SpaceError):
        do()
    assert set(asked) == {"127.0.0.1"}
