"""`spacegen mcp` with the official client, against real Gradio apps."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from generator.site import Site
from spacegen.commands.main import main
from spacegen.errors import ArgumentError
from spacegen.pipeline import generate
from support.documents import documents, endpoint, value
from support.servers import Servers

mcp = pytest.importorskip("mcp", reason="the mcp package is not installed (extra mcp)")

from mcp.client.client import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402
from spacegen.agents.catalogue import open_tools  # noqa: E402
from spacegen.agents.server import Settings, make_server  # noqa: E402
from support.tool_server import EXAMPLES, connected, text_of  # noqa: E402

PIXEL = Path(__file__).resolve().parents[2] / "runtime" / "pixel.png"


@pytest.fixture
def apps(server: Servers, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example packages, pointed at running apps."""

    def point(*names: str) -> list[str]:
        for name in names:
            monkeypatch.setenv(f"SPACEGEN_{name.upper()}_APP_SOURCE", server(name).url)
        return [str(EXAMPLES / f"{name}_app") for name in names]

    return point


def test_tools_are_listed_without_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEGEN_TEXT_APP_SOURCE", "http://127.0.0.1:9")

    async def listed() -> list[str]:
        async with connected([str(EXAMPLES / "text_app"), str(EXAMPLES / "chat_app")]) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    names = asyncio.run(listed())
    assert {"text_app_greet", "chat_app_talk"} <= set(names)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_calls_with_every_kind_of_plain_parameter(apps: Any, mode: str) -> None:
    sources = apps("text")

    async def calls() -> list[Any]:
        async with connected(sources, mode) as client:
            return [
                await client.call_tool("greet", {"name": "Ada", "excited": True, "celsius": 7}),
                await client.call_tool("order", {"size": "large", "count": 2, "extras": ["milk"]}),
                await client.call_tool("order", {"size": "huge", "count": 5}),
                await client.call_tool("nothing", {}),
            ]

    greet, order, wrong, missing = asyncio.run(calls())
    assert "Ada" in json.dumps(greet.structured_content)
    assert text_of(order) == "2 x large with milk" == order.structured_content["result"]
    assert wrong.is_error
    assert 'size: "huge" is not one of' in text_of(wrong)
    assert "count: 5 is not one of" in text_of(wrong)
    assert missing.is_error
    assert "There is no tool 'nothing'" in text_of(missing)


def test_files_go_in_and_come_out(apps: Any, tmp_path: Path) -> None:
    sources = apps("files")
    shutil.copy(PIXEL, tmp_path / "pixel.png")
    (tmp_path / "words.txt").write_text("hello")

    async def calls() -> None:
        async with connected(sources, folder=tmp_path) as client:
            flipped = await client.call_tool("flip", {"image": "pixel.png"})
            assert not flipped.is_error, text_of(flipped)
            assert [block.type for block in flipped.content] == ["text", "image"]
            again = await client.call_tool("pixels", {"image": flipped.structured_content["result"]["uri"]})
            assert not again.is_error, text_of(again)
            shouted = await client.call_tool("shout", {"file": "words.txt"})
            assert [block.type for block in shouted.content] == ["text", "resource_link"]
            read = await client.read_resource(shouted.content[1].uri)
            assert read.contents[0].blob == "SEVMTE8="
            refused = await client.call_tool("shout", {"file": "/etc/passwd"})
            assert "outside of the folder" in text_of(refused)
            with pytest.raises(mcp.shared.exceptions.MCPError, match="no result of this server has a file"):
                await client.read_resource("spacegen://file/0000/x")

    asyncio.run(calls())


