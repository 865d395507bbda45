"""The pure parts, without a server."""

from __future__ import annotations

import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Iterator
from dataclasses import astuple
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_type_hints
from unittest.mock import create_autospec

import httpx
import pytest
import spacegen_runtime
from httpx_sse import EventSource
from hypothesis import example, given
from hypothesis import strategies as st
from spacegen_runtime import (
    PUBLISHED,
    AsyncJob,
    Call,
    Endpoint,
    FileData,
    Job,
    Model,
    Space,
    Timeouts,
    endpoint,
    errors,
)
from spacegen_runtime._identity import stored_token
from spacegen_runtime._json import to_json
from spacegen_runtime._options import _CHECKS, OPTIONS, CallOptions, Options, SpaceOptions
from spacegen_runtime.calls.function import promised
from spacegen_runtime.errors import UnexpectedOutputWarning
from spacegen_runtime.protocol.actions import Progressed, Queued, Reply, Started
from spacegen_runtime.protocol.config import Config
from spacegen_runtime.protocol.drift import full_slots
from spacegen_runtime.protocol.messages import app_error, quota_advice, read_event, retry_after, status_error
from spacegen_runtime.protocol.server import Server
from spacegen_runtime.protocol.wire import Access
from spacegen_runtime.values.decode import Context, decoder_for
from spacegen_runtime.values.encode import Encoder, places
from spacegen_runtime.values.published import problems

SERVER = Server("http://127.0.0.1", prefix="", protocol="sse_v3")
ACCESS = Access(SERVER, Options(strict=True))
space = Space("app", url="http://127.0.0.1:1")


@endpoint
def greet(name: str, *, excited: bool = False) -> Call[str]:
    """Greet a person."""
    return space.call("/greet", {"name": name, "excited": excited})


def test_a_moment_is_sent_as_the_component_for_moments_reads_it() -> None:
    moment, encoder = datetime(2026, 1, 2, 3, 4, 5), Encoder(SERVER, Options())
    sent = encoder.argument("when", moment, {})
    assert datetime.strptime(sent, "%Y-%m-%d %H:%M:%S") == moment
    assert encoder.argument("given", [moment], {}) == ["2026-01-02T03:04:05"]


def test_the_names_in_all_are_sorted_and_there() -> None:
    names = spacegen_runtime.__all__

    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert all(getattr(spacegen_runtime, name) is not None for name in names)


def test_the_tree_of_errors_is_complete() -> None:
    kinds = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.SpaceError)
    ]

    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)
    assert all(str(pickle.loads(pickle.dumps(kind("x", status=1)))) == "x" for kind in kinds)


def test_importing_is_cheap() -> None:
    heavy = {"httpx", "pydantic", "asyncio", "dataclasses"}
    code = f"import sys, spacegen_runtime; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_an_endpoint_looks_like_its_function() -> None:
    assert str(inspect.signature(greet)) == "(name: str, *, excited: bool = False) -> str"
    assert (greet.__doc__, greet.__name__, greet.api_name) == ("Greet a person.", "greet", "/greet")


@endpoint
def odd_names(self: int, endpoint: str = "") -> Call[str]:
    """Take names that methods have."""
    return space.call("/odd", {"self": self, "endpoint": endpoint})


MODES = {
    "__call__": str,
    "aio": str,
    "stream": Generator[str, None, None],
    "astream": AsyncGenerator[str, None],
    "submit": Job[str],
    "asubmit": AsyncJob[str],
}


