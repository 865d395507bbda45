"""Real Gradio servers in their own processes.

    with GradioServer("text") as server:
        httpx.get(server.url + "/config")

`Servers` keeps one process for each distinct set of arguments, for fixtures of a whole test run.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import httpx
from typing_extensions import Self

from support import warm
from support.environments import CURRENT, python_of

APPS = Path(__file__).resolve().parent.parent / "apps"

_running: set[GradioServer] = set()


class ServerFailed(RuntimeError):
    """A server did not come up; the message ends with what it printed."""


class GradioServer:
    """One app of `tests/apps` (or any script that takes `--port N`) in a process of its own.

    Args:
        app: Name of a module in `tests/apps`, or the path of a script.
        version: Gradio version to run it with; the one installed here when None.
        auth: User and password that the app asks for; several users one after the other.
        mount: Path prefix at which a FastAPI app mounts it, as in `/demo`.
        root_path: What `launch(root_path=...)` gets.
        queue_size: Events that may wait before the server answers 503.
        max_file_size: Bytes of the largest file that the server takes.
        spaces: Behave as on Hugging Face Spaces, where direct calls to queued endpoints are closed.
        env: More environment variables for the process.
        timeout: Seconds until the app must answer.
    """

    def __init__(
        self,
        app: str | Path,
        *,
        version: str | None = None,
        auth: tuple[str, ...] = (),
        mount: str = "",
        root_path: str = "",
        queue_size: int | None = None,
        max_file_size: int | None = None,
        spaces: bool = False,
        env: Mapping[str, str] | None = None,
        timeout: float = 240,
    ) -> None:
        self.script = app if isinstance(app, Path) else APPS / f"{app}.py"
        self.version = version or CURRENT
        self.mount = mount
        self.timeout = timeout
        self.port = 0
        self._options = _options(
            auth=",".join(map(":".join, zip(auth[::2], auth[1::2], strict=True))),
            mount=mount,
            root_path=root_path,
            queue_size=queue_size,
            max_file_size=max_file_size,
        )
        self._env = {**(_AS_ON_SPACES if spaces else {}), **(env or {})}
        self._process: subprocess.Popen[bytes] | warm.Forked | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._scratch = ""
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the app, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.mount}"

    @property
    def pid(self) -> int:
        """Process id of the server; 0 while it is stopped."""
        return self._process.pid if self._process else 0

    @property
    def output(self) -> str:
        """All that the process has printed so far."""
        if self._log is None:
            return ""
        return Path(self._log.name).read_text(errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the process and wait until it answers; after `stop()` it comes up on the same port."""
        self._scratch = tempfile.mkdtemp(prefix="spacegen-server-")
        self._log = (Path(self._scratch) / "output.txt").open("wb")
        self.port = self.port or free_port()
        self._process = self._run(python_of(self.version), self._log)
        self._watcher = _watch(self._process.pid)
        _running.add(self)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the process and everything it started; harmless when it is not running."""
        process, self._process = self._process, None
        _running.discard(self)
        if process is not None:
            _end(process)
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
            self._watcher = None
        if self._log is not None:
            self._log.close()
            self._log = None
        shutil.rmtree(self._scratch, ignore_errors=True)

    def restart(self) -> None:
        """Stop the server and start it again at the same address, with nothing in its memory."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End the process at once, as a crash does: connections break in the middle of a message."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and everything it started; harmless when it is not running."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _run(self, python: Path, log: IO[bytes]) -> subprocess.Popen[bytes] | warm.Forked:
        words = [str(self.script), "--port", str(self.port), *self._options]
        # What an old Gradio reads when it is imported is not known here; nor is what a script of its own does.
        if warm.POSSIBLE and self.version >= "5" and self.script.parent == APPS and not self._env:
            return warm.forked(python, words, self._environment(), log)
        return subprocess.Popen(
            [str(python), *words],
            stdin=subprocess.PIPE,  # the app leaves when this pipe closes
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self._environment(),
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_INHERITED)}
        return {**inherited, **_QUIET, "GRADIO_TEMP_DIR": self._scratch, **self._env}

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self.timeout
        answers = False
        with httpx.Client(trust_env=False, timeout=5) as client:
            while time.monotonic() < deadline:
                if self._process.poll() is not None:
                    raise ServerFailed(f"{self.script.name} ended with {self._process.returncode}:\n{self.output}")
                # Asked once more, a large app would keep Gradio waiting, which asks as well and gives up early.
                answers = answers or _answers(client, f"{self.url}/config")
                if answers and self._is_launched():
                    return
                time.sleep(0.05)  # no event tells that another process listens
        raise ServerFailed(f"{self.script.name} did not answer within {self.timeout} s:\n{self.output}")

    def _is_launched(self) -> bool:
        """Whether `tests/apps/_serve.py` says so, where it is what launches."""
        says = self.script.parent == APPS and not self.mount and not self.script.stem.startswith("_")
        return not says or "launched\n" in self.output