@pytest.fixture
def apps_of_each_gradio(server: Servers, gradio_version: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`apps`, under each version of Gradio."""

    def point(*names: str) -> list[str]:
        for name in names:
            url = server(name, version=gradio_version).url
            monkeypatch.setenv(f"SPACEGEN_{name.upper()}_APP_SOURCE", url)
        return [str(EXAMPLES / f"{name}_app") for name in names]

    return point


def test_progress_and_messages_reach_the_client(apps_of_each_gradio: Any) -> None:
    sources = apps_of_each_gradio("streaming")
    heard: list[Any] = []
    said: list[Any] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append((done, total, message))

    async def log(params: Any) -> None:
        said.append((params.level, params.data))

    async def calls() -> None:
        async with connected(sources, logging_callback=log) as client:
            result = await client.call_tool("progress", {"steps": 3}, progress_callback=progress)
            assert text_of(result) == "3 steps"
            await client.call_tool("log", {"text": "x"}, progress_callback=progress)
            story = await client.call_tool("story", {"start": "Once"})
            assert text_of(story) == "Once upon a time"

    asyncio.run(calls())
    assert [one[0] for one in heard[:3]] == sorted(one[0] for one in heard[:3])
    assert any(total == 1.0 and "Step" in (message or "") for _, total, message in heard), heard
    assert ("warning", "careful with x") in said
    assert ("info", "about x") in said


def test_a_cancel_stops_the_job_on_the_space(apps_of_each_gradio: Any, tmp_path: Path) -> None:
    sources = apps_of_each_gradio("streaming")
    mark = tmp_path / "mark"
    os.mkfifo(mark)

    async def line() -> str:
        return (await asyncio.to_thread(mark.read_text)).strip()

    async def calls() -> list[str]:
        async with connected(sources) as client:
            call = asyncio.ensure_future(
                client.call_tool("slow_async", {"steps": 1, "seconds": 60, "mark": str(mark)})
            )
            started = await line()
            call.cancel()
            return [started, await line()]

    assert asyncio.run(calls()) == ["start", "stopped"]


def test_a_call_that_takes_too_long_says_so(apps: Any) -> None:
    sources = apps("streaming")

    async def call() -> Any:
        async with connected(sources, timeout=0.5) as client:
            return await client.call_tool("sleep_async", {"seconds": 60})

    result = asyncio.run(call())
    assert result.is_error
    assert "A smaller task may be done in time" in text_of(result)


@pytest.fixture
def http_server(apps_of_each_gradio: Any) -> Iterator[str]:
    """`spacegen mcp --http` in a process of its own."""
    sources = apps_of_each_gradio("chat", "text")
    command = [sys.executable, "-m", "spacegen", "mcp", *sources, "--http", "0"]
    with subprocess.Popen(command, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+/mcp", line)
            assert found is not None, line
            yield found[0]
        finally:
            process.terminate()
            process.communicate()


def test_two_clients_over_http_have_a_session_each(http_server: str) -> None:
    async def counted() -> list[str]:
        async with (
            Client(streamable_http_client(http_server), mode="legacy") as one,
            Client(streamable_http_client(http_server), mode="legacy") as other,
        ):
            results = [await client.call_tool("chat_app_count", {}) for client in (one, one, other, one)]
            calls = [
                client.call_tool("text_app_echo", {"text": word}) for client, word in ((one, "a"), (other, "b"))
            ]
            return [text_of(result) for result in [*results, *await asyncio.gather(*calls)]]

    assert asyncio.run(counted()) == ["1", "2", "1", "3", "a", "b"]


def test_over_standard_input(apps: Any) -> None:
    sources = apps("text")
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "spacegen", "mcp", *sources], env={**os.environ}
    )

    async def call() -> str:
        async with Client(stdio_client(parameters)) as client:
            return text_of(await client.call_tool("echo", {"text": "over a pipe"}))

    assert asyncio.run(call()) == "over a pipe"


def test_the_inspector_of_npm_lists_and_calls(apps: Any, tmp_path: Path) -> None:
    inspector = os.environ.get("SPACEGEN_TEST_INSPECTOR")
    if not inspector:
        pytest.skip("SPACEGEN_TEST_INSPECTOR does not name the command of @modelcontextprotocol/inspector")
    env = {**os.environ, "NO_COLOR": "1", "HOME": str(tmp_path)}  # it keeps a list of servers there
    (tmp_path / "words.txt").write_text("hello")

    def asked(*words: str, of: list[str]) -> Any:
        places = [f"{name}={place}" for name, place in os.environ.items() if name.startswith("SPACEGEN_")]
        handed_on = [word for place in places for word in ("-e", place)]  # nothing else of the environment is
        server = [*handed_on, sys.executable, "-m", "spacegen", "mcp", *of]
        done = subprocess.run(
            [inspector, "--cli", "--connect-timeout", "120000", *server, *words],
            capture_output=True,
            text=True,
            check=False,
            env=env,
        )
        assert "0 errors" in done.stderr or "--strict" not in words, done.stderr
        return json.loads(done.stdout)

    def called(name: str, *arguments: str, of: list[str]) -> Any:
        given = [word for one in arguments for word in ("--tool-arg", one)]
        return asked("--method", "tools/call", "--tool-name", name, *given, of=of)

    text, files = apps("text"), [*apps("files"), "--files", str(tmp_path)]
    listed = asked("--method", "tools/list", "--strict", of=[*text, str(EXAMPLES / "kitchen_app")])["tools"]
    assert {"text_app_greet", "kitchen_app_book"} <= {tool["name"] for tool in listed}
    order = called("order", "size=large", "count=2", 'extras=["milk"]', of=text)
    assert order.get("structuredContent") == {"result": "2 x large with milk"}, order
    wrong = called("order", "size=huge", "count=2", of=text)
    assert wrong["isError"]
    assert 'size: "huge" is not one of' in wrong["content"][0]["text"]
    shouted = called("shout", "file=words.txt", of=files)
    assert [one["type"] for one in shouted["content"]] == ["text", "resource_link"]


def test_names_can_be_chosen() -> None:
    sources = [str(EXAMPLES / "text_app")]
    with open_tools(sources, include=["gre*", "/order"], exclude=["order"]) as tools:
        assert [tool.name for tool in tools] == ["greet"]
    with (
        pytest.raises(ArgumentError, match="No tool is left; the tools are echo"),
        open_tools(sources, include=["x"]),
    ):
        pass
    with pytest.raises(ArgumentError, match="Two packages are called text_app"), open_tools(sources * 2):
        pass


def test_two_tools_of_one_name_are_refused(tmp_path: Path) -> None:
    folders = []
    for package, name in (("x", "y_echo"), ("x_y", "echo")):
        given = documents(endpoint(name, [value("text")], [value()]), endpoint(f"other_{package}"))
        source = tmp_path / f"{package}.json"
        source.write_text(json.dumps({"config": given.config, "info": given.info, "openapi": None}))
        folders.append(str(generate(str(source), output=tmp_path, name=package).folder))

    with (
        pytest.raises(ArgumentError, match="Two tools are called x_y_echo: y_echo of x and echo of x_y"),
        open_tools(folders),
    ):
        pass
    with open_tools(folders, exclude=["y_echo"]) as tools:
        assert [tool.name for tool in tools] == ["x_other_x", "x_y_echo", "x_y_other_x_y"]


def test_hints_are_the_users_word() -> None:
    with open_tools([str(EXAMPLES / "text_app")]) as tools:
        server, _ = make_server(tools, Settings(read_only=["echo"], destructive=["gre*"]))

        async def listed() -> dict[str, Any]:
            async with Client(server) as client:
                return {tool.name: tool.annotations for tool in (await client.list_tools()).tools}

        hints = asyncio.run(listed())
    assert (hints["echo"].read_only_hint, hints["echo"].destructive_hint) == (True, None)
    assert (hints["greet"].read_only_hint, hints["greet"].destructive_hint) == (None, True)


@pytest.mark.parametrize("password", ["lovelace", "wr0ng-word"])
def test_no_password_and_no_token_is_in_what_a_client_or_a_log_gets(
    server: Servers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, password: str
) -> None:
    locked = server("text", auth=("ada", "lovelace"))
    monkeypatch.setenv("SPACEGEN_TEXT_APP_SOURCE", locked.url)
    monkeypatch.setenv("SPACEGEN_AUTH", f"ada:{password}")
    monkeypatch.setenv("HF_TOKEN", "hf_t0ken")
    caplog.set_level(logging.DEBUG)

    async def calls() -> list[Any]:
        async with connected([str(EXAMPLES / "text_app")]) as client:
            listed = await client.list_tools()
            echo = await client.call_tool("echo", {"text": "in"})
            return [listed, echo, await client.call_tool("order", {"size": "huge"})]

    found = asyncio.run(calls())
    assert found[1].is_error == (password != "lovelace")
    everything = "".join(one.model_dump_json() for one in found) + caplog.text
    assert "hf_t0ken" not in everything
    assert password not in everything


def test_headers_of_a_gateway_go_with_every_request_of_a_server_for_one_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources = [str(EXAMPLES / "text_app")]

    async def call() -> Any:
        async with connected(sources, headers={"X-Key": "k3y"}) as client:
            return await client.call_tool("echo", {"text": "x"})

    with Site() as gateway:
        monkeypatch.setenv("SPACEGEN_TEXT_APP_SOURCE", gateway.url)
        result = asyncio.run(call())
        assert result.is_error
        assert "k3y" not in result.model_dump_json()
        assert {asked.headers.get("x-key") for asked in gateway.asked} == {"k3y"}
    two = [*sources, str(EXAMPLES / "chat_app")]
    with pytest.raises(ArgumentError, match="Headers are for one app"), open_tools(two, headers={"X-Key": "k3y"}):
        pass


def test_a_password_is_for_the_gateway_where_the_package_was_read_through_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "text_app"
    shutil.copytree(EXAMPLES / "text_app", folder)
    manifest = json.loads((folder / "spacegen.json").read_text())
    manifest["options"]["headers"] = ["Authorization"]
    (folder / "spacegen.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("SPACEGEN_AUTH", "ada:lovelace")
    with open_tools([str(folder)]) as tools:
        options = tools[0].package.module.space.options
    assert (options.auth, options.headers) == (None, {"Authorization": "Basic YWRhOmxvdmVsYWNl"})


def test_headers_come_from_the_environment_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("spacegen.agents.running.serve", lambda tools, *_, **__: seen.extend(tools))
    monkeypatch.setenv("SPACEGEN_HEADERS", "X-Key: k3y\nX-Other: a: b")
    result = CliRunner().invoke(main, ["mcp", str(EXAMPLES / "text_app"), "--header", "X-Other: typed"])
    assert result.exit_code == 0, result.output
    assert seen[0].package.module.space.options.headers == {"X-Key": "k3y", "X-Other": "typed"}


def test_settings_for_programs_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    source = str(EXAMPLES / "text_app")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    for host, key in (("claude", "mcpServers"), ("cursor", "mcpServers"), ("vscode", "servers")):
        secrets = ["--header", "X-Key: k3y", "--header=X-Other: k4y"]
        words = ["mcp", source, *secrets, "--no-urls", "--print-config", host]
        monkeypatch.setattr(sys, "argv", ["spacegen", *words])
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        made = json.loads(result.stdout)[key]["text_app"]
        assert made["command"] == sys.executable
        assert made["args"] == ["-m", "spacegen", "mcp", source, "--no-urls"]
        assert not any(secret in result.output for secret in ("hf_secret", "k3y", "k4y"))
        assert "SPACEGEN_HEADERS" in result.stderr


def test_tools_are_printed_for_a_vendor() -> None:
    words = ["tools", str(EXAMPLES / "text_app"), "--format", "openai", "--include", "greet"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    (made,) = json.loads(result.stdout)
    assert (made["type"], made["name"], made["strict"]) == ("function", "greet", True)