@pytest.mark.parametrize("one", [greet, odd_names, greet.with_options(retries=7)])
@pytest.mark.parametrize("mode", MODES)
def test_each_way_of_calling_says_what_the_function_takes_and_what_it_gives(
    mode: str, one: Endpoint[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, greet.__module__, sys.modules.get(greet.__module__) or _this_module())
    bound = getattr(one, mode)

    assert inspect.signature(bound).parameters == inspect.signature(one).parameters
    assert get_type_hints(bound) == {**get_type_hints(one), "return": MODES[mode]}
    assert bound.__doc__ == one.__doc__
    assert inspect.iscoroutinefunction(bound) == (mode in ("aio", "asubmit"))
    assert repr(pickle.loads(pickle.dumps(bound))) == repr(bound)


@pytest.mark.parametrize("mode", ["__call__", "aio", "stream", "submit"])
def test_a_mock_of_an_endpoint_refuses_wrong_arguments(mode: str) -> None:
    fake = create_autospec(greet)
    called = fake if mode == "__call__" else getattr(fake, mode)

    with pytest.raises(TypeError, match="name"):
        called(nmae="x")


@endpoint
def named_like_types(Call: str = "print(1)", Path: str = "exit()") -> Call[list[Path]]:
    return space.call("/named", {"Call": Call, "Path": Path})


def test_no_argument_stands_in_for_the_type_of_the_result() -> None:
    assert promised(named_like_types.__wrapped__) == list[Path]
    assert get_type_hints(named_like_types) == {"Call": str, "Path": str, "return": list[Path]}


def test_a_result_that_its_module_does_not_know_is_an_error_that_names_it() -> None:
    class Local: ...

    @endpoint
    def local() -> Call[Local]:
        return space.call("/local", {})

    with pytest.raises(errors.ConfigurationError, match="Local, which its module does not have"):
        local()
    assert inspect.signature(local).return_annotation == "Local"


def test_endpoints_travel_by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, greet.__module__, sys.modules.get(greet.__module__) or _this_module())

    assert pickle.loads(pickle.dumps(greet)) is greet
    assert pickle.loads(pickle.dumps(greet.with_options(retries=7)))._changes == ({"retries": 7},)


def _this_module() -> Any:
    import types

    module = types.ModuleType(__name__)
    module.__dict__.update(globals())
    return module


def test_options_that_make_no_sense() -> None:
    with pytest.raises(errors.ConfigurationError):
        greet.with_options(timeout=-1)
    for changes in (
        {"auth": "ada"},
        {"auth": ("ada",)},
        {"headers": {"x": "\u00e9"}},
        {"headers": {"x": "a\nb: c"}},
        {"headers": {"x": 1}},
        {"headers": "x: 1"},
        {"token": "hf_\u2026"},
        {"token": 3},
        {"oauth_token": True},
        {"oauth_token": ""},
        *({"timeout": limit} for limit in (0, -1, True, "5", float("inf"), float("nan"), 10**400, object())),
        *({"retries": many} for many in (-1, 1.5, True, "2", float("inf"))),
        *({name: 1} for name in ("strict", "validate", "reuse_sessions", "on_stage", "on_upload")),
    ):
        with pytest.raises(errors.ConfigurationError):
            greet.with_options(**cast(Any, changes))
        assert refused_whole(changes)
    for change in (
        *({"base_url": url} for url in ("foo", "ada/copy", "http://", "ftp://x", "http://x:99999", "http://[", 3)),
        *({"source": source} for source in ("foo", "a/b/c", "file:///etc", 3)),
        {"http_client": "http://x"},
        {"client_options": "verify"},
    ):
        assert refused_whole(change)
    with pytest.raises(TypeError, match="did you mean 'timeout'"):
        greet.with_options(**cast(Any, {"timeouts": 3}))
    for limits in ({"queue": -1}, {"total": float("nan")}, {"connect": True}, {"wake": "5"}):
        with pytest.raises(errors.ConfigurationError, match=f"Timeouts.{next(iter(limits))}"):
            Timeouts(**cast(Any, limits))
    with pytest.raises(errors.ConfigurationError):
        greet.rows(concurrency=0)
    with pytest.raises(errors.ConfigurationError, match="base_url"):
        Space("app", url=None).server  # noqa: B018 # the property raises
    with pytest.raises(errors.ConfigurationError, match="not an http"):
        Space("app", url="file:///etc").server  # noqa: B018 # as above


def refused_whole(change: Any) -> bool:
    """Whether `configure` refuses this, and then leaves everything as it was."""
    app = Space("app", url="http://127.0.0.1:9")
    app.configure(timeout=7, client_options={"verify": False})
    before = app.options, app.server, app.base_url, app.server.client_options
    good = {"base_url": "http://127.0.0.1:8", "retries": 5, "client_options": {"verify": True}, "auth": ("a", "b")}
    with pytest.raises(errors.ConfigurationError):
        app.configure(**cast(Any, {**good, **change}))
    return before == (app.options, app.server, app.base_url, app.server.client_options)


