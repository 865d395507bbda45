"""Who calls: tokens, logins, sessions, sleeping Spaces."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from runtime.conftest import App, Shell, function, needs, space_at
from spacegen.pipeline import generate
from spacegen_runtime import FileData, Timeouts, errors, visitor_headers
from spacegen_runtime.protocol.credentials import MOST_CALLERS
from spacegen_runtime.protocol.wire import Access
from support import faults
from support.hub import Hub
from support.hub import Space as HubSpace
from support.outcomes import imported
from support.proxy import Proxy
from support.servers import GradioServer, Servers

HEADER = "x-hf-authorization"
ADA, BOB = ("ada", "secret"), ("bob", "hidden")


@pytest.fixture
def proxy(server: Servers) -> Iterator[Proxy]:
    with Proxy(server("text").url) as proxy:
        yield proxy


def tokens(proxy: Proxy) -> set[str | None]:
    return {seen.headers.get(HEADER) for seen in proxy.requests}


def test_an_explicit_token_goes_to_the_space(shell: Shell, proxy: Proxy) -> None:
    echo = function(space_at(proxy.url), "/echo").with_options(token="hf_mine")
    shell.call(echo, "x")

    assert tokens(proxy) == {"Bearer hf_mine"}
    assert not any("authorization" in seen.headers for seen in proxy.requests)


@pytest.mark.parametrize(
    ("space_id", "token", "expected"),
    [("ada/echo", None, "Bearer hf_env"), ("ada/echo", False, None), ("http://elsewhere", None, None)],
)
def test_the_machines_token_goes_to_hub_spaces(
    shell: Shell, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, space_id: str, token: Any, expected: str | None
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_env")
    shell.call(function(space_at(proxy.url, id=space_id), "/echo").with_options(token=token), "x")

    assert tokens(proxy) == {expected}


def test_the_token_file(proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_file\n")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    function(space_at(proxy.url, id="ada/echo"), "/echo")("x")

    assert tokens(proxy) == {"Bearer hf_file"}


def test_no_token_goes_where_a_package_was_not_written_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_env")
    space = space_at("https://ada-echo.hf.space", id="ada/echo")
    space.configure(base_url="https://example.org")

    assert not space.server.trusted
    space.configure("bob/copy")
    assert (space.server.base, space.server.trusted) == ("https://bob-copy.hf.space", True)


def test_no_token_follows_a_redirect(shell: Shell, proxy: Proxy, server: Servers) -> None:
    with Proxy(server("text").url) as other:
        proxy.add(faults.answer(307, {"location": f"{other.url}/gradio_api/call/echo"}, on="POST"))
        with pytest.raises(errors.ConfigurationError, match="moved"):
            shell.call(function(space_at(proxy.url), "/echo").with_options(token="hf_mine"), "x")

        assert other.requests == []


def test_files_elsewhere_are_fetched_without_credentials(shell: Shell, proxy: Proxy, server: Servers) -> None:
    with Proxy(server("files").url) as other:
        made = function(space_at(other.url), "/split", list[FileData])("text")[0]
        other.clear()
        space = space_at(proxy.url)
        space.configure(token="hf_mine", headers={"x-secret": "1"})
        file = FileData(f"{other.url}/gradio_api/file={made.path}")
        file.access = Access(space.server, space.options)

        assert shell.read(file) == b"text"
        assert tokens(other) == {None}
        assert not any("x-secret" in seen.headers for seen in other.requests)


def test_logins(shell: Shell, server: Servers) -> None:
    guarded = space_at(server("text", auth=("ada", "secret")).url)
    echo = function(guarded, "/echo")
    with pytest.raises(errors.LoginRequired):
        shell.call(echo, "x")
    with pytest.raises(errors.LoginFailed):
        shell.call(echo.with_options(auth=("ada", "wrong")), "x")

    assert shell.call(echo.with_options(auth=("ada", "secret")), "x") == "x"


def test_users_of_one_app_share_no_login(shell: Shell, server: Servers) -> None:
    space = space_at(server("visitors", auth=("ada", "secret", "bob", "hidden")).url)
    user = function(space, "/user")
    ada, bob, mallory = (user.with_options(auth=pair) for pair in (ADA, BOB, ("ada", "wrong")))

    assert [shell.call(ada), shell.call(bob), shell.call(ada)] == ["ada", "bob", "ada"]
    with pytest.raises(errors.LoginFailed):
        shell.call(mallory)
    with pytest.raises(errors.LoginRequired):
        shell.call(user)


def test_an_http_client_takes_several_logins(server: Servers) -> None:
    space = space_at(server("visitors", auth=("ada", "secret", "bob", "hidden")).url)
    user = function(space, "/user")
    with httpx.Client() as client:
        space.configure(http_client=client)
        ada, bob = (user.with_options(auth=pair) for pair in (ADA, BOB))
        assert [ada(), bob(), ada()] == ["ada", "bob", "ada"]


def test_so_many_callers_are_remembered() -> None:
    callers = space_at("http://127.0.0.1:1").server.callers
    first = callers.of("0")
    others = [callers.of(str(number)) for number in range(1, MOST_CALLERS)]

    assert callers.of("0") is first
    assert callers.of("one more") not in others
    assert callers.of("0") is first
    assert callers.of("1") is not others[0]


def test_a_link_that_breaks_at_the_login(shell: Shell, server: Servers) -> None:
    with Proxy(server("text", auth=("ada", "secret")).url) as proxy:
        echo = function(space_at(proxy.url), "/echo").with_options(auth=ADA)
        proxy.add(faults.reset_before(on="POST /login", times=9))
        with pytest.raises(errors.ConnectionLost, match="/login broke"):
            shell.call(echo.with_options(retries=1), "x")


@pytest.mark.parametrize("fault", [faults.reset_before, partial(faults.answer, 429, {"retry-after": "0"})])
def test_a_login_is_tried_again(shell: Shell, server: Servers, fault: Any) -> None:
    with Proxy(server("text", auth=("ada", "secret")).url) as proxy:
        proxy.add(fault(on="POST /login"))
        assert shell.call(function(space_at(proxy.url), "/echo").with_options(auth=ADA), "x") == "x"

        proxy.add(faults.answer(429, {"retry-after": "99"}, on="POST /login"))
        with pytest.raises(errors.RateLimited):
            shell.call(function(space_at(proxy.url), "/echo").with_options(auth=ADA), "x")


def test_a_redirected_login(shell: Shell, server: Servers) -> None:
    with Proxy(server("text", auth=("ada", "secret")).url) as proxy:
        proxy.add(faults.answer(307, {"location": "/login/"}, on="POST /login$"))
        assert shell.call(function(space_at(proxy.url), "/echo").with_options(auth=ADA), "x") == "x"


def test_one_login_for_many_calls(server: Servers) -> None:
    with Proxy(server("text", auth=("ada", "secret")).url) as proxy:
        space = space_at(proxy.url)
        space.configure(auth=("ada", "secret"))
        echo = function(space, "/echo")
        assert [echo("1"), echo("2")] == ["1", "2"]

        assert sum(seen.path == "/login" for seen in proxy.requests) == 1


def test_one_more_login_when_the_first_is_forgotten(shell: Shell) -> None:
    with GradioServer("text", auth=("ada", "secret")) as server, Proxy(server.url) as proxy:
        space = space_at(proxy.url)
        space.configure(auth=("ada", "secret"))
        echo = function(space, "/echo")
        assert shell.call(echo, "1") == "1"
        server.restart()
        proxy.clear()
        assert shell.call(echo, "2") == "2"
        assert sum(seen.path == "/login" for seen in proxy.requests) == 1

        proxy.add(faults.answer(401, on="POST /gradio_api", times=9))
        with pytest.raises(errors.LoginRequired):
            shell.call(echo, "3")
        assert sum(seen.path == "/login" for seen in proxy.requests) == 2


def test_a_token_for_the_app_itself(shell: Shell, server: Servers, gradio_version: str, tmp_path: Path) -> None:
    """Only `oauth_token` is handed to a Space's code, and only Gradio 6.31 takes one."""
    needs("6", gradio_version, "such an app fails without a browser's session, and hides why")
    url = server("visitors", version=gradio_version).url
    with imported(generate(url, output=tmp_path, name="visitors_app").folder) as package:
        with pytest.raises(errors.LoginRequired, match=r"before 6\.31 does not accept one from a program"):
            shell.call(package.act, "x")
        with pytest.raises(errors.LoginRequired, match="oauth_token="):
            shell.call(package.act.with_options(token="hf_mine"), "x")
        assert shell.call(package.act_perhaps.with_options(token="hf_mine"), "x") == "x as nobody"
        act, perhaps = (f.with_options(oauth_token="hf_mine") for f in (package.act, package.act_perhaps))
        if gradio_version == "6.31.0":
            assert (shell.call(act, "x"), shell.call(perhaps, "x")) == ("x as hf_mine", "x as hf_mine")
        else:
            with pytest.raises(errors.LoginRequired, match=r"before 6\.31 does not accept one from a program"):
                shell.call(act, "x")
            assert shell.call(perhaps, "x") == "x as nobody"
        assert shell.call(package.act_perhaps, "x") == "x as nobody"


