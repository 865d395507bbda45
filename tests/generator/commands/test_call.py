"""`spacegen call` against real servers: what it prints where, exit codes, and what it leaves behind."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from spacegen import pipeline
from spacegen.calling.result import Links, Printer
from spacegen.calling.status import Status
from spacegen.commands import main as cli
from spacegen.loading import opened
from spacegen_runtime import Log, ProgressUnit
from spacegen_runtime import Status as JobStatus
from support.servers import Servers
from support.terminals import shown_on
from support.waiting import until

SPACEGEN = [sys.executable, "-c", "from spacegen.commands.main import main; main()"]
APPS = ("text", "streaming", "files", "chat", "errors", "kitchen")


@pytest.fixture(scope="module")
def packages(server: Servers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package for each app."""
    folder = tmp_path_factory.mktemp("packages")
    for app in APPS:
        pipeline.generate(server(app).url, output=folder, name=f"my_{app}")
    return folder


@pytest.fixture(autouse=True)
def here(packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the packages beside it; nothing of the machine's own gets in."""
    for app in APPS:
        (tmp_path / f"my_{app}").symlink_to(packages / f"my_{app}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(cli.main, ["call", *words], prog_name="spacegen", **options)


def printed(*words: str, **options: Any) -> str:
    result = run(*words, **options)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["my_text", "/echo", "text=[1]"], "[1]\n"),
        (["my_text", "fast", "text=a\nb"], "a\nb\n"),
        (["my_text", "/add", "a=2"], "3.0\n"),
        (["my_text", "/hello"], "hello\n"),
        (["my_text", "/hello", "--json"], '"hello"\n'),
        (["my_text", "/echo", "text=\u00e9"], "\u00e9\n"),
        (["my_text", "/echo", "text=\u00e9", "--json"], '"\\u00e9"\n'),
        (
            ["my_text", "/order", "size=small", "count=2", "extras=milk", "extras=sugar"],
            "2 x small with milk, sugar\n",
        ),
        (["my_text", "/forget", "text=x"], ""),
        (["my_text", "/forget", "text=x", "--json"], "null\n"),
        (["my_text/spacegen.json", "/hello"], "hello\n"),
        (["my_text/", "/hello", "--timeout", "60"], "hello\n"),
        (["my_chat", "/reply", "message=hi", "history=[]", "--json"], None),
    ],
)
def test_results(words: list[str], expected: str | None) -> None:
    shown = printed(*words)
    assert shown == expected or (expected is None and json.loads(shown))


def test_several_results_are_an_object() -> None:
    shown = json.loads(printed("my_text", "/greet", "name=Ada", "excited=true"))
    assert shown == {"greeting": "Hello, Ada!", "fahrenheit": 41.0}


def test_models_are_json_as_the_server_sent_it() -> None:
    shown = json.loads(printed("my_kitchen", "/classify", "text=something"))
    assert shown["label"] == "long"
    assert {entry["label"]: entry["confidence"] for entry in shown["confidences"]} == {"long": 0.75, "short": 0.25}


def test_standard_input() -> None:
    assert printed("my_text", "/echo", "text=-", input="from a pipe\n") == "from a pipe\n"