def test_every_option_is_listed_once_more_as_it_is_typed() -> None:
    assert tuple(CallOptions.__annotations__) == ("source", "base_url", *OPTIONS)
    assert tuple(_CHECKS) == OPTIONS
    for name in CallOptions.__annotations__:
        assert f"    {name}: " in (CallOptions.__doc__ or "")
        assert name in (Endpoint.with_options.__doc__ or "")


def test_none_undoes_what_was_set_and_what_is_left_out_stays() -> None:
    app = Space("app", url="http://127.0.0.1:9")
    client = httpx.Client(trust_env=False)
    values: dict[str, Any] = {
        "token": "t",
        "oauth_token": "o",
        "auth": ("a", "b"),
        "headers": {"x": "1"},
        "timeout": 3,
        "retries": 0,
        "strict": True,
        "validate": True,
        "reuse_sessions": True,
        "on_stage": print,
        "on_upload": print,
        "on_progress": print,
        "on_log": print,
        "progress": True,
        "base_url": "http://127.0.0.1:8",
        "http_client": client,
        "client_options": {"verify": False},
    }
    assert {*values, "source"} == SpaceOptions.__required_keys__ | SpaceOptions.__optional_keys__

    def state() -> tuple[Any, ...]:
        return app.options, app.base_url, app.server.sync_client, app.server.client_options

    untouched: tuple[Any, ...] = app.options, app.base_url, None, {}
    for name, value in values.items():
        app.configure(**{name: value})
        assert state() != untouched
        app.configure(**{name: None})
        assert state() == untouched
    app.configure(**values)
    set_all = state()
    app.configure()
    assert state() == set_all
    app.configure(**cast(Any, dict.fromkeys(values)))
    assert state() == untouched
    client.close()

    changed = greet.with_options(**{name: values[name] for name in OPTIONS})
    assert changed.with_options(**cast(Any, dict.fromkeys(OPTIONS)))._options(Options(retries=9)) == Options()
    emptied = greet.with_options(headers=None).with_options(headers={"b": "2"})
    assert emptied._options(Options(headers={"a": "1"})).headers == {"b": "2"}


def test_secrets_are_not_shown() -> None:
    options = Options(token="hf_secret", oauth_token="secret", auth=("ada", "secret"), headers={"x-key": "secret"})

    assert "secret" not in repr(options)


def test_headers_add_up() -> None:
    changed = greet.with_options(headers={"a": "1"}).with_options(headers={"b": "2"}, timeout=3)
    merged = changed._options(Options(headers={"c": "3"}, timeout=Timeouts(queue=1)))

    assert merged.headers == {"a": "1", "b": "2", "c": "3"}
    assert merged.timeout == Timeouts(total=3.0, queue=1)


def test_a_source_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEGEN_EN2FR_SOURCE", "http://127.0.0.1:9/app/")
    moved = Space("ada/en2fr", url="https://ada-en2fr.hf.space", package="clients.en2fr")

    assert moved.base_url == "http://127.0.0.1:9/app"


