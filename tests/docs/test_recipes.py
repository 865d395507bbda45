"""Each recipe runs as its page says, against real Gradio servers; services in processes of their own."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import time
import wave
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from PIL import Image
from spacegen_runtime import Call, Space, endpoint
from support import faults
from support.hub import Hub
from support.hub import Space as HubSpace
from support.proxy import Proxy
from support.servers import Servers, free_port

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "docs/recipes"
BLOCK = re.compile(r"^```python\n# (gradio_client|spacegen)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BIN = Path(sys.executable).parent


def environment(**more: str) -> dict[str, str]:
    """What a reader has: the example packages, the commands, no token, and no proxy for this machine."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GRADIO_"))}
    return {
        **inherited,
        "PYTHONPATH": str(ROOT / "generated_examples"),
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "HF_TOKEN_PATH": os.devnull,
        "NO_PROXY": "*",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        **more,
    }


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that recipes speak of, as the current one."""
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (4, 3), "red").save("cat.png")
    Path("notes.txt").write_text("some notes", encoding="utf-8")
    with wave.open("bell.wav", "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\1" * 80)
    return tmp_path


@pytest.fixture
def proxy(server: Servers) -> Iterator[Proxy]:
    """A way to the app `text` that notes what passes, and can break it."""
    with Proxy(server("text").url) as proxy:
        yield proxy


@contextmanager
def running(words: list[str], url: str, folder: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Run a service until the block ends; it must answer at `url`."""
    log = folder / "service.txt"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, *words], cwd=RECIPES, env=env, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 240
        while not _answers(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)  # no event tells that another process listens
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def identities(proxy: Proxy, header: str) -> list[str | None]:
    """What each call that passed the proxy said about who makes it."""
    return [seen.headers.get(header) for seen in proxy.requests if "/call/greet" in seen.path]


def test_fastapi(proxy: Proxy, scratch: Path, server: Servers) -> None:
    env = environment(SPACEGEN_TEXT_APP_SOURCE=proxy.url, SPACEGEN_FILES_APP_SOURCE=server("files").url)
    port = free_port()  # after the server has taken its own
    url = f"http://127.0.0.1:{port}"
    words = ["-m", "uvicorn", "fastapi_service:app", "--port", str(port), "--log-level", "warning"]
    with running(words, f"{url}/openapi.json", scratch, env), httpx.Client(base_url=url, trust_env=False) as web:
        assert web.get("/greet/Ada").json() == {"greeting": "Hello, Ada."}
        web.get("/greet/Ada", headers={"x-ip-token": "visitor", "x-hf-token": "hf_visitor"})
        web.get("/greet/Ada")
        assert identities(proxy, "x-ip-token") == [None, "visitor", None]
        assert identities(proxy, "x-hf-authorization") == [None, "Bearer hf_visitor", None]

        assert web.post("/swap", params={"first": "one", "second": True}).json() == [True, "one"]
        flipped = web.post("/flip", files={"picture": Path("cat.png").read_bytes()})
        assert Image.open(BytesIO(flipped.content)).size == (4, 3)
        assert flipped.headers["content-type"] == "image/png"

        connections = {seen.connection for seen in proxy.requests}
        assert len(connections) < len(proxy.requests)  # they are shared

        proxy.add(faults.answer(429, on="POST", times=100))
        busy = web.get("/greet/Ada")
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "10")


