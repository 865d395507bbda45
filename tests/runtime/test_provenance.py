"""No text that came from a server is ever read as a path of this machine, or fetched to be uploaded."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runtime.conftest import function
from spacegen_runtime import Endpoint, FileData, Model, Space, UnexpectedOutputWarning, errors
from spacegen_runtime._options import Options
from spacegen_runtime.protocol.provenance import ServerText
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.protocol.wire import Access
from spacegen_runtime.values import published
from spacegen_runtime.values.cannot_send import CannotSend
from spacegen_runtime.values.decode import Context, Decoder
from spacegen_runtime.values.encode import Encoder, places
from support.drawn import examples

SECRET = __file__  # a file that is there
HOME = Server("http://127.0.0.1:9", prefix="", protocol="sse_v3")
OTHER = Server("http://127.0.0.2:9", prefix="", protocol="sse_v3")


class Message(Model):
    """A message of a chat."""

    role: str
    content: str | FileData | list[FileData] = ""
    files: list[FileData] | None = None


class Rows(NamedTuple):
    """Two outputs."""

    first: str
    second: list[Message]


PROMISES = [str, FileData, FileData | str, Any, list[Message], dict[str, Message], list[list[str]], Rows, Message]
PLACES = st.sampled_from([SECRET, "http://127.0.0.1:1/latest", "http://169.254.169.254/", "https://example.org/a"])
KEYS = st.sampled_from(["path", "url", "orig_name", "role", "content", "files", "name", "is_file", SECRET])
ANSWERS = st.recursive(
    PLACES | PLACES | st.none() | st.integers(0, 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def parts(value: Any) -> Iterator[Any]:
    """The value, and all that a caller can take out of it."""
    yield value
    if isinstance(value, FileData):
        yield from filter(None, (value.path, value.url, value.orig_name))
    elif isinstance(value, Model):
        for one in dict(value).values():
            yield from parts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from parts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from parts(one)


def shaped(part: Any) -> Iterator[Any]:
    """The ways in which a caller gives it to the next call."""
    yield from (part, copy.deepcopy(part), pickle.loads(pickle.dumps(part)))
    yield from ([part], {"path": part}, {"content": part, "files": [part]})
    if isinstance(part, (str, FileData)):
        yield FileData.of(part)
        yield Message(role="user", content=part, files=[part])  # type: ignore[list-item] # as callers write it
        yield Message.model_validate({"role": "user", "content": part})
        yield [{"role": "user", "files": [{"path": part}]}]
    if isinstance(part, str):
        yield FileData(part)
        yield FileData("", url=part)


TYPED = ("user", "x")  # by the caller, who may well mean a file
TREE = places(("a", "a[]", "a[][]", "a{}", "a.content", "a.files[]", "a[].content", "a[].files[]", "a.path"))


def sources(value: Any, to: Server) -> list[Any]:
    """What would be opened or fetched here to make this call."""
    encoder = Encoder(to, Options())
    try:
        encoder.encode(value, TREE["a"])
    except (
        errors.FileRefused,
        CannotSend,
    ):  # Gradio 3 fetches nothing itself; a path that names nothing is no file
        return []
    return [pending.source for pending in encoder.pending if pending.source not in TYPED]


def assert_harmless(source: Any) -> None:
    """It is fetched from the Space that gave it, with the address that the runtime made itself."""
    if isinstance(source, str):  # the `url` of a result's file
        assert type(source) is str
        assert source.startswith((f"{HOME.base}/file=", f"{HOME.base}/stream/"))
        return
    assert isinstance(source, FileData), source
    if source.access is None:
        assert source.url is not None
        assert type(source.url) is str
        assert source.url.startswith((f"{HOME.base}/file=", f"{HOME.base}/stream/", "data:"))
    else:
        assert source.access.server is HOME
        assert not source.path.startswith("http") or HOME.owns(source.path) or HOME.owns(source.url or "")


@settings(max_examples=examples(300))
@given(st.sampled_from(PROMISES), ANSWERS, st.sampled_from([HOME, OTHER]), st.sampled_from(["sse_v3", "ws"]))
def test_what_a_server_said_is_not_opened_or_fetched(promise: Any, answer: Any, to: Server, protocol: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnexpectedOutputWarning)
        context = Context("/do", Access(HOME, Options()))
        result = Decoder(promise).decode([answer, answer], context)
    target = Server(to.base, prefix="", protocol=protocol)
    for part in parts(result):
        for value in shaped(part):
            for source in sources(value, target):
                assert_harmless(source)


@given(ANSWERS)
def test_a_published_default_is_not_opened_or_fetched(default: Any) -> None:
    document = {"endpoints": {"/do": {"parameters": [{"name": "x", "default": default}]}}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published, "load", lambda package: document)
        value = published.default("package", "/do", "x")
    for part in parts(value):
        for given_back in shaped(part):
            assert sources(given_back, HOME) == []


def answered_with(*messages: dict[str, Any], returns: Any = str) -> Endpoint[..., Any]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"event_id": "e"})
        stream = "".join(f"data: {json.dumps({'event_id': 'e', **one})}\n\n" for one in messages)
        return httpx.Response(200, content=stream, headers={"content-type": "text/event-stream"})

    space = Space("app", url=HOME.base, prefix="", protocol="sse_v3")
    space.configure(strict=True, client_options={"transport": httpx.MockTransport(answer)})
    return function(space, "/do", returns)


def said_beside(secret: str) -> Iterator[Any]:
    """What a caller sees of a server's words apart from its results."""
    log = {"msg": "log", "log": secret, "title": secret}
    bar = {"msg": "progress", "progress_data": [{"desc": secret}]}
    fine = {"msg": "process_completed", "success": True, "output": {"data": [secret]}}
    failed = {**fine, "success": False, "output": {"error": secret, "title": secret}}
    do = answered_with(log, bar, fine)
    detail, job, [outcome] = do.detail(), do.submit(), do.rows().outcomes([0])
    assert [detail.value, job.result(), outcome.value] == [secret] * 3
    yield from (*detail.raw, *(outcome.raw or ()), job.progress[0].desc)
    for one in (*detail.logs, *job.logs):
        yield from (one.message, one.title)
    with pytest.raises(errors.AppError) as refused:
        answered_with(failed)()
    yield refused.value.body
    with pytest.raises(errors.UnexpectedOutput) as unexpected:
        answered_with(fine, returns=float)()
    yield from (unexpected.value.raw, unexpected.value.body)