class _Pieces(httpx.SyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=3), max_size=5),
    st.lists(st.integers(1, 40), min_size=1, max_size=50),
    st.booleans(),
)
def test_messages_survive_any_split(messages: list[Any], sizes: list[int], raw: bool) -> None:
    """The server sends raw U+2028, U+2029 and U+0085, which end a line for `str.splitlines`."""
    stream = b"".join(
        b"data: " + json.dumps(m, ensure_ascii=not raw).encode("utf-8", "replace") + b"\n\n" for m in messages
    )
    pieces = []
    for size in sizes * (len(stream) // sum(sizes) + 1):
        pieces.append(stream[:size])
        stream = stream[size:]
    response = httpx.Response(
        200, headers={"content-type": "text/event-stream"}, stream=_Pieces([p for p in pieces if p])
    )
    read = [json.loads(event.data) for event in EventSource(response).iter_sse()]

    assert len(read) == len(messages)
    assert raw or read == messages


def told(message: dict[str, Any]) -> tuple[Any, ...]:
    """The event that a message is, as a tuple."""
    event: Any = read_event(message)
    return type(event), *astuple(event)


def test_what_messages_mean() -> None:
    unit = {"index": 1, "length": 4, "unit": "steps", "progress": None, "desc": "x"}

    assert told({"msg": "estimation", "rank": 2, "queue_size": 3, "rank_eta": 1.5}) == (Queued, 2, 3, 1.5)
    assert told({"msg": "process_starts", "eta": 1}) == (Started, 1)
    progressed = read_event({"msg": "progress", "progress_data": [unit]})
    assert isinstance(progressed, Progressed)
    assert (progressed.units[0].index, progressed.units[0].unit) == (1, "steps")
    odd = {"msg": "estimation", "rank": "2", "queue_size": True, "rank_eta": 10**400}
    assert told(odd) == (Queued, None, None, None)
    nothing = (None,) * 5
    assert told({"msg": "progress", "progress_data": [None, {"index": [], "desc": 1}]}) == (
        Progressed,
        (nothing, nothing),
    )
    assert read_event({"msg": "heartbeat"}) is None
    assert read_event({"msg": "something new"}) is None


EXCEEDED = "ZeroGPU quota exceeded"
ZEROGPU = [  # title, words as the releases of `spaces` have them, numbers, whether an anonymous caller is advised
    (None, "You have exceeded your GPU quota", (None, None, None), True),
    (
        None,
        "You have exceeded your GPU quota (46s left vs. 60s requested). Please retry in 0:09:48",
        (60, 46, 588),
        True,
    ),
    (
        EXCEEDED,
        "You have exceeded your free GPU quota (60s requested vs. 11s left). "
        "<a href='https://x'>Subscribe</a>. Try again in 1 day, 2:03:04",
        (60, 11, 93784),
        False,
    ),
    (
        EXCEEDED,
        "You have exceeded your Pro ZeroGPU quota (120s requested vs. 60.5s left). Try again in 1:02:03. ",
        (120, 60.5, 3723),
        False,
    ),
    (
        None,
        "You have exceeded your ZeroGPU quota (60s requested vs. 0s left). Try again in 23:59:59. ",
        (60, 0, 86399),
        True,
    ),
    (EXCEEDED, "You have exceeded your runs limit.", (None, None, None), True),
    (None, "You have exceeded your ZeroGPU runs limit. ", (None, None, None), True),
    (None, "User is runnning out of daily ZeroGPU quotas. Subscribe to <a>Pro</a>", (None, None, None), False),
    (EXCEEDED, "Unlogged user is runnning out of daily ZeroGPU quotas.", (None, None, None), True),
    (None, "Space app has reached its GPU limit. Try re-running outside of examples", (None, None, None), False),
    (EXCEEDED, "No GPU was available after 60s. Try re-running outside of examples", (None, None, None), True),
    (
        "ZeroGPU pending credits exceeded",
        "You have too many ZeroGPU credits allocated to running tasks. Try again once some are done.",
        (None, None, None),
        False,
    ),
]


@pytest.mark.parametrize(("title", "words", "numbers", "advised"), ZEROGPU)
def test_all_words_for_used_up_zerogpu_time_are_one_error_with_its_numbers(
    title: str | None, words: str, numbers: tuple[Any, ...], advised: bool
) -> None:
    for output in ({"error": words, "title": title}, {"error": repr(words)}):
        if "title" not in output and title is not None and "GPU was" in words:
            continue  # without its title it is a queue that took too long
        error = app_error(output)
        assert isinstance(error, errors.QuotaExceeded)
        assert (error.requested, error.left, error.retry_after) == numbers
        assert "<" not in str(error)
    assert ("callers without a token" in quota_advice(words, token=False, visitor=False)) is advised
    assert quota_advice(words, token=True, visitor=False) == ""
    assert "visitor" in quota_advice(words, token=False, visitor=True)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("ZeroGPU illegal duration", "The requested GPU duration (300s) is larger than the maximum allowed"),
        ("ZeroGPU queue timeout", "No GPU was available after 60s. Retry later"),
        ("ZeroGPU worker error", "GPU task aborted"),
        (None, "your quota of jokes is exceeded"),
    ],
)
def test_other_zerogpu_errors_are_the_apps(title: str | None, words: str) -> None:
    assert type(app_error({"error": words, "title": title})) is errors.AppError


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"error": "'it\\'s\\nbad'"}, "it's\nbad"),
        ({"error": "'kept'", "title": "Error"}, "'kept'"),
        ({"error": "plain"}, "plain"),
    ],
)
def test_quoted_texts_of_old_versions(output: Any, said: str) -> None:
    assert app_error(output).args == (said,)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"{}", errors.LoginRequired),
        (403, b"{}", errors.NotAllowed),
        (413, b"File size exceeded", errors.FileRefused),
        (422, b'{"detail": [{"loc": []}]}', errors.ProtocolError),
        (429, b"", errors.RateLimited),
        (500, b'{"error": null}', errors.AppError),
        (500, b"Internal Server Error", errors.BadStatus),
    ],
)
def test_statuses(status: int, body: bytes, kind: type[errors.SpaceError]) -> None:
    error = status_error(Reply(status, {}, body, "http://x/"))

    assert type(error) is kind
    assert (error.status, error.url) == (status, "http://x/")


