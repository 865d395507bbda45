"""Real clients of Gradio, in front of a real app and in front of `spacegen serve`: the same answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import files_app
import httpx
import pytest
import streaming_app
import text_app
import uvicorn
from click.testing import CliRunner
from spacegen.commands.main import main
from spacegen.listening import listen
from spacegen_runtime import FileData, errors
from spacegen_runtime.testing import FakeSpace, asgi_app, fake_space, recorded
from support.servers import Servers

CACHE = Path.home() / ".cache" / "spacegen-tests" / "node"
PIXEL = Path(__file__).parents[2] / "runtime" / "pixel.png"


@contextmanager
def served(fake: FakeSpace) -> Iterator[str]:
    """The address of a fake over HTTP, in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(asgi_app(fake), log_level="critical", lifespan="off"))
    listening = listen(0, "--port")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def story(start: str = "Once") -> Iterator[str]:
    words = [start, "upon", "a", "time"]
    for length in range(1, 5):
        yield " ".join(words[:length])


def text() -> FakeSpace:
    fake = fake_space(text_app)
    fake.on(text_app.echo).does(lambda text: text)
    fake.on(text_app.fast).does(lambda text: text)
    fake.on(text_app.greet).does(lambda name, excited=False, celsius=5: greeting(name, excited, celsius))
    return fake


def greeting(name: str, excited: bool, celsius: float) -> text_app.GreetResult:
    return text_app.GreetResult(f"Hello, {name}{'!' if excited else '.'}", celsius * 1.8 + 32)


def files() -> FakeSpace:
    fake = fake_space(files_app)
    fake.on(files_app.shout).does(lambda file: FileData.of(content(file).upper(), "shout.txt"))
    return fake


def content(file: Any) -> bytes:
    return bytes(file.read())


def streaming() -> FakeSpace:
    fake = fake_space(streaming_app)
    fake.on(streaming_app.story).does(story)
    return fake


FAKES = {"text": text, "files": files, "streaming": streaming}


def by_gradio_client(app: str, url: str, tmp_path: Path) -> list[Any]:
    from gradio_client import Client, handle_file

    client = Client(url, verbose=False, download_files=str(tmp_path))
    try:
        if app == "text":
            seen = [
                client.predict("é \u2028 x", api_name="/echo"),
                client.predict("Ada", True, 10, api_name="/greet"),
                client.predict(name="Ada", api_name="/greet"),
                client.submit("b", api_name="/fast").result(),
                [*client.view_api(return_format="dict")["named_endpoints"]],
            ]
            with pytest.raises(Exception, match="is not in the list of choices") as caught:
                client.predict("huge", 1, [], api_name="/order")
            return [*seen, str(caught.value).partition("Traceback")[0]]
        if app == "files":
            (tmp_path / "a.txt").write_text("hello")
            made = client.predict(handle_file(str(tmp_path / "a.txt")), api_name="/shout")
            return [Path(made).name, Path(made).read_text()]
        job = client.submit("Once", api_name="/story")
        return [job.result(), job.outputs()]
    finally:
        client.close()


@pytest.mark.parametrize("app", FAKES)
def test_gradio_client(app: str, server: Servers, tmp_path: Path) -> None:
    real = by_gradio_client(app, server(app).url, tmp_path)
    with served(FAKES[app]()) as url:
        assert by_gradio_client(app, url, tmp_path) == real


SCRIPT = """
import { Client, handle_file } from "@gradio/client";
import { readFileSync } from "node:fs";
const [url, app] = process.argv.slice(2);
const client = await Client.connect(url, { events: ["data", "status"] });
const seen = [];
if (app === "text") {
  seen.push((await client.predict("/echo", ["é x"])).data);
  seen.push((await client.predict("/greet", ["Ada", true, 10])).data);
  seen.push((await client.predict("/greet", { name: "Ada" })).data);
  try { await client.predict("/order", ["huge", 1, []]); } catch (error) { seen.push(error.message); }
} else if (app === "files") {
  const result = await client.predict("/shout", [new Blob(["hello"])]);
  seen.push(await (await fetch(result.data[0].url)).text(), result.data[0].orig_name);
} else {
  for await (const message of client.submit("/story", ["Once"])) {
    if (message.type === "data") seen.push(message.data);
    if (message.type === "status" && message.stage === "complete") break;
  }
}
console.log(JSON.stringify(seen));
process.exit(0);
"""


def node() -> Path:
    """A folder in which `@gradio/client` is installed; made once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    if not (CACHE / "node_modules" / "@gradio" / "client").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "@gradio/client"]
        if subprocess.run(install, cwd=CACHE, capture_output=True, timeout=300, check=False).returncode:
            pytest.skip("npm could not install @gradio/client")
    return CACHE


def by_javascript(app: str, url: str, folder: Path) -> Any:
    (folder / "probe.mjs").write_text(SCRIPT)
    done = subprocess.run(
        ["node", "probe.mjs", url, app], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("app", FAKES)
def test_the_client_for_javascript(app: str, server: Servers) -> None:
    folder = node()
    real = by_javascript(app, server(app).url, folder)
    with served(FAKES[app]()) as url:
        assert by_javascript(app, url, folder) == real


def by_curl(url: str) -> list[str]:
    """As the Hub's page on Spaces as endpoints shows it."""
    data = ["-s", "-H", "Content-Type: application/json", "-d", '{"data": ["Hello, world"]}']
    posted = curl("-X", "POST", f"{url}/gradio_api/call/echo", *data)
    event = json.loads(posted)["event_id"]
    return [
        curl("-s", "-N", f"{url}/gradio_api/call/echo/{event}"),
        curl("-s", "-N", f"{url}/gradio_api/call/echo/unknown").partition("\n\n")[0],
        curl("-X", "POST", f"{url}/gradio_api/call/nothing", *data),
        curl(
            "-X", "POST", f"{url}/gradio_api/call/echo", "-s", "-H", "Content-Type: application/json", "-d", "{}"
        ),
    ]