def test_what_a_server_says_beside_its_results_is_not_opened_either() -> None:
    beside = [*said_beside(SECRET)]

    assert len(beside) == 10
    for value in beside:
        for part in parts(value):
            assert [source for given_back in shaped(part) for source in sources(given_back, OTHER)] == []


def test_what_the_caller_typed_is_opened_and_fetched(tmp_path: Path) -> None:
    near = "http://127.0.0.1:1/a.txt"
    assert sources(SECRET, HOME) == [SECRET]
    assert sources(near, HOME) == [near]
    assert sources([Path(SECRET)], HOME) == [SECRET]
    assert sources(FileData.of(SECRET), HOME) == [SECRET]
    assert sources([Message(role="user", content=SECRET, files=[SECRET])], HOME) == [SECRET] * 2  # type: ignore[list-item]
    assert sources(str(ServerText(SECRET)), HOME) == [SECRET]


def test_a_text_of_a_server_is_an_ordinary_text() -> None:
    context = Context("/do", Access(HOME, Options()))
    text = Decoder(str).decode(["Bonjour"], context)

    assert text == "Bonjour"
    assert repr(text) == "'Bonjour'"
    assert hash(text) == hash("Bonjour")
    assert type(str(text)) is str
    assert Message(role=text, content="x") == Message(role="Bonjour", content="x")


def test_answers_may_be_deep() -> None:
    deep: Any = SECRET
    for _ in range(100_000):
        deep = [deep]
    context = Context("/do", Access(HOME, Options()))
    inner = Decoder(Any).decode([deep], context)
    while isinstance(inner, list):
        inner = inner[0]

    assert type(inner) is ServerText