@pytest.mark.parametrize(
    ("status", "body", "end"),
    [
        (401, b'{"detail": {"error": "Not authenticated", "auth_message": "ask Ada"}}', "the app says: ask Ada"),
        (403, b'{"detail": "File not allowed"}', "(HTTP 403): File not allowed"),
        (422, b'{"detail": "no list"}', "(HTTP 422): no list"),
        (429, b"", "try again later"),
        (500, b"Internal Server Error", "HTTP 500 from http://x/: Internal Server Error"),
        (500, b"Traceback (most recent call last):\n  File ...\nKeyError: 'x'\n", "http://x/: KeyError: 'x'"),
        (500, b"no" * 500, "no" * 100),
        (502, b"<html>Bad gateway", "HTTP 502 from http://x/"),
    ],
)
def test_the_servers_words_are_in_the_message(status: int, body: bytes, end: str) -> None:
    error = status_error(Reply(status, {}, body, "http://x/?session_hash=secret"))

    assert str(error).endswith(end)
    assert "secret" not in str(error)


def test_where_a_str_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in "abd":
        Path(f"{name}.png").touch()
    tree = places(("image", "history[].files[]", "by_name{}"))
    encoder = Encoder(SERVER, Options())
    encoder.encode("a.png", tree["image"])
    encoder.encode([{"files": ["b.png"], "text": "c"}], tree["history"])
    encoder.encode({"x": "d.png"}, tree["by_name"])

    assert [item.source for item in encoder.pending] == ["a.png", "b.png", "d.png"]


def test_addresses_that_come_once_do_not_pile_up() -> None:
    server = Server("http://127.0.0.1", prefix="/api", protocol="sse_v3")
    before = {name: len(kept) for name, kept in vars(server).items() if isinstance(kept, dict)}
    for number in range(1000):
        assert server.url(f"/heartbeat/{number}") == f"http://127.0.0.1/api/heartbeat/{number}"

    assert before == {name: len(kept) for name, kept in vars(server).items() if isinstance(kept, dict)}


def test_far_urls_are_left_to_the_space() -> None:
    encoder = Encoder(SERVER, Options())
    wire = encoder.encode("https://example.org/cat.png", places(("x",))["x"])

    assert (wire["path"], wire["orig_name"]) == ("https://example.org/cat.png", "cat.png")
    assert encoder.pending == []


def test_gradio_3_fetches_no_urls() -> None:
    encoder = Encoder(Server("http://x", prefix="", protocol="ws"), Options())
    encoder.encode("https://example.org/cat.png", places(("x",))["x"])

    assert [item.source for item in encoder.pending] == ["https://example.org/cat.png"]