def test_fastapi_says_what_is_wrong(scratch: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(SPACEGEN_TEXT_APP_SOURCE="http://127.0.0.1:9")
    words = ["-m", "uvicorn", "fastapi_service:app", "--port", str(port), "--log-level", "warning"]
    with running(words, f"{url}/openapi.json", scratch, env):
        failed = httpx.get(f"{url}/greet/Ada", trust_env=False)
        assert failed.status_code == 502
        assert "greet" in failed.json()["detail"]


def test_another_space(proxy: Proxy, scratch: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(
        SPACEGEN_TEXT_APP_SOURCE=proxy.url, GRADIO_SERVER_PORT=str(port), GRADIO_TEMP_DIR=str(scratch / "gradio")
    )
    space = Space("app", url=url, prefix="/gradio_api")

    @endpoint
    def welcome(name: str) -> Call[str]:
        return space.call("/welcome", {"name": name})

    with running(["gradio_app.py"], f"{url}/config", scratch, env):
        assert welcome.with_options(headers={"x-ip-token": "visitor"})("Ada") == "Hello, Ada."
        assert welcome("Bob") == "Hello, Bob."
    assert identities(proxy, "x-ip-token") == ["visitor", None]
    space.configure()  # lets go of the connections


def test_the_page_shows_what_the_app_does() -> None:
    """The block of the page is the function of the file, without its docstring."""
    page = (RECIPES / "another-space.md").read_text("utf-8")
    [block] = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [shown] = ast.parse(block).body
    tree = ast.parse((RECIPES / "gradio_app.py").read_text("utf-8"))
    [real] = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)]
    real.body = real.body[1:]
    assert ast.dump(shown) == ast.dump(real)


def retrying(url: str) -> subprocess.CompletedProcess[str]:
    env = environment(SPACEGEN_TEXT_APP_SOURCE=url)
    words = [sys.executable, str(RECIPES / "retrying.py"), "Ada"]
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=120)


def test_retrying(proxy: Proxy) -> None:
    proxy.add(faults.answer(429, {"retry-after": "0"}, on="POST", times=4))  # more than the runtime puts up with
    done = retrying(proxy.url)
    assert (done.returncode, done.stdout) == (0, "Hello, Ada.\n"), done.stderr


def test_a_job_that_may_have_run_is_not_retried(proxy: Proxy) -> None:
    proxy.add(faults.reset_after(on="POST", times=100))
    done = retrying(proxy.url)
    assert done.returncode == 1
    assert "ConnectionLost" in done.stderr
    assert sum(seen.method == "POST" for seen in proxy.requests) == 1


def pairs() -> list[tuple[str, str, str]]:
    """For each heading of the page its two blocks."""
    page = (RECIPES / "from-gradio-client.md").read_text("utf-8")
    found = []
    for section in page.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        blocks = dict(BLOCK.findall(text))
        if blocks:
            found.append((title, blocks["gradio_client"], blocks["spacegen"]))
    return found


@pytest.mark.parametrize(("title", "before", "after"), pairs(), ids=[title for title, _, _ in pairs()])
@pytest.mark.filterwarnings("ignore:::gradio_client")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a Client that goes away leaves its connections open
def test_coming_from_gradio_client(
    title: str, before: str, after: str, server: Servers, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [app] = re.findall(r"from (\w+)_app import", after)
    url = server(app).url
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(scratch / "gradio"))
    old: dict[str, Any] = {}
    exec(before.replace("http://127.0.0.1:7860", url), old)
    package = importlib.import_module(f"{app}_app")
    package.space.configure(base_url=url)
    new: dict[str, Any] = {}
    exec(after, new)
    assert new["result"] == old["result"]
    assert new["result"]
    package.space.configure()  # lets go of the connections