def curl(*options: str) -> str:
    return subprocess.run(["curl", *options], capture_output=True, text=True, timeout=60, check=False).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(server: Servers) -> None:
    real = by_curl(server("text").url)
    with served(text()) as url:
        assert by_curl(url) == real

    assert real[0] == 'event: complete\ndata: ["Hello, world"]\n\n'


def by_hand(url: str) -> list[Any]:
    """What a login, a file and a session say; what differs from run to run is left out."""
    with httpx.Client(base_url=url) as client:
        seen: list[Any] = [client.get("/config").status_code, client.get("/config").json()]
        wrong = client.post("/login", data={"username": "ada", "password": "no"})
        right = client.post("/login", data={"username": "ada", "password": "pw"})
        seen += [wrong.status_code, wrong.json(), right.status_code, right.json(), len(client.cookies)]
        config = client.get("/config").json()
        seen += [config["protocol"], config["api_prefix"], config["username"]]
        body = {"data": ["x"], "session_hash": "abc", "fn_index": 0}
        client.post("/gradio_api/queue/join", json=body)
        stream = client.get("/gradio_api/queue/data?session_hash=abc").text
        messages = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
        seen += [[(one["msg"], sorted(one)) for one in messages], messages[-2]["output"]["data"]]
        path = client.post("/gradio_api/upload", files=[("files", ("a b.txt", b"0123456789"))]).json()[0]
        part = client.get(f"/gradio_api/file={path}", headers={"Range": "bytes=2-4"})
        seen += [Path(path).name, part.status_code, part.content, part.headers["content-range"]]
        return seen


def test_a_login_a_session_and_a_file(server: Servers) -> None:
    real = by_hand(server("text", auth=("ada", "pw")).url)
    fake = fake_space(text_app, auth=("ada", "pw"))
    fake.on(text_app.echo).does(lambda text: text)
    with served(fake) as url:
        assert by_hand(url) == real


def test_a_package_of_the_fake_is_the_package(tmp_path: Path) -> None:
    """What it publishes says all that the package knows, so that a package made from it is the same."""
    with served(fake_space(text_app)) as url:
        done = CliRunner().invoke(main, [url, "-o", str(tmp_path), "--name", "text_app"])
    assert done.exit_code == 0, done.output
    old, new = (
        json.loads((folder / "spacegen.json").read_text())["endpoints"]
        for folder in (Path(text_app.__file__).parent, tmp_path / "text_app")
    )

    for key, endpoint in old.items():
        assert {**new[key], "identity": endpoint["identity"]} == endpoint


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(
        "from text_app import echo\n\ndef answers(fake):\n    fake.on(echo).returns('scripted')\n"
    )
    package = str(Path(text_app.__file__).parent)
    command = [sys.executable, "-m", "spacegen", "serve", package, "--port", "0", "--script", "answers.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-4]
            answer = httpx.post(f"{url}/gradio_api/run/echo", json={"data": ["x"]})
            assert answer.json()["data"] == ["scripted"]
        finally:
            process.terminate()


def test_an_error_of_a_script_is_told_with_its_line(tmp_path: Path) -> None:
    script = tmp_path / "answers.py"
    script.write_text("from text_app import echo\n\ndef answers(fake):\n    fake.on(echo).returns(3)\n")
    result = CliRunner().invoke(main, ["serve", str(Path(text_app.__file__).parent), "--script", str(script)])
    assert result.exit_code == 1
    assert f"{script}, line 4: " in result.output
    script.write_text("import nowhere\n")
    result = CliRunner().invoke(main, ["serve", str(Path(text_app.__file__).parent), "--script", str(script)])
    assert f"{script}, line 1: ModuleNotFoundError: No module named 'nowhere'" in result.output


def test_breaks_and_refusals_over_http() -> None:
    fake = fake_space(text_app)
    fake.on(text_app.echo).raises(errors.QueueFull("busy")).then.raises(errors.ConnectionLost("cut"))
    with served(fake) as url, httpx.Client(base_url=url) as client:
        assert client.post("/gradio_api/call/echo", json={"data": ["x"]}).status_code == 503
        event = client.post("/gradio_api/call/echo", json={"data": ["x"]}).json()["event_id"]
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(f"/gradio_api/call/echo/{event}")


def test_a_call_that_was_not_recorded_fails_with_words_over_http(tmp_path: Path) -> None:
    recording = tmp_path / "x.json"
    recording.write_text('{"what": "spacegen recording", "format": 1, "calls": []}')
    with (
        served(recorded(text_app, recording, mode="none")) as url,
        pytest.raises(errors.AppError, match=r"no call of /echo at all"),
    ):
        text_app.echo.with_options(base_url=url)("x")