class Part(Model):
    kind: Literal["text"] = "text"
    text: str
    note: str | None = None


def test_models_are_sent_with_their_constants_and_without_what_was_left_out() -> None:
    encode = Encoder(SERVER, Options()).encode

    assert encode(Part(text="x"), {}) == {"kind": "text", "text": "x"}
    assert encode([Part(text="x", note=None)], {}) == [{"kind": "text", "text": "x", "note": None}]
    assert encode(Part.model_validate({"text": "x", "new": 1}), {}) == {"kind": "text", "text": "x", "new": 1}


def test_slots_and_json() -> None:
    assert full_slots(["a", "b"], (1,)) == ["a", None, "b"]
    assert to_json({"a": [1, None, "\u00e9"]}) == b'{"a":[1,null,"\\u00e9"]}'


class Pair(NamedTuple):
    number: float
    file: FileData | None


def decode(returns: Any, *data: Any) -> Any:
    return decoder_for(returns).decode(data, Context("/x", ACCESS))


def test_none_where_a_value_was_promised_is_told_and_an_update_is_no_broken_promise() -> None:
    lenient = Context("/x", Access(Server("http://127.0.0.1", prefix="", protocol="sse_v3"), Options()))
    with pytest.raises(errors.UnexpectedOutput):
        decode(str, None)
    with pytest.warns(UnexpectedOutputWarning, match="'result' is not str but NoneType"):
        assert decoder_for(str).decode([None], lenient) is None
    assert decode(str | None, None) is None
    assert decode(str, {"__type__": "update"}) is None
    with pytest.warns(UnexpectedOutputWarning, match=r"no new value; the Space changed its choices=\['a'\]"):
        assert decode(str, {"__type__": "update", "choices": ["a"]}) is None


@pytest.mark.parametrize("promised", [list[FileData], list[FileData] | None, list[str | FileData]])
@pytest.mark.parametrize("wire", [{"path": "/a.txt", "orig_name": None}, {"name": "/a.txt", "is_file": True}])
def test_one_file_where_a_list_was_promised_is_a_list_of_one(promised: Any, wire: dict[str, Any]) -> None:
    found = decode(promised, wire)

    assert [(one.path, one.access) for one in found] == [("/a.txt", ACCESS)]
    assert decode(promised, [wire, wire]) == [*found, *found]


class Anyhow(Model):
    value: Any


