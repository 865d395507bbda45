"""The same calls on real servers through gradio_client and through a package written a moment ago.

Every endpoint of every app gives the same results, step by step, files compared by their content. `pytest -rP`
shows how gradio_client does where this depends on its luck: of 100 jobs submitted at once, version 2.7 lost 0 to
64 when this was written, and the versions of their own time lost 70 or more on servers from 4.20 to 6.13.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from spacegen import ir
from spacegen.pipeline import generate, inspect
from spacegen_runtime import FileData, SpaceError
from support.environments import python_of
from support.outcomes import example, imported, sample_files
from support.servers import Servers

# Results that break their own schema are compared as well.
pytestmark = [
    pytest.mark.filterwarnings("ignore::spacegen_runtime.errors.UnexpectedOutputWarning"),
    pytest.mark.first_gradio,
]
PEER = Path(__file__).parent.parent / "support" / "peer.py"
APPS = ("text", "files", "chat", "streaming", "errors", "kitchen", "awkward")
LEFT_OUT = {
    ("remote", "*"): "has a test of its own below",
    ("frame", "*"): "has a test of its own below",
    ("live", "*"): "is a list of chunks to gradio_client, and one sound here (see test_files.py)",
    **{("chart", version): "never gives the same chart twice" for version in ("3.50.2", "4.0.2", "4.20.0")},
    **{(name, "3.50.2"): "streams, and only says so when called" for name in ("story_async", "slow_async")},
    ("batched", "4.0.2"): "stops the queue of Gradio 4.0 for all later events, whoever calls it",
}
BEYOND_GRADIO_CLIENT = {
    ("reply", "3.50.2"): "takes the conversation for the name of a file",
    ("hang", "3.50.2"): "takes the gallery for the name of a file",
    ("log", "3.50.2"): "does not know the message `log`",
}
"""What gradio_client cannot do there, and the stub can."""


@dataclass(frozen=True)
class Outcome:
    """What a call gave: its outputs and steps, files by their content; no outputs where it failed."""

    outputs: list[Any] | None = None
    steps: tuple[Any, ...] = ()


class GradioClient:
    """gradio_client in a process of its own, where it can hang without harm."""

    def __init__(self, url: str, version: str, folder: Path) -> None:
        # Today's gradio_client does not speak the WebSocket of Gradio 3; the one of its time does.
        self.python = str(python_of(version)) if version < "4" else sys.executable
        self.url = url
        self.folder = folder

    def __call__(self, calls: list[tuple[str | int, list[Any]]], **how: Any) -> list[dict[str, Any]]:
        self.folder.mkdir()
        asked = [{"endpoint": key, "values": _for_client(values)} for key, values in calls]
        done = subprocess.run(
            [self.python, str(PEER), str(self.folder)],
            input=json.dumps({"url": self.url, "calls": asked, **how}),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(said) == len(calls), done.stderr
        return said

    def outcome(self, endpoint: ir.Endpoint, said: dict[str, Any]) -> Outcome:
        if "error" in said:
            return Outcome()
        result = self._comparable(_outputs(endpoint, said["result"]))
        steps = said["steps"] if endpoint.generator else []
        return Outcome(result, tuple(self._comparable(_outputs(endpoint, step)) for step in steps))

    def _comparable(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(str(self.folder)):
            content = Path(value).read_bytes()  # the one of Gradio 3 puts JSON into files, too
            return self._comparable(json.loads(content)) if value.endswith(".json") else _digest(content)
        if isinstance(value, dict) and value.get("__type__") == "update":
            return self._comparable(value.get("value"))
        return _mapped(self._comparable, value)


class Package:
    """A freshly written package; the same questions, answered through its functions."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def outcome(self, endpoint: ir.Endpoint, values: list[Any]) -> Outcome:
        function = getattr(self.module, endpoint.function)
        arguments = {p.argument: value for p, value in zip(endpoint.parameters, values, strict=True)}
        try:
            if not endpoint.generator:
                return Outcome(_told(_outputs(endpoint, function(**arguments))))
            steps = [_told(_outputs(endpoint, step)) for step in function.stream(**arguments)]
        except SpaceError:
            return Outcome()
        return Outcome(steps[-1], tuple(steps))


def _told(value: Any) -> Any:
    if isinstance(value, FileData):
        return _digest(value.read())
    if hasattr(value, "model_dump"):
        value = {**value.model_dump(by_alias=True, exclude_unset=True), **(value.model_extra or {})}
    return _mapped(_told, value)