def test_no_token_of_the_machine_is_handed_to_the_app(
    server: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_env")
    with Proxy(server("visitors").url) as proxy:
        perhaps = function(space_at(proxy.url, id="ada/visitors"), "/act_perhaps", oauth=True)

        assert perhaps("x") == perhaps.with_options(token=True)("x") == "x as nobody"
        assert {seen.headers.get(HEADER) for seen in proxy.requests} == {"Bearer hf_env"}


def test_an_oauth_token_goes_to_the_code_that_asks_for_one_and_is_part_of_who_calls(shell: Shell) -> None:
    told: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sid = "mine" if b"hf_mine" in request.content else "other"
        told.append((request.content.decode(), request.headers.get("cookie", "")))
        return httpx.Response(200, json={"data": ["x"]}, headers={"set-cookie": f"sid={sid}; Path=/"})

    space = space_at("http://127.0.0.1:9")
    space.configure(token="hf_secret", client_options={"transport": httpx.MockTransport(answer)})
    asks, silent = (function(space, "/do", queued=False, oauth=oauth) for oauth in (True, False))
    mine = [one.with_options(oauth_token="hf_mine") for one in (asks, silent)]
    for one in (mine[0], asks, mine[1]):
        shell.call(one, "x")
        shell.call(one, "x")

    assert [body.count("hf_mine") for body, _ in told] == [1, 1, 0, 0, 0, 0]
    assert "hf_secret" not in str(told)
    assert [cookie for _, cookie in told] == ["", "sid=mine", "", "sid=other", "sid=mine", "sid=other"]


def test_visitors_reach_the_app(shell: Shell, app: Callable[[str], App]) -> None:
    """What a Space forwards of its own visitor arrives at the other Space."""
    visitor = SimpleNamespace(headers={"x-ip-token": "abc", "cookie": "private"})
    seen = app("visitors")("/headers", Any).with_options(headers=visitor_headers(visitor))

    arrived = shell.call(seen)

    assert arrived["x-ip-token"] == "abc"
    assert "private" not in str(arrived)


def test_sessions_share_state(shell: Shell, server: Servers) -> None:
    space = space_at(server("chat").url)
    count = function(space, "/count", float, stateful=True, hidden_inputs=(0,), hidden_outputs=(0,))
    with space.session():
        assert [shell.call(count), shell.call(count)] == [1.0, 2.0]
    assert shell.call(count) == 1.0
    with space.session():
        assert shell.call(count) == 1.0


def test_calls_of_a_session_wait_for_each_other(server: Servers) -> None:
    space = space_at(server("chat").url)
    count = function(space, "/count", float, stateful=True, hidden_inputs=(0,), hidden_outputs=(0,))

    async def main() -> list[float]:
        async with space.session():
            return list(await asyncio.gather(*(count.aio() for _ in range(5))))

    assert asyncio.run(main()) == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_session_goes_on_after_a_drop(server: Servers) -> None:
    space = space_at(server("streaming").url)
    slow, story = function(space, "/slow_async", float), function(space, "/story")
    with space.session():
        for _ in slow.stream(50, 0.05, ""):
            break

        assert [story("a"), story("b")] == ["a upon a time", "b upon a time"]


def test_a_session_goes_on_after_a_stream_that_asyncio_has_still_to_close(server: Servers) -> None:
    space = space_at(server("streaming").url)
    slow, story = function(space, "/slow_async", float), function(space, "/story")

    async def main() -> str:
        async with space.session():
            async for _ in slow.astream(50, 0.05, ""):
                break
            told: str = await story.aio("a")
        return told

    assert asyncio.run(main()) == "a upon a time"


def test_a_session_may_be_opened_again_also_inside_of_itself(server: Servers) -> None:
    space = space_at(server("chat").url)
    count = function(space, "/count", float, stateful=True, hidden_inputs=(0,), hidden_outputs=(0,))
    session = space.session()
    with session:
        with session, space.session():
            assert count() == 1.0
        assert count() == 1.0
    assert [count(), count()] == [1.0, 1.0]
    with session:
        assert count() == 2.0


@pytest.mark.parametrize("way", ["call", "job", "map", "gather"])
def test_a_call_inside_of_its_sessions_own_stream_is_refused(shell: Shell, server: Servers, way: str) -> None:
    """It would wait for the end of a stream that waits for it."""
    if shell.name == "sync" and way == "gather":
        pytest.skip("asyncio only")
    space = space_at(server("streaming").url)
    story = function(space, "/story")

    async def aloop() -> list[str]:
        return [(await ways[way](step)) async for step in story.astream("a")]

    async def mapped(step: str) -> Any:
        async with aclosing(story.amap([step])) as results:
            return await anext(results)

    async def submitted(step: str) -> Any:
        return await (await story.asubmit(step))

    async def gathered(step: str) -> Any:
        return (await asyncio.gather(story.aio(step)))[0]

    blocking: dict[str, Any] = {
        "call": story,
        "job": lambda step: story.submit(step).result(),
        "map": lambda step: next(story.map([step])),
    }
    ways: dict[str, Any] = {"call": story.aio, "job": submitted, "map": mapped, "gather": gathered}

    def loop() -> list[str]:
        if shell.name == "async":
            return asyncio.run(aloop())
        return [blocking[way](step) for step in story.stream("a")]

    with space.session():
        with pytest.raises(errors.ConfigurationError, match="end the loop first"):
            loop()
        assert shell.call(story, "b") == "b upon a time"
    assert loop()[-1] == "a upon a time upon a time"


def test_threads_may_share_a_session(server: Servers) -> None:
    space = space_at(server("chat").url)
    count = function(space, "/count", float, stateful=True, hidden_inputs=(0,), hidden_outputs=(0,))
    session, both = space.session(), threading.Barrier(2)

    def visit(_: int) -> float:
        with session:
            both.wait()
            counted: float = count()
            both.wait()
        return counted

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(visit, range(2))) == [1.0, 2.0]