@pytest.mark.parametrize(
    "promised", [Any, Any | None, dict[str, Any], dict[str, list[Any]], list[Anyhow], list[dict[str, Any]]]
)
def test_a_file_is_a_file_where_no_type_tells_of_it(promised: Any) -> None:
    wire = {"path": "/a.txt", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
    alike = {"path": "/a.txt", "orig_name": "a.txt", "meta": {"_type": "somebody's own"}}
    sent: Any = {"value": [wire, alike, {"path": 3, "meta": wire["meta"]}]}
    found = decode(promised, [sent] if "Anyhow" in str(promised) or "list[d" in str(promised) else sent)

    assert json.dumps(sent), "the answer itself stays JSON"
    part = found[0] if isinstance(found, list) else found
    file, *others = part["value"] if isinstance(part, dict) else part.value
    assert isinstance(file, FileData)
    assert (file.path, file.access) == ("/a.txt", ACCESS)
    assert others == [alike, {"path": 3, "meta": wire["meta"]}], (
        "only Gradio's own mark of a real place makes a file"
    )


def test_a_gallery_of_gradio_3_is_read_with_and_without_captions() -> None:
    wire = {"name": "/a.png", "is_file": True}
    captioned, alone = decode(list[tuple[FileData, str | None] | FileData], [[wire, "dot"], wire])

    assert (captioned[0].path, captioned[1], alone.path) == ("/a.png", "dot", "/a.png")


def test_the_token_is_read_again_when_its_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    assert stored_token() is None
    (tmp_path / "token").write_text("hf_one\n")
    assert stored_token() == "hf_one"
    (tmp_path / "token").write_text("hf_second\n")
    assert stored_token() == "hf_second"
    (tmp_path / "token").unlink()
    assert stored_token() is None


def test_results() -> None:
    wire = {"path": "/tmp/a.txt", "meta": {"_type": "gradio.FileData"}}
    pair = decode(Pair, 3, wire)

    assert (pair.number, pair.file.path, pair.file.access) == (3.0, "/tmp/a.txt", ACCESS)
    assert decode(Pair, 3, None).file is None
    assert decode(list[FileData], [wire])[0].access is ACCESS
    assert decode(int | None, 3.0) == 3
    assert decode(str, {"__type__": "update", "value": "v"}) == "v"
    assert decode(Literal[1, 2], 2) == 2
    assert decode(Any, {"x": [1]}) == {"x": [1]}
    assert decode(list[dict[str, float]], [{"a": 1}]) == [{"a": 1.0}]


@pytest.mark.parametrize(
    ("returns", "value"),
    [(str, 1), (float, "1"), (bool, 1), (str, None), (Literal[1], True), (FileData, {}), (list[int], ["x"])],
)
def test_results_that_do_not_fit(returns: Any, value: Any) -> None:
    with pytest.raises(errors.UnexpectedOutput) as caught:
        decode(returns, value)

    assert caught.value.raw == value


def waiting(header: str) -> float | None:
    return retry_after(Reply(429, {"retry-after": header}, b"", ""))


@given(st.integers(0, 10**6))
def test_a_pause_may_be_asked_for_as_a_number_or_a_date(seconds: int) -> None:
    until = datetime.now(timezone.utc) + timedelta(seconds=seconds)

    assert waiting(str(seconds)) == seconds
    for date in (format_datetime(until, usegmt=True), until.strftime("%A, %d-%b-%y %H:%M:%S GMT")):
        assert seconds - 60 < (waiting(date) or 0) <= seconds
    assert waiting(format_datetime(until - timedelta(days=30), usegmt=True)) == 0


@given(
    st.text() | st.from_regex(r"(Mon, )?[0-9]{1,5} (Jan|Feb) [0-9]{1,20} [0-9]{1,3}:[0-9]{1,3}( [+-][0-9]{1,9})?")
)
@example("inf")
@example("nan")
@example("9" * 5000)
@example("Mon, 01 Jan " + "9" * 5000 + " 00:00:00 GMT")
def test_no_pause_that_a_stranger_asks_for_is_an_error(header: str) -> None:
    asked = waiting(header)

    assert asked is None or 0 <= asked < float("inf")


def test_config_knows_slots() -> None:
    config = Config(
        {
            "components": [{"id": 1, "type": "textbox"}, {"id": 2, "type": "state"}, {"id": 3, "skip_api": True}],
            "dependencies": [{"api_name": "f", "inputs": [2, 1], "outputs": [1, 3]}],
        }
    )
    slots = config.slots("/f")

    assert slots is not None
    assert (slots.hidden_inputs, slots.hidden_outputs, config.fn_index("/f"), config.prefix) == ((0,), (1,), 0, "")


def test_published_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "parameters": [
            {"name": "n", "argument": "n_", "choices": [1, 2]},
            {"name": "x", "minimum": 0, "maximum": 1},
        ]
    }
    monkeypatch.setattr("spacegen_runtime.values.published.load", lambda package: {"endpoints": {"/f": known}})

    assert problems("p", "/f", {"n": "1", "x": 2}) == {
        "n_": "'1' is not one of 1, 2",
        "x": "2 is not between 0 and 1",
    }
    assert problems("p", "/f", {"n": 1, "x": 1}) == {}
    assert problems("p", "/f", {"n": PUBLISHED, "x": PUBLISHED}) == {}


def test_published_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    from spacegen_runtime.values.published import default

    known = {"parameters": [{"name": "n", "default": [1]}]}
    monkeypatch.setattr("spacegen_runtime.values.published.load", lambda package: {"endpoints": {"/f": known}})

    assert default("p", "/f", "n") == [1]
    with pytest.raises(errors.ConfigurationError, match="spacegen update"):
        default("p", "/f", "other")
    assert pickle.loads(pickle.dumps(PUBLISHED)) is PUBLISHED