def test_notebook(server: Servers, scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for app in ("files", "kitchen", "streaming"):
        importlib.import_module(f"{app}_app").space.configure(base_url=server(app).url)
    notebook = json.loads((RECIPES / "notebook.ipynb").read_text("utf-8"))
    names: dict[str, Any] = {}
    shown = [_display("".join(c["source"]), names) for c in notebook["cells"] if c["cell_type"] == "code"]
    kinds = [text[1:].partition(" ")[0].partition(">")[0] for text in shown]
    assert kinds == ["", "img", "audio", "table", "div", ""]  # pandas puts its tables into a div
    assert "data:image/" in shown[1]
    assert "<tr><th>name</th><th>n</th></tr>" in shown[3]
    assert "<tr><td>b</td><td>2</td></tr>" in shown[3]
    assert "<td>2.0" in shown[4]
    assert capsys.readouterr().out.endswith("Once upon a time\r")


def _display(cell: str, names: dict[str, Any]) -> str:
    """Run a cell as a notebook does, inside a running event loop, and return the HTML of its last value."""
    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None

    async def run() -> Any:
        value = None
        for part in (tree, ast.Expression(last.value) if isinstance(last, ast.Expr) else None):
            if part is not None:
                kind = "eval" if isinstance(part, ast.Expression) else "exec"
                value = eval(compile(part, "cell", kind, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
                value = await value if inspect.isawaitable(value) else value
        return value

    value = asyncio.run(run())
    return value._repr_html_() or "" if hasattr(value, "_repr_html_") else ""


# Checking for drift.


@pytest.fixture
def repository(server: Servers, scratch: Path) -> Path:
    """A folder with a package whose Space has not changed."""
    words = [str(BIN / "spacegen"), server("text").url, "--name", "shop"]
    subprocess.run(words, cwd=scratch, env=environment(), check=True, capture_output=True)
    return scratch


def change(repository: Path) -> None:
    """Let the package remember an endpoint that the Space does not have."""
    path = repository / "shop/spacegen.json"
    lock = json.loads(path.read_text())
    lock["endpoints"]["/gone"] = {
        **lock["endpoints"]["/echo"],
        "function": "gone",
        "identity": "0",
        "fn_index": 99,
    }
    path.write_text(json.dumps(lock))


def workflow_run(repository: Path, steps: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a job's commands as the runner of a workflow does."""
    script, env = "\n".join(["set -e", *steps]), environment(GITHUB_ACTIONS="true", **more)
    return subprocess.run(["bash", "-c", script], cwd=repository, env=env, capture_output=True, text=True)


def test_workflow(repository: Path) -> None:
    workflow = yaml.safe_load((RECIPES / "spacegen-check.yml").read_text())
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow[True]) == {"schedule", "pull_request", "workflow_dispatch"}
    assert re.fullmatch(r"[\d*,/-]+( [\d*,/-]+){4}", workflow[True]["schedule"][0]["cron"])
    [job] = workflow["jobs"].values()
    steps = [step["run"] for step in job["steps"] if "run" in step]
    assert re.fullmatch(r"pip install spacegen==[\d.abrc]+", steps[0])  # the environment of this test has it

    assert workflow_run(repository, steps[1:]).returncode == 0
    change(repository)
    done = workflow_run(repository, steps[1:])
    assert done.returncode == 1
    assert re.search(r"^::error file=shop/.*/gone", done.stdout, re.MULTILINE), done.stdout


def test_the_workflow_wakes_a_space(server: Servers, scratch: Path) -> None:
    steps = re.findall(r"- run: (spacegen .*)", (RECIPES / "spacegen-check.yml").read_text())
    alone = re.findall(r"^```sh\n(spacegen check \|\|.*)\n```$", (RECIPES / "ci.md").read_text(), re.MULTILINE)
    with Hub() as hub:
        hub.add(HubSpace(id="ada/echo", host=server("text").url))
        place = hub.environment()
        assert workflow_run(scratch, ["spacegen ada/echo"], **place).returncode == 0
        hub.spaces["ada/echo"].stages = ("SLEEPING",)
        assert workflow_run(scratch, ["spacegen check"], **place).returncode == 2
        assert workflow_run(scratch, alone, **place).returncode == 0
        hub.spaces["ada/echo"].stages = ("SLEEPING", "APP_STARTING", "RUNNING")
        done = workflow_run(scratch, steps, **place)

    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "same: echo (ada/echo)"), done.stderr


def test_the_way_to_try_one(server: Servers) -> None:
    index = (RECIPES / "README.md").read_text("utf-8")
    start, call = re.findall(r"^```sh\n(.*?)^```$", index, re.MULTILINE | re.DOTALL)
    assert shlex.split(start) == ["python", "tests/apps/text.py", "--port", "7860"]
    assert (ROOT / "tests/apps/text.py").exists()
    here = call.replace("http://127.0.0.1:7860", server("text").url)
    done = subprocess.run(["sh", "-ec", here], cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "Hello, Ada.\n"), done.stderr


def test_every_recipe_is_listed() -> None:
    index = (RECIPES / "README.md").read_text("utf-8")
    for path in RECIPES.iterdir():
        assert path.name in index or path.name in ("README.md", "__pycache__"), path.name