def _mapped(function: Any, value: Any) -> Any:
    """Plain JSON; what is not set and what is null are the same, and so are null and NaN, which it has not."""
    if isinstance(value, dict):
        told = {key: function(one) for key, one in value.items()}
        return {key: one for key, one in told.items() if one is not None}
    if isinstance(value, list | tuple):
        return [function(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _outputs(endpoint: ir.Endpoint, result: Any) -> list[Any]:
    if not endpoint.outputs:
        return []
    return list(result) if len(endpoint.outputs) > 1 else [result]


def _digest(content: bytes) -> dict[str, str]:
    return {"file": hashlib.sha256(content).hexdigest()}


def _for_client(value: Any) -> Any:
    if isinstance(value, Path):
        return {"$file": str(value)}
    return [_for_client(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return sample_files(tmp_path_factory.mktemp("samples"))


@pytest.fixture(autouse=True)
def sleeping(server: Servers) -> Iterator[None]:
    """Let servers sleep between tests: of so many, the idle ones alone would keep the machine busy."""
    yield
    server.pause()


@contextmanager
def written(url: str, folder: Path) -> Iterator[tuple[ir.Space, Package]]:
    package = generate(url, output=folder, name="peer_app").folder
    with imported(package) as module:
        yield inspect(url), Package(module)


@pytest.mark.parametrize("app", APPS)
def test_every_endpoint_answers_as_through_gradio_client(
    app: str, gradio_version: str, server: Servers, samples: dict[str, Path], tmp_path: Path
) -> None:
    url = server(app, version=gradio_version).url
    client = GradioClient(url, gradio_version, tmp_path / "files")
    with written(url, tmp_path) as (space, package):
        asked = [
            (endpoint, [example(parameter, samples) for parameter in endpoint.parameters])
            for endpoint in space.endpoints
            if not {(endpoint.function, gradio_version), (endpoint.function, "*")} & LEFT_OUT.keys()
        ]
        said = client([(endpoint.key, values) for endpoint, values in asked])
        stub = {str(endpoint.key): package.outcome(endpoint, values) for endpoint, values in asked}
    peer = {str(e.key): client.outcome(e, one) for (e, _), one in zip(asked, said, strict=True)}

    beyond = {str(e.key) for e, _ in asked if (e.function, gradio_version) in BEYOND_GRADIO_CLIENT}
    assert {key for key in beyond if peer[key].outputs is None and stub[key].outputs is not None} == beyond
    assert {key: one for key, one in stub.items() if key not in beyond} == {
        key: one for key, one in peer.items() if key not in beyond
    }


def test_frames_of_a_camera_come_where_gradio_client_dies(
    gradio_version: str, server: Servers, samples: dict[str, Path], tmp_path: Path
) -> None:
    if gradio_version < "4.20":
        pytest.skip("no camera streams there (see apps/streaming.py)")
    url = server("streaming", version=gradio_version).url
    [said] = GradioClient(url, gradio_version, tmp_path / "files")([("/frame", [samples["Image"]])])
    with written(url, tmp_path) as (_, package):
        frames = list(package.module.frame.stream(samples["Image"]))

    assert frames
    assert all(frame.read() for frame in frames)
    if gradio_version >= "5":  # whose server sends a message of its own for frames
        assert "process_streaming" in said["error"]


def test_files_that_lie_elsewhere_are_handed_on(
    gradio_version: str, server: Servers, elsewhere: str, tmp_path: Path
) -> None:
    url = server("files", version=gradio_version).url
    [said] = GradioClient(url, gradio_version, tmp_path / "files")([("/remote", [elsewhere])])
    with written(url, tmp_path) as (_, package):
        pictures = json.dumps(_told(package.module.remote(elsewhere)))

    assert json.dumps(_digest(PICTURE)) in pictures
    if gradio_version >= "6.31":  # gradio_client asks the app for the file, which no longer says where it is
        assert "403" in said["error"]


def test_a_hundred_jobs_at_once_all_come_back(gradio_version: str, server: Servers, tmp_path: Path) -> None:
    url = server("streaming", version=gradio_version).url
    client = GradioClient(url, gradio_version, tmp_path / "files")
    said = client([("/sleep_async", [0, ""])] * 100, at_once=True, limit=10)
    print(f"through gradio_client came {sum('result' in one for one in said)} of 100 results within 10 s")
    with written(url, tmp_path) as (_, package):
        jobs = [package.module.sleep_async.submit(seconds=0, mark="") for _ in range(100)]
        results = [job.result(60).removesuffix(".0") for job in jobs]

    assert results == ["slept 0"] * 100


PICTURE = (Path(__file__).parent / "pixel.png").read_bytes()


class _OnePicture(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:  # Gradio 3 and 4.0 look whether it is there
        self.send_response(200)
        self.send_header("content-type", "image/png")
        self.send_header("content-length", str(len(PICTURE)))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(PICTURE)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a picture on another server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _OnePicture) as there:
        thread = threading.Thread(target=there.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{there.server_port}/dot.png"
        there.shutdown()
        thread.join()