def test_visitors() -> None:
    assert visitor_headers(SimpleNamespace(headers={"x-ip-token": "abc"})) == {"x-ip-token": "abc"}
    assert visitor_headers(None) == {}


def test_visitors_without_identity_on_a_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "ada/app")
    with pytest.warns(UserWarning, match="x-ip-token"):
        visitor_headers(SimpleNamespace(headers={}))


def test_sleeping_spaces_are_awaited(shell: Shell, proxy: Proxy, hub: Hub) -> None:
    hub.add(HubSpace(id="ada/echo", host=proxy.url, stages=("SLEEPING", "RUNNING")))
    proxy.add(faults.answer(503, body=b"<html>", on="POST"))
    seen: list[str] = []
    space = space_at(proxy.url, id="ada/echo")

    assert shell.call(function(space, "/echo").with_options(on_stage=seen.append), "x") == "x"
    assert seen == ["SLEEPING", "RUNNING"]


@pytest.mark.parametrize("status", [502, 504])
def test_what_a_gateway_lost_is_not_repeated_when_the_space_runs_again(
    shell: Shell, proxy: Proxy, hub: Hub, status: int
) -> None:
    hub.add(HubSpace(id="ada/echo", host=proxy.url, stages=("APP_STARTING", "RUNNING")))
    proxy.add(faults.answer(status, body=b"<html>", on="POST"))
    direct = function(space_at(proxy.url, id="ada/echo"), "/echo", queued=False)
    with pytest.raises(errors.ConnectionLost) as caught:
        shell.call(direct, "x")

    assert (caught.value.may_have_run, caught.value.status) == (True, status)
    assert [seen.method for seen in proxy.requests].count("POST") == 1


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        ("PAUSED", errors.SpacePaused),
        ("SLEEPING", errors.SpaceAsleep),
        ("BUILDING", errors.SpaceBuilding),
        ("RUNTIME_ERROR", errors.SpaceBroken),
        (None, errors.SpaceNotFound),
    ],
)
def test_spaces_that_do_not_run(shell: Shell, proxy: Proxy, hub: Hub, stage: str | None, error: Any) -> None:
    if stage:
        hub.add(HubSpace(id="ada/echo", host=proxy.url, stages=(stage,)))
    proxy.add(faults.answer(503, body=b"<html>", on="POST"))
    echo = function(space_at(proxy.url, id="ada/echo"), "/echo").with_options(timeout=Timeouts(wake=0.5))
    with pytest.raises(error) as caught:
        shell.call(echo, "x")

    assert caught.value.stage == (stage or "NOT_FOUND")


