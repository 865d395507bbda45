"""Recordings: made over real servers, replayed without them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import chat_app
import files_app
import pytest
import streaming_app
import text_app
from runtime.conftest import Shell
from spacegen_runtime import errors
from spacegen_runtime.testing import NotRecorded, recorded
from support.servers import Servers
from support.waiting import noted

Use = Callable[[Any], None]


@pytest.fixture
def online(server: Servers) -> Iterator[Use]:
    """Call it with a package, and its app runs; undone, nothing answers any more."""
    used: list[Any] = []

    def start(package: Any) -> None:
        used.append(package)
        package.space.configure(base_url=server(package.__name__.removesuffix("_app")).url)

    yield start
    for package in used:
        package.space.configure(base_url=None)


def note(to: list[Any], job: Any) -> None:
    to.extend(job.logs)


def offline(package: Any) -> None:
    package.space.configure(base_url="http://127.0.0.1:9")


def test_the_same_answers_without_the_space(shell: Shell, online: Use, tmp_path: Path) -> None:
    online(streaming_app)
    path = tmp_path / "recordings" / "story.json"
    seen: list[Any] = []
    for _ in range(2):
        with recorded(streaming_app, path):
            logged: list[Any] = []
            steps = shell.stream(streaming_app.story, "Once")
            shell.job(streaming_app.log, "tea", then=partial(note, logged))
            seen.append((steps, [(log.message, log.level) for log in logged]))
        offline(streaming_app)

    assert seen[0] == seen[1]
    assert seen[0][0] == ["Once", "Once upon", "Once upon a", "Once upon a time"]
    assert seen[0][1][0] == ("about tea", "info")


def test_a_stream_is_recorded_step_by_step(online: Use, tmp_path: Path) -> None:
    online(streaming_app)
    path, mark = tmp_path / "slow.json", tmp_path / "mark"
    with recorded(streaming_app, path):
        assert list(streaming_app.slow.stream(2, seconds=0.1, mark=str(mark))) == [0, 1]
    assert "end" in mark.read_text().split()
    with recorded(streaming_app, path, mode="none"):
        assert list(streaming_app.slow.stream(2, seconds=0.1, mark=str(mark))) == [0, 1]


def test_a_stream_that_is_left_is_cancelled_and_not_recorded(online: Use, tmp_path: Path) -> None:
    online(streaming_app)
    path, mark = tmp_path / "slow.json", tmp_path / "mark"
    with recorded(streaming_app, path):
        steps = streaming_app.slow.stream(1000, seconds=0.05, mark=str(mark))
        assert next(steps) == 0, "a step comes while the real call, of 50 seconds, goes on"
        steps.close()
        noted("stopped", mark)
    assert not path.exists()


def test_files_lie_beside(shell: Shell, online: Use, tmp_path: Path) -> None:
    online(files_app)
    for name in ("a.txt", "b.txt"):  # another name, the same content
        (tmp_path / name).write_text("hello")
        with recorded(files_app, tmp_path / "x.json"):
            made = shell.call(files_app.shout, tmp_path / name)
            assert (made.name, shell.read(made)) == ("shout.txt", b"HELLO")
        offline(files_app)
    [kept] = (tmp_path / "x.files").iterdir()

    assert kept.read_bytes() == b"HELLO"
    assert str(tmp_path) not in (tmp_path / "x.json").read_text()


def test_a_session_is_recorded_as_a_whole(shell: Shell, online: Use, tmp_path: Path) -> None:
    online(chat_app)
    for _ in range(2):
        with recorded(chat_app, tmp_path / "x.json"), chat_app.space.session():
            assert [chat_app.count(), chat_app.count()] == [1.0, 2.0]
        offline(chat_app)


def test_modes(online: Use, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with pytest.raises(errors.ConfigurationError, match="there is no recording"):
        recorded(text_app, path, mode="none")
    online(text_app)
    with recorded(text_app, path):
        text_app.echo("a")
    first = path.read_bytes()
    with (
        pytest.raises(NotRecorded, match=r"no call of /echo with text='b'.*nearest.*text='a'"),
        recorded(text_app, path),
    ):
        text_app.echo("b")
    with pytest.raises(NotRecorded, match=r"no call of /hello at all"), recorded(text_app, path):
        text_app.hello()
    with recorded(text_app, path, mode="new"):
        assert [text_app.echo("b"), text_app.echo("a")] == ["b", "a"]
    second = path.read_bytes()
    assert [one["arguments"] for one in json.loads(second)["calls"]] == [{"text": "a"}, {"text": "b"}]
    with recorded(text_app, path, mode="all"):
        text_app.echo("a")

    assert path.read_bytes() == first


def test_secrets_are_not_written(online: Use, tmp_path: Path) -> None:
    online(text_app)
    text_app.space.configure(token="hf_secret", headers={"x-key": "also-secret"})
    with recorded(text_app, tmp_path / "x.json"), text_app.space.session() as session:
        text_app.echo("a")
    text_app.space.configure(token=None, headers=None)
    written = (tmp_path / "x.json").read_text()

    assert not any(word in written for word in ("hf_secret", "also-secret", session.hash, "127.0.0.1"))


def test_what_the_app_refuses_is_an_answer_too(shell: Shell, online: Use, tmp_path: Path) -> None:
    online(text_app)
    said: list[str] = []
    for _ in range(2):
        with recorded(text_app, tmp_path / "x.json"):
            with pytest.raises(errors.InputRefused) as caught:
                shell.call(text_app.order, "huge")
            said.append(str(caught.value))
        offline(text_app)

    assert said[0] == said[1]


def test_what_only_this_call_met_is_no_answer(tmp_path: Path) -> None:
    offline(text_app)
    with recorded(text_app, tmp_path / "x.json"), pytest.raises(errors.CannotConnect):
        text_app.echo.with_options(retries=0)("a")
    text_app.space.configure(base_url=None)

    assert not (tmp_path / "x.json").exists()


def test_a_test_may_answer_itself(tmp_path: Path, online: Use) -> None:
    online(text_app)
    with recorded(text_app, tmp_path / "x.json") as fake:
        fake.on(text_app.echo).returns("mine")
        assert (text_app.echo("a"), text_app.hello()) == ("mine", "hello")


def test_a_damaged_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"what": "something else"}')
    with pytest.raises(errors.ConfigurationError, match="not a recording of this version; record it again"):
        recorded(text_app, tmp_path / "x.json")


DAMAGE: list[dict[str, Any]] = [
    {"result": "text"},
    {"result": {"x": 1}},
    {"result": [{"file": 3, "kept": 3}]},
    {"result": [{"file": "x", "kept": ".."}]},
    {"happened": "text"},
    {"happened": ["text"]},
    {"happened": [{"log": 3}]},
    {"happened": [{}]},
    {"happened": [{"progress": 3}]},
    {"happened": [{"progress": [{"strange": 1}]}]},
    {"happened": [{"step": [{"file": "x", "kept": "/etc/passwd"}]}]},
    {"arguments": ["text"]},
    {"error": "text"},
    {"strange": 1},
]


@pytest.mark.parametrize("damage", DAMAGE, ids=json.dumps)
def test_a_call_that_is_damaged_in_a_recording_is_told(damage: dict[str, Any], tmp_path: Path) -> None:
    call = {"endpoint": "/echo", "arguments": {"text": "a"}, "digest": "x", "happened": [], "result": ["A"]}
    said = {"what": "spacegen recording", "format": 1, "package": "text_app", "gradio": "6.31.0"}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**said, "calls": [{**call, "arguments": {"text": "b"}}, {**call, **damage}]}))

    def replay() -> None:
        with recorded(text_app, path, mode="none"):
            assert text_app.echo("b") == "A"
            text_app.echo("a")

    with pytest.raises(errors.ConfigurationError, match=r"x\.(json|files)"):
        replay()