class Servers:
    """Starts each distinct server once and stops all of them at the end.

    Call it as `GradioServer`: the same arguments give the same running server. An idle Gradio 6 looks at its
    queue a thousand times a second, which is a tenth of a processor; so servers can be put to sleep (`pause`),
    and wake when they are asked for again.
    """

    def __init__(self) -> None:
        self._started: dict[str, GradioServer] = {}

    def __call__(self, app: str | Path, **options: Any) -> GradioServer:
        options["version"] = options.get("version") or CURRENT
        key = repr((str(app), sorted(options.items())))
        if key not in self._started:
            self._started[key] = GradioServer(app, **options).start()
        self._started[key].signal(signal.SIGCONT)
        return self._started[key]

    def pause(self) -> None:
        """Let all servers sleep until they are asked for."""
        for server in self._started.values():
            server.signal(signal.SIGSTOP)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._started.values():
            server.stop()
        self._started.clear()
        warm.stop_all()


def free_port() -> int:
    """A loopback port that nothing listens on, and that the system gives to no connection meanwhile.

    Those that it gives away by itself begin at 32768, and a server takes seconds until it has its port.
    """
    while True:
        port = _dice.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


_dice = random.SystemRandom()  # other processes draw, too


_NOT_INHERITED = ("GRADIO_", "HF_", "SPACE_", "SYSTEM", "PYTHON", "VIRTUAL_ENV", "COV_")
_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_MCP_SERVER": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MPLBACKEND": "Agg",
    "NO_PROXY": "*",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}
_AS_ON_SPACES = {"SYSTEM": "spaces", "SPACE_ID": "tests/app", "SPACE_HOST": "127.0.0.1"}


def _options(**given: str | int | None) -> list[str]:
    options = {f"--{name.replace('_', '-')}": value for name, value in given.items() if value not in (None, "")}
    return [part for name, value in options.items() for part in (name, str(value))]


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code in (200, 401)  # 401: up, and asks for a login
    except httpx.TransportError:
        return False


def _watch(group: int) -> subprocess.Popen[bytes]:
    """Start what ends a server when we are killed: one that is put to sleep does not see that its pipe closes."""
    script = 'read _; kill -9 "-$1"'  # `read` ends with the pipe, and the pipe with us
    return subprocess.Popen(["sh", "-c", script, "sh", str(group)], stdin=subprocess.PIPE, start_new_session=True)


def _end(process: subprocess.Popen[bytes] | warm.Forked) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):  # the whole group may be gone already
            os.killpg(process.pid, number)
            os.killpg(process.pid, signal.SIGCONT)  # one that is paused does not hear of it otherwise
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
        break
    if process.stdin is not None:
        process.stdin.close()


@atexit.register
def _stop_all() -> None:
    for server in list(_running):
        server.stop()
    warm.stop_all()