def test_a_source_is_called_without_a_trace(server: Servers, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = here / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = sorted(here.iterdir())
    assert printed(server("text").url, "/echo", "text=x") == "x\n"
    assert run(server("text").url, "/none").exit_code == 2
    assert run(server("errors").url, "/refuse", "text=x").exit_code == 1
    assert sorted(here.iterdir()) == before
    assert list(scratch.iterdir()) == []


def test_the_other_way_of_pointing_a_package(server: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEGEN_MY_TEXT_SOURCE", "http://127.0.0.1:9")
    result = run("my_text", "/hello")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "127.0.0.1:9" in result.stderr


# Files.


def test_files_in_and_out(here: Path, server: Servers) -> None:
    Path("a.txt").write_text("one")
    Path("b.txt").write_text("two")
    assert printed("my_files", "/join", "files=@a.txt", "files=@b.txt", "separator=+") == "one+two\n"
    link = printed("my_files", "/shout", "file=@a.txt").strip()
    assert link.startswith(f"{server('files').url}/gradio_api/file=/")
    assert printed("my_files", "/shout", "file=@a.txt", "-o", "out") == "out/shout.txt\n"
    assert printed("my_files", "/shout", "file=@b.txt", "-o", "out") == "out/shout-2.txt\n"
    assert [path.read_text() for path in sorted(Path("out").iterdir())] == ["TWO", "ONE"]
    assert json.loads(printed("my_files", "/split", "text=a b", "-o", "out")) == ["out/0.txt", "out/1.txt"]
    assert json.loads(printed("my_files", "/measure", "file=-", input=b"12345"))["bytes"] == 5
    assert printed("my_chat", "/look", 'message={"text": "x", "files": ["@a.txt"]}') == "x: [3]\n"


def test_the_one_file_of_a_result_goes_to_standard_output(here: Path) -> None:
    Path("a.txt").write_text("one")
    assert printed("my_files", "/shout", "file=@a.txt", "-o", "-") == "ONE"
    result = run("my_files", "/split", "text=a b", "-o", "-")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        "The result holds 2 files, and -o - prints exactly one. Name a folder: -o DIR. The files are at: http"
        in result.stderr
    )
    assert printed("my_text", "/echo", "text=hi", "-o", "-") == "hi\n"  # a result without a file is text anyway


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize(
    "words", [["my_text", "/echo", "text=hi"], ["my_files", "/shout", "file=@a.txt", "-o", "-"]]
)
def test_a_result_that_cannot_be_written_is_told(here: Path, words: list[str]) -> None:
    (here / "a.txt").write_text("one")
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [*SPACEGEN, "call", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 2
    assert "Cannot write to standard output: No space left on device." in result.stderr


def test_what_is_no_source_is_not_understood() -> None:
    result = run("nowhere", "/x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'nowhere' is not a source that spacegen knows" in result.stderr


def test_a_stream_that_nobody_reads_is_cancelled(slow: Callable[..., subprocess.Popen[bytes]], here: Path) -> None:
    process = slow("my_streaming")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == 141
    assert (here / "mark").read_text().splitlines()[-1] == "stopped"


def test_quiet_says_nothing_to_the_side() -> None:
    result = run("my_streaming", "/log", "text=fire", "-q")
    assert (result.exit_code, result.output) == (0, "fire\n")


def test_a_folder_that_cannot_be_made(here: Path) -> None:
    (here / "file").write_text("")
    result = run("my_files", "/split", "text=a", "-o", "file/x")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "Cannot make file/x" in result.stderr


# Steps.


def test_text_that_grows_is_continued() -> None:
    assert printed("my_streaming", "/story") == "Once upon a time\n"


def test_steps_as_json_lines() -> None:
    lines = printed("my_streaming", "/story", "--json").splitlines()
    assert [json.loads(line) for line in lines] == ["Once", "Once upon", "Once upon a", "Once upon a time"]
    assert [float(line) for line in printed("my_streaming", "/count", "steps=3").splitlines()] == [0, 1, 2]


def test_progress_and_logs_go_to_standard_error() -> None:
    result = run("my_streaming", "/progress", "steps=2")
    assert result.stdout == "2 steps\n"
    assert "spacegen: Step 2 2/2 steps" in result.stderr.splitlines()
    result = run("my_streaming", "/log", "text=fire")
    assert result.stdout == "fire\n"
    assert result.stderr.splitlines() == ["spacegen: info: about fire", "spacegen: warning: careful with fire"]


# What is not understood, and what fails.


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["my_text"], "Say which endpoint to call:\n  /echo\n"),
        (["my_text", "/ech", "text=x"], "There is no endpoint /ech; did you mean /echo?\n"),
        (
            ["my_text", "/echo", "txt=x"],
            "/echo takes no txt; did you mean text?\n/echo takes\n  text: str    Text\n",
        ),
        (["my_text", "/echo"], "/echo also needs text.\n"),
        (["my_text", "/echo", "=x"], "'=x' is not of the form name=value.\n"),
        (["my_text", "/greet", "name=Ada", "excited=yes"], "'yes' is not of type bool; write true or false.\n"),
        (["my_text", "/order", "size=huge"], "size: 'huge' is not one of small, large.\n"),
        (["my_text", "/echo", "text=x", "--timeout", "0"], "--timeout"),
        ([], "Missing argument 'SOURCE|PACKAGE'"),
    ],
)
def test_usage(words: list[str], expected: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["my_errors", "/refuse", "text=x"], "/refuse: cannot do 'x' at all"),
        (["my_streaming", "/sleep", "seconds=30", "--timeout", "0.5"], "/sleep: "),
        (["my_files", "/shout", "file=http://127.0.0.1:9/a.txt"], "/shout: "),
    ],
)
def test_failures_are_one_line(words: list[str], expected: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("spacegen: error: ")
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


def test_steps_before_a_failure_stay() -> None:
    result = run("my_errors", "/crash_later", "text=x")
    assert (result.exit_code, result.stdout) == (1, "x 1\nx 2")
    assert "third step failed" in result.stderr


def test_an_odd_result_is_a_warning() -> None:
    result = run("my_errors", "/off_schema", "text=up")
    assert (result.exit_code, result.stdout) == (0, "up\n")
    assert result.stderr.startswith("spacegen: warning: ")


def test_a_login(server: Servers, here: Path) -> None:
    url = server("text", auth=("ada", "secret")).url
    assert "asks for a login" in run(url, "/hello").stderr
    assert printed(url, "/hello", "--auth", "ada:secret") == "hello\n"
    pipeline.generate(url, output=here, name="guarded", auth=("ada", "secret"))
    assert run("guarded", "/hello").stderr == (
        "spacegen: error: /hello: the app asks for a login. Pass --auth USER:PASSWORD."
        " For a private Space, pass --token.\n"
    )
    assert printed("guarded", "/hello", "--auth", "ada:secret") == "hello\n"


# Packages.


def test_a_copy_of_the_runtime_is_used(server: Servers, here: Path) -> None:
    pipeline.generate(server("text").url, output=here, name="whole", vendor=True)
    with opened("whole", token=None, auth=None) as package:
        assert package.runtime.__name__.endswith("whole._runtime")
    assert printed("whole", "/hello") == "hello\n"


def test_neighbours_of_a_package_are_not_imported(here: Path) -> None:
    (here / "httpx.py").write_text("raise SystemExit('imported a neighbour')")
    # As the command's own script does, Python does not look for modules in this folder.
    code = "import sys; sys.path.remove(''); from spacegen.commands.main import main; main()"
    words = [sys.executable, "-c", code, "call", "my_text", "/hello"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr


def test_a_package_that_cannot_be_imported(packages: Path, here: Path) -> None:
    broken = here / "broken"
    broken.mkdir()
    (broken / "spacegen.json").write_bytes((packages / "my_text/spacegen.json").read_bytes())
    for code, expected in (
        ("1 +", "SyntaxError"),
        ("import not_installed", "needs not_installed"),
        ("import spacegen_runtime.nothing", "needs spacegen_runtime.nothing"),
    ):
        (broken / "__init__.py").write_text(code)
        result = run("broken", "/hello")
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert expected in result.stderr


@pytest.mark.parametrize("source", ["my_text", "http://127.0.0.1:9"])
def test_without_the_runtime(source: str) -> None:
    code = (
        "import sys; sys.modules['spacegen_runtime'] = None\n"
        f"sys.argv = ['spacegen', 'call', {source!r}, '/hello']\n"
        "from spacegen.commands.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "spacegen: error: Calling needs the runtime, which is not installed. "
        'Install it: pip install "spacegen[call]"\n'
    )


def test_help_imports_nothing_heavy() -> None:
    heavy = {"httpx", "black", "jinja2", "huggingface_hub", "rich", "pydantic", "spacegen_runtime"}
    for words in ("call --help", "search --help", "duplicate --help", "completion bash"):
        code = (
            f"import sys; sys.argv = ['spacegen', *{words.split()!r}]\n"
            "from spacegen.commands.main import main\n"
            "try: main()\n"
            f"finally: assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


# Interrupts.


@pytest.fixture
def slow(server: Servers, here: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a call that takes long, and wait for its first step."""
    started: list[subprocess.Popen[bytes]] = []

    def start(source: str) -> subprocess.Popen[bytes]:
        words = ["call", source, "/slow_async", "steps=600", "seconds=0.05", f"mark={here / 'mark'}"]
        process = subprocess.Popen(
            [*SPACEGEN, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(here)},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_cancels_the_job(
    slow: Callable[..., subprocess.Popen[bytes]], here: Path, server: Servers, number: int, code: int
) -> None:
    process = slow(server("streaming").url)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors == (b"spacegen: interrupted; the call is cancelled\n" if code == 130 else b"")
    assert (here / "mark").read_text().splitlines()[-1] == "stopped"
    assert not list(here.glob("spacegen-call-*"))


# Terminals.


def on_terminal(*words: str, only_errors: bool = False) -> str:
    """Run the command on a terminal of its own and return what it showed there."""
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    main, side = pty.openpty()
    process = subprocess.Popen(
        [*SPACEGEN, "call", *words],
        stdin=side,
        stdout=subprocess.PIPE if only_errors else side,
        stderr=side,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "120"},
    )
    os.close(side)
    shown = shown_on(main)
    process.communicate(timeout=30)
    assert process.returncode == 0, shown
    return shown.decode()


def test_a_bar_on_a_terminal() -> None:
    shown = on_terminal("my_streaming", "/progress", "steps=3")
    assert "\u2501" in shown
    # The server drops progress that came between two looks at it, so which steps show is not certain.
    assert re.search(r"Step [123]", shown)
    assert shown.rstrip().endswith("3 steps")


def test_steps_and_logs_on_a_terminal() -> None:
    assert on_terminal("my_streaming", "/story").rstrip().endswith("Once upon a time")
    assert "spacegen: warning: careful with fire" in on_terminal("my_streaming", "/log", "text=fire")
    assert "\u2501" in on_terminal("my_streaming", "/progress", "steps=2", only_errors=True)


def test_a_file_that_is_saved_is_shown_meanwhile(here: Path) -> None:
    Path("a.txt").write_text("one")
    words = ("my_files", "/shout", "file=@a.txt", "-o", "out")
    assert "saving shout.txt" in on_terminal(*words, only_errors=True)
    assert "saving" not in run(*words).stderr


def test_nothing_of_a_space_reaches_a_terminal_raw() -> None:
    for words in (
        ["my_text", "/echo", "text=\x1b[2J\u202ex"],
        ["my_streaming", "/log", "text=\x1b[2J\u202ex"],
        ["my_streaming", "/story", "start=\x1b[2J\u202ex"],
        ["my_text", "/defaults", "text=\x1b[2J\u202ex"],
    ):
        shown = on_terminal(*words)
        assert "x" in shown
        for raw in ("\x1b[2J", "\u202e"):
            assert raw not in shown, words
    # A pipe gets what the Space said, byte for byte.
    assert printed("my_text", "/echo", "text=\x1b[2J") == "\x1b[2J\n"


# The parts.


def test_what_is_told_about_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    status = Status(Printer(wants_json=False, file_text=str), streams=False)
    job = SimpleNamespace(logs=[], outputs=list)

    def tell(**words: Any) -> list[str]:
        job.status = lambda: JobStatus(**words)
        status.update(job)
        return [line.removeprefix("spacegen: ") for line in capsys.readouterr().err.splitlines()]

    assert tell() == []
    status.uploaded(500, 1000)
    assert tell() == []
    status.uploaded(1_000_000, 3_000_000)
    assert tell() == ["sending 1.0 of 3.0 MB"]
    assert tell(stage="queued", position=2, eta=12.3) == ["queued behind 2 jobs, about 12 s"]
    assert tell(stage="queued", position=2, eta=11.9) == []
    assert tell(stage="queued", position=1) == ["queued behind 1 job"]
    assert tell(stage="queued", position=0, eta=0.1) == []
    assert tell(stage="queued", position=0, eta=5.0) == ["next in the queue, about 5 s"]
    assert tell(stage="running") == []
    assert tell(stage="running", progress=(ProgressUnit(desc="Load", progress=0.5),)) == ["Load 50%"]
    assert tell(stage="running", progress=(ProgressUnit(desc="Load", progress=0.52),)) == []
    job.logs = [Log("<b>hot</b>", "warning", "Look")]
    assert tell(stage="running", progress=(ProgressUnit(index=3, length=10, unit="steps"),)) == [
        "warning: Look: hot",
        "3/10 steps",
    ]
    status.stage("APP_STARTING")
    assert capsys.readouterr().err == "spacegen: the Space is app starting; waiting\n"


def test_text_that_is_replaced_begins_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer(wants_json=False, file_text=str)
    for step in ("Thin", "Thinking", "Answer", {"a": None}, "Bye \ud800"):
        printer.step(step)
    printer.close()
    assert capsys.readouterr().out == 'Thinking\nAnswer\n{"a": null}\nBye \\ud800\n'


def test_links_to_files() -> None:
    link = Links("https://host/app", "/gradio_api")
    file = SimpleNamespace(path="/tmp/a #1%.txt", url="https://wrong/x", is_stream=False)
    assert link(file) == "https://host/app/gradio_api/file=/tmp/a%20%231%25.txt"
    assert link(SimpleNamespace(path="https://else/x.png", url=None, is_stream=False)) == "https://else/x.png"
    assert link(SimpleNamespace(path="", url="data:,x", is_stream=False)) == "data:,x"
    assert link(SimpleNamespace(path="p", url="https://host/stream/1", is_stream=True)) == "https://host/stream/1"


def test_behind_other_jobs(server: Servers, here: Path) -> None:
    """The queue of a real server: the last of three calls of an endpoint that runs one at a time."""
    server("streaming")
    gate = here / "gate"
    os.mkfifo(gate)  # to note its start there, a job waits until somebody reads
    with opened("my_streaming", token=None, auth=None) as package:
        jobs = [package.module.alone.submit(seconds=0, mark=str(gate)) for _ in range(2)]
        until(lambda: all(job.status().stage != "sending" for job in jobs))
        words = ["call", "my_streaming", "/alone", "seconds=0", f"mark={here / 'last'}"]
        process = subprocess.Popen([*SPACEGEN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        assert "queued behind" in process.stderr.readline()
        held = os.open(gate, os.O_RDWR)  # which waits for nobody
        assert process.communicate(timeout=60)[0] == "slept 0\n"
        assert [job.result(60) for job in jobs] == ["slept 0", "slept 0"]
        os.close(held)