def test_a_full_queue(shell: Shell, proxy: Proxy) -> None:
    body = json.dumps({"detail": "Queue is full. Max size is 2 and size is 2."}).encode()
    proxy.add(faults.answer(503, body=body, on="POST", times=9))
    with pytest.raises(errors.QueueFull):
        shell.call(function(space_at(proxy.url), "/echo").with_options(retries=0), "x")


def test_another_prefix_after_an_upgrade(shell: Shell, server: Servers) -> None:
    from spacegen_runtime import Space

    old = Space("app", url=server("text").url, prefix="", protocol="sse_v3")

    assert shell.call(function(old, "/echo"), "x") == "x"


def test_another_prefix_after_an_upgrade_is_found_by_an_upload_too(shell: Shell, server: Servers) -> None:
    from spacegen_runtime import Space

    old = Space("app", url=server("files").url, prefix="", protocol="sse_v3")
    shout = function(old, "/shout", FileData, files=("a",))

    assert shell.read(shell.call(shout, b"text")) == b"TEXT"


def test_a_mounted_app(shell: Shell, server: Servers) -> None:
    mounted = space_at(server("files", mount="/demo").url)
    file = shell.call(function(mounted, "/awkward", FileData), "text")

    assert shell.read(file) == b"text"


def test_as_on_the_hub(shell: Shell, server: Servers) -> None:
    """Direct calls of queued endpoints are closed there."""
    space = space_at(server("text", spaces=True).url)

    assert shell.call(function(space, "/echo"), "x") == "x"
    assert shell.call(function(space, "/fast", queued=False), "x") == "x"
    assert shell.call(function(space, "/hello", queued=False)) == "hello"
